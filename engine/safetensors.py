"""The safetensors format: a header of names, dtypes, shapes and places in JSON, then the numbers. Nothing can be run.

Found as `safetensors.torch` and `safetensors`, too. (https://github.com/huggingface/safetensors: 8 bytes with the
length of the header, the header, the tensors one after the other.)
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from engine import array, memory
from engine.family import own
from engine.tensor import Tensor, wrap

_NAMES = {
    array.float64: "F64", array.float32: "F32", array.float16: "F16", array.bfloat16: "BF16", array.int64: "I64",
    array.int32: "I32", array.int16: "I16", array.int8: "I8", array.uint8: "U8", array.bool_: "BOOL",
    array.uint16: "U16", array.uint32: "U32", array.uint64: "U64", array.complex64: "C64",
}  # fmt: skip
_DTYPES = {name: dtype for dtype, name in _NAMES.items()}
_MOST = 100_000_000  # bytes of header that a reader accepts


class SafetensorError(Exception):
    """A file that is not in the format."""


def save(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """The tensors, by name, as the bytes of a file."""
    _check(tensors)
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    parts, at = [], 0
    # The widest first, so that each begins at a multiple of its width; then by name.
    for name in sorted(tensors, key=lambda name: (-_order(tensors[name].dtype), name)):
        t = tensors[name]
        host = array.moved(own(t), "cpu")
        part = host.tobytes()
        header[name] = {"dtype": _NAMES[t.dtype], "shape": list(host.shape), "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(parts)


_BY_WIDTH = ["BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64"]


def _order(dtype: array.dtype) -> int:
    return _BY_WIDTH.index(_NAMES[dtype])


def _check(tensors: Any) -> None:
    if not isinstance(tensors, Mapping):
        raise ValueError(f"Expected a dict of [str, torch.Tensor] but received {type(tensors)}")
    places: dict[int, list[str]] = {}
    for name, t in tensors.items():
        if not isinstance(t, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected torch.Tensor but received {type(t)}")
        if t.dtype not in _NAMES:
            raise ValueError(f"{t.dtype} has no name in safetensors")
        x = own(t)
        if x.size:
            places.setdefault(memory.address_of(memory.storage_of(x)), []).append(name)
    failing = [set(names) for names in places.values() if len(names) > 1 and _overlap([own(tensors[n]) for n in names])]
    if failing:
        raise RuntimeError(
            "\n            Some tensors share memory, this will lead to duplicate memory on disk and potential "
            f"differences when loading them again: {failing}.\n            A potential way to correctly save your "
            "model is to use `save_model`.\n            More information at "
            "https://huggingface.co/docs/safetensors/torch_shared_tensors\n            "
        )
    for name, t in tensors.items():
        if not t.is_contiguous():
            raise ValueError(
                f"You are trying to save a non contiguous tensor: `{name}` which is not allowed. It either means you "
                "are trying to save tensors which are reference of each other in which case it's recommended to save "
                "only the full tensors, and reslice at load time, or simply call `.contiguous()` on your tensor to "
                "pack it before saving."
            )


def _overlap(arrays: list[Any]) -> bool:
    reaches = sorted((memory.address_of(x), memory.address_of(x) + x.nbytes) for x in arrays)
    return any(second[0] < first[1] for first, second in pairwise(reaches))


def save_file(tensors: Mapping[str, Tensor], filename: Any, metadata: Mapping[str, str] | None = None) -> None:
    """Write the tensors, by name, to a file."""
    data = save(tensors, metadata)
    with open(filename, "wb") as file:
        file.write(data)


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header, and where the numbers begin."""
    if len(data) < 8:
        raise SafetensorError("Error while deserializing: header too small")
    length = int.from_bytes(data[:8], "little")
    if length > _MOST:
        raise SafetensorError("Error while deserializing: header too large")
    if 8 + length > len(data):
        raise SafetensorError("Error while deserializing: invalid header length")
    try:
        header = json.loads(data[8 : 8 + length].decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SafetensorError(f"Error while deserializing: invalid UTF-8 in header: {error}") from None
    except json.JSONDecodeError as error:
        raise SafetensorError(f"Error while deserializing: invalid JSON in header: {error}") from None
    if not isinstance(header, dict):
        raise SafetensorError("Error while deserializing: invalid JSON in header: not an object")
    return header, 8 + length


def _tensor(data: bytes, begin: int, name: str, entry: Any, device: Any) -> Tensor:
    try:
        dtype, shape, (first, last) = _DTYPES[entry["dtype"]], entry["shape"], entry["data_offsets"]
        part = bytearray(data[begin + first : begin + last])
        if len(part) != last - first:
            raise ValueError("incomplete")
        host = np.frombuffer(part, dtype.numpy).reshape(shape)
    except (KeyError, TypeError, ValueError) as error:
        raise SafetensorError(f"Error while deserializing: tensor {name!r} is not valid ({error})") from None
    return wrap(array.moved(host, device))


def load(data: bytes, device: Any = "cpu") -> dict[str, Tensor]:
    """The tensors, by name, in the bytes of a file."""
    header, begin = _header(data)
    return {name: _tensor(data, begin, name, entry, device) for name, entry in header.items() if name != "__metadata__"}


def load_file(filename: Any, device: Any = "cpu") -> dict[str, Tensor]:
    """The tensors, by name, in a file."""
    with open(filename, "rb") as file:
        return load(file.read(), device)


def save_model(
    model: Any, filename: Any, metadata: Mapping[str, str] | None = None, force_contiguous: bool = True
) -> None:
    """Write a module's state; of names that share memory the first in the alphabet stands for all."""
    kept: dict[int, str] = {}
    notes, tensors = dict(metadata or {}), {}
    for name, t in sorted(model.state_dict().items()):
        first = kept.setdefault(memory.address_of(own(t)), name) if t.numel() else name
        if first == name:
            tensors[name] = t.contiguous() if force_contiguous else t
        else:
            notes[name] = first
    save_file(tensors, filename, notes)


def load_model(model: Any, filename: Any, strict: bool = True, device: Any = "cpu") -> tuple[list[str], list[str]]:
    """Read a module's state back; the names that it lacks and those that it does not know."""
    tensors = load_file(os.fspath(filename), device)
    kept: dict[int, str] = {}
    for name, t in sorted(model.state_dict().items()):
        first = kept.setdefault(memory.address_of(own(t)), name) if t.numel() else name
        if name not in tensors and first in tensors:
            tensors[name] = tensors[first]
    keys = model.load_state_dict(tensors, strict=strict)
    return list(keys.missing_keys), list(keys.unexpected_keys)


class safe_open:
    """A file that gives one tensor at a time: `keys()`, `get_tensor(name)`, `get_slice(name)`, `metadata()`."""

    def __init__(self, filename: Any, framework: str = "pt", device: Any = "cpu") -> None:
        with open(filename, "rb") as file:
            self._data = file.read()
        self._device = device
        self._header, self._begin = _header(self._data)

    def __enter__(self) -> safe_open:
        return self

    def __exit__(self, *_: Any) -> None:
        self._data = b""

    def metadata(self) -> dict[str, str] | None:
        """The notes in the header."""
        return self._header.get("__metadata__")

    def keys(self) -> list[str]:
        """The names."""
        return sorted(name for name in self._header if name != "__metadata__")

    def get_tensor(self, name: str) -> Tensor:
        """One tensor."""
        if name not in self._header:
            raise SafetensorError(f"File does not contain tensor {name}")
        return _tensor(self._data, self._begin, name, self._header[name], self._device)

    get_slice = get_tensor


torch = sys.modules[__name__]  # `import safetensors.torch` finds the module itself
