"""One error input of PyTorch's table, given to both libraries: the class of what they raise, and its sentence."""

from __future__ import annotations

import builtins
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch

import engine
from tests.engine.tables.translate import NotOurs, function, translate

# Error inputs that are not compared, by the entry's name and a piece of PyTorch's sentence, and why.
OTHERWISE: dict[tuple[str, str], str] = {
    ("cat", "resize storage that is not resizable"): "memory that NumPy has is not resized here, but replaced",
}


def inputs(entry: Any) -> Iterator[Any]:
    """The error inputs that an entry has on the CPU."""
    if entry.error_inputs_func is not None:
        torch.manual_seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from entry.error_inputs("cpu")


def difference(entry: Any, given: Any) -> str | None:
    """How the two libraries disagree on an error input, in words; None where they agree, or it is none of ours."""
    sample = given.sample_input
    theirs = (sample.input, *sample.args)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            shared = Shared()
            ours, options = shared.translate(theirs), shared.translate(sample.kwargs)
        except NotOurs:
            return None
        want = _raised(lambda: entry.op(*theirs, **sample.kwargs))
        if want is None or any(entry.name == name and piece in str(want) for name, piece in OTHERWISE):
            return None
        got = _raised(lambda: function(entry)(*ours, **options))
    first = str(want).split("\n")[0]
    if got is None:
        return f"does not raise {want!r}"
    if _ancestor(got) is not _ancestor(want):
        return f"raises {got!r} instead of {type(want).__name__}: {first}"
    if not re.search(given.error_regex, str(got)):
        return f"says {str(got)!r} instead of {first!r}, of which {given.error_regex!r} is expected"
    return None if _plain(str(got)).startswith(_plain(first)) else f"says {str(got)!r} instead of {first!r}"


def _raised(call: Callable[[], Any]) -> Exception | None:
    try:
        call()
    except Exception as error:
        return error
    return None


def _ancestor(error: Exception) -> type:
    """The class of Python's own that an error is of."""
    return next(each for each in type(error).__mro__ if getattr(builtins, each.__name__, None) is each)


def _plain(text: str) -> str:
    """A sentence without the full stop that ends it, and without numbers that change from run to run."""
    return re.sub(r"0x[0-9a-f]+", "0x", text).rstrip(". ")


class Shared:
    """The translation of tensors that keeps what memory they share, and so what overlaps."""

    def __init__(self) -> None:
        self.made: dict[int, Any] = {}
        self.stored: dict[int, Any] = {}

    def translate(self, value: Any) -> Any:
        """A value as the engine has it."""
        if isinstance(value, torch.Tensor):
            return self.tensor(value)
        if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
            items = [self.translate(each) for each in value]
            return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
        if isinstance(value, dict):
            return {name: self.translate(each) for name, each in value.items()}
        return translate(value)

    def tensor(self, value: torch.Tensor) -> Any:
        """The same view of the same memory."""
        if value.layout is not torch.strided or value.is_quantized or value.is_nested or value.device.type != "cpu":
            raise NotOurs
        if value.ndim > 64:  # NumPy has no more axes
            raise NotOurs
        if id(value) not in self.made:
            plain = value.detach().resolve_conj().resolve_neg()
            storage = plain.untyped_storage()
            if plain.numel() and not storage.nbytes():  # a tensor without its memory
                raise NotOurs
            if storage.data_ptr() not in self.stored or not storage.data_ptr():
                whole = torch.empty(0, dtype=plain.dtype).set_(storage)  # type: ignore[call-overload]
                self.stored[storage.data_ptr()] = storage, translate(whole)
            flat = self.stored[storage.data_ptr()][1]
            view = engine.as_strided(flat, tuple(plain.shape), plain.stride(), plain.storage_offset())
            self.made[id(value)] = view.detach().requires_grad_(value.requires_grad)
        return self.made[id(value)]
