"""`save` and `load`: PyTorch's own files, a zip of one pickle and the storages, under the weights-only rule.

What a file says is never run: `engine.pickling` reads it by a table of names. Old files, from before the zip, are read
too. (The layout is that of `torch/serialization.py` and `caffe2/serialize/inline_container.h`.)
"""

from __future__ import annotations

import io
import os
import pickletools
import struct
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import IO, Any

import numpy as np

from engine import array, old_files
from engine.file_options import (
    LoadEndianness,
    SourceChangeWarning,
    assumed_order,
    get_crc32_options,
    get_default_load_endianness,
    only_weights,
    set_crc32_options,
    set_default_load_endianness,
)
from engine.old_files import MAGIC_NUMBER, PROTOCOL_VERSION
from engine.pickling import Reader, UnpicklingError, Writer
from engine.rebuild import Kept, Names, known_names
from engine.storage import TypedStorage

__all__ = [
    "DEFAULT_PROTOCOL",
    "MAGIC_NUMBER",
    "PROTOCOL_VERSION",
    "LoadEndianness",
    "SourceChangeWarning",
    "add_safe_globals",
    "clear_safe_globals",
    "default_restore_location",
    "get_crc32_options",
    "get_default_load_endianness",
    "get_safe_globals",
    "get_unsafe_globals_in_checkpoint",
    "load",
    "location_tag",
    "safe_globals",
    "save",
    "set_crc32_options",
    "set_default_load_endianness",
    "skip_data",
]

_ALIGNED = 64  # bytes: where the contents of each record begin
DEFAULT_PROTOCOL = 2
_PRE = (
    "Weights only load failed. In PyTorch 2.6, we changed the default value of the `weights_only` argument in "
    "`torch.load` from `False` to `True`. "
)
_BROKEN = (
    "PytorchStreamReader failed reading zip archive: {}. This is an internal miniz error. If you are seeing this "
    "error, there is a high likelihood that your checkpoint file is corrupted. This can happen if the checkpoint was "
    "not saved properly, was transferred incorrectly, or the file was modified after saving."
)
_NOT_ALLOWED = "was not an allowed global by default"
_UNENDED = "failed finding central directory"
_END = 22  # bytes: the least that a zip ends with
_DOCS = (
    "\n\nCheck the documentation of torch.load to learn more about types accepted by default with weights_only "
    "https://pytorch.org/docs/stable/generated/torch.load.html."
)

_safe: dict[str, Any] = {}


def save(
    obj: Any, f: Any, pickle_module: Any = None, pickle_protocol: int = 2, _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:  # fmt: skip
    """Write an object (tensors, state_dicts, plain data, modules) to a file, given by name or open."""
    if not isinstance(f, (str, os.PathLike)) and not hasattr(f, "write"):
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
    kept = Kept(old=not _use_new_zipfile_serialization)
    pickled = Writer(kept.describe).dump(obj)
    if _skipping.get():
        if not _use_new_zipfile_serialization:
            raise RuntimeError("Cannot use skip_data=True with _use_new_zipfile_serialization=False")
        kept.flats = [np.zeros_like(flat) for flat in kept.flats]
    flats = [array.moved(flat, "cpu") for flat in kept.flats]
    root = "archive"
    if isinstance(f, (str, os.PathLike)):
        root = os.path.splitext(os.path.basename(os.fspath(f)))[0] or root
        above = os.path.dirname(os.fspath(f))
        if above and _use_new_zipfile_serialization and not os.path.isdir(above):
            raise RuntimeError(f"Parent directory {above} does not exist.")
    with open(f, "wb") if isinstance(f, (str, os.PathLike)) else nullcontext(f) as file:
        if _use_new_zipfile_serialization:
            _write(file, root, pickled, flats)
        else:
            old_files.write(file, pickled, flats)
        if hasattr(file, "flush"):  # so that the file can be read by its name while it is still open
            file.flush()


def _write(file: IO[bytes], root: str, pickled: bytes, flats: Sequence[Any]) -> None:
    whole = io.BytesIO()
    contents = [np.ascontiguousarray(flat).view(np.uint8).data for flat in flats]
    with zipfile.ZipFile(whole, "w") as archive:
        records: list[tuple[str, Any]] = [
            ("data.pkl", pickled), (".format_version", b"1"), (".storage_alignment", b"64"),
            ("byteorder", sys.byteorder.encode()),
            *((f"data/{i}", content) for i, content in enumerate(contents)),
            ("version", b"3\n"), (".data/serialization_id", b"0" * 40),
        ]  # fmt: skip
        for name, data in records:
            entry = zipfile.ZipInfo(f"{root}/{name}")
            # A field that readers skip moves the contents to a round place, so that a file can be mapped.
            begin = whole.tell() + 30 + len(entry.filename.encode()) + 4
            padding = -begin % _ALIGNED
            entry.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
            archive.writestr(entry, data)
    file.write(whole.getvalue())


def load(
    f: Any, map_location: Any = None, pickle_module: Any = None, *, weights_only: bool | None = None, mmap: Any = None,
    **pickle_load_args: Any,
) -> Any:  # fmt: skip
    """Read what `save`, here or in PyTorch, wrote to a file, given by name or open.

    Only tensors, plain data and what `add_safe_globals` allows is made; with `weights_only=False` NumPy's arrays, a few
    more kinds of data, modules whose classes are there already, and bare objects of the program's own classes.
    """
    strict = only_weights(weights_only, pickle_module)
    if strict and pickle_load_args:
        warnings.warn("pickle_load_args only works if `weights_only=False`.", UserWarning, stacklevel=2)
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            data = file.read()
    else:
        if not hasattr(f, "seek") or not hasattr(f, "read"):
            raise AttributeError(
                f"'{type(f).__name__}' object has no attribute 'seek'. You can only torch.load from a file that is "
                "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead."
            )
        if mmap:
            raise ValueError("f must be a file path in order to use the mmap argument")
        begin = f.tell()
        data = f.read()
    place = _mapped(map_location)
    find = Names(_safe, modules=not strict)
    try:
        if _is_zipfile(io.BytesIO(data)):
            return _from_zip(data, find, place)
        result, end = old_files.read(data, find, place)
        if not isinstance(f, (str, os.PathLike)):
            f.seek(begin + end)  # where another may follow
        return result
    except zipfile.BadZipFile:
        raise RuntimeError(_BROKEN.format(_UNENDED if len(data) > _END else "not a ZIP archive")) from None
    except UnpicklingError as error:
        operand = str(error).removeprefix("Unsupported operand ")
        if not strict and operand.isdigit():  # a trusted file that is no pickle
            raise UnpicklingError(f"invalid load key, {chr(int(operand))!r}.") from None
        raise _weights_only(str(error)) from None


def _is_zipfile(f: IO[bytes]) -> bool:
    begin = f.tell()
    found = f.read(4) == b"PK\x03\x04"
    f.seek(begin)
    return found


def _weights_only(reason: str) -> UnpicklingError:
    if _NOT_ALLOWED not in reason:
        more = (
            "Re-running `torch.load` with `weights_only` set to `False` will likely succeed, but it can result in "
            "arbitrary code execution. Do it only if you got the file from a trusted source.\n"
        )
        said = "\n\n" if "is blocked" in reason else "WeightsUnpickler error: \n\n"
        return UnpicklingError(_PRE + more + said + reason + _DOCS)
    return UnpicklingError(
        "Weights only load failed. This file can still be loaded, to do so you have two options, \033[1mdo those steps "
        "only if you trust the source of the checkpoint\033[0m. \n"
        "\t(1) With `weights_only=False` arrays are made, too, and modules if their classes are imported already; no "
        "other code that a file names is run here. The usual way is to save and load a state_dict().\n"
        "\t(2) Alternatively, to load with `weights_only=True` please check the recommended steps in the following "
        f"error message.\n\tWeightsUnpickler error: {reason}{_DOCS}"
    )


Place = Callable[[Any, str], Any]


def _from_zip(data: bytes, find: Any, place: Place) -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name.partition("/")[2]: name for name in archive.namelist()}
        if "data.pkl" not in entries:
            raise RuntimeError("PytorchStreamReader failed locating file data.pkl: file not found")
        order = archive.read(entries["byteorder"]).decode() if "byteorder" in entries else assumed_order()
        swapped = order != sys.byteorder
        made: dict[str, Any] = {}

        def stored(parts: Any) -> Any:
            word, kind, key, location, _ = parts
            if word != "storage":
                raise UnpicklingError(f"Only persistent_load of storage is allowed, but got {word}")
            if key not in made:
                held = bytearray(archive.read(entries[f"data/{key}"]))
                flat = np.frombuffer(held if not _skipping.get() else bytearray(len(held)), kind.numpy)
                made[key] = place(TypedStorage._over(flat.byteswap() if swapped else flat), location)
            return made[key]

        return Reader(archive.read(entries["data.pkl"]), find, stored).load()


def _mapped(map_location: Any) -> Place:
    """Where storages go: a function of a storage and the location that it was saved from."""

    def at(storage: Any, where: Any) -> Any:
        try:
            target = array.device(where)
        except RuntimeError:
            raise RuntimeError(
                f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {where})"
            ) from None
        if target.type == "cuda" and not array.gpus():
            raise RuntimeError(
                "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are "
                "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map "
                "your storages to the CPU."
            )
        return TypedStorage._over(array.moved(storage._flat, target))

    if map_location is None:
        return at
    if isinstance(map_location, dict):
        return lambda storage, where: at(storage, map_location.get(where, where))
    if isinstance(map_location, (str, array.device)):
        return lambda storage, where: at(storage, map_location)

    def chosen(storage: Any, where: str) -> Any:
        given = map_location(storage.untyped(), where)
        if given is None:
            return at(storage, where)
        return TypedStorage._over(given._flat.view(storage._flat.dtype))

    return chosen


def location_tag(storage: Any) -> str:
    """What a file says of where a storage was."""
    return str(storage.device)


def default_restore_location(storage: Any, location: str) -> Any:
    """A storage, put where a file says that it was."""
    return _mapped(None)(storage, location)


_skipping: ContextVar[bool] = ContextVar("skipping", default=False)


class skip_data:
    """A context in which tensors are saved and loaded without their numbers: zeros take their place."""

    def __init__(self, materialize_fake_tensors: bool = False) -> None:
        self.materialize_fake_tensors = materialize_fake_tensors

    def __enter__(self) -> None:
        self.before = _skipping.set(True)

    def __exit__(self, *_: Any) -> None:
        _skipping.reset(self.before)


# ---- what may be made besides


def get_unsafe_globals_in_checkpoint(f: Any) -> list[str]:
    """The names in a file of `save` that `load` would refuse, found without making anything."""
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            data = file.read()
    else:
        data = f.read()
    if data[:4] != b"PK\x03\x04":
        raise ValueError("Expected input to be a checkpoint returned by torch.save")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (pickled,) = (name for name in archive.namelist() if name.partition("/")[2] == "data.pkl")
        named = {
            str(what).replace(" ", ".") for code, what, _ in pickletools.genops(archive.read(pickled))
            if code.name == "GLOBAL"
        }  # fmt: skip
    return sorted(named - known_names() - _safe.keys())


def _whole_name(each: Any) -> tuple[str, Any]:
    if isinstance(each, tuple):
        return each[1], each[0]
    return f"{each.__module__}.{each.__qualname__}", each


def add_safe_globals(safe_globals: Sequence[Any]) -> None:
    """Let `load` make objects of these classes, and call these functions."""
    _safe.update(map(_whole_name, safe_globals))


def get_safe_globals() -> list[Any]:
    """What `add_safe_globals` allowed."""
    return list(_safe.values())


def clear_safe_globals() -> None:
    """Forget what `add_safe_globals` allowed."""
    _safe.clear()


@contextmanager
def safe_globals(safe_globals: Sequence[Any]) -> Iterator[None]:
    """A context in which `load` may make these, too."""
    before = dict(_safe)
    add_safe_globals(safe_globals)
    try:
        yield
    finally:
        _safe.clear()
        _safe.update(before)
