"""The layout of files before the zip: pickles of facts, the object's, the storages' keys, then their contents."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Sequence
from typing import IO, Any

import numpy as np

from engine import array
from engine.pickling import Reader, UnpicklingError, Writer
from engine.storage import TypedStorage

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001


def _pickled(value: Any) -> bytes:
    return Writer(lambda other: None).dump(value)


def write(file: IO[bytes], pickled: bytes, flats: Sequence[Any]) -> None:
    """Write an object's pickle and the storages that it names by number."""
    sizes = {"short": 2, "int": 4, "long": 4}
    facts = {"protocol_version": PROTOCOL_VERSION, "little_endian": sys.byteorder == "little", "type_sizes": sizes}
    for value in (MAGIC_NUMBER, PROTOCOL_VERSION, facts):
        file.write(_pickled(value))
    file.write(pickled)
    keys = sorted(str(i) for i in range(len(flats)))
    file.write(_pickled(keys))
    for key in keys:
        flat = flats[int(key)]
        file.write(struct.pack("<q", flat.size))
        file.write(np.ascontiguousarray(flat).view(np.uint8).data)


def read(data: bytes, find: Any, place: Callable[[Any, str], Any]) -> tuple[Any, int]:
    """The object at the beginning of some data, and where it ends there."""
    sizes: dict[str, tuple[array.dtype, int]] = {}
    made: dict[str, Any] = {}

    def stored(parts: Any) -> Any:
        word, kind, key, location, count, *_ = parts
        if word != "storage":
            raise UnpicklingError(f"Only persistent_load of storage is allowed, but got {word}")
        if key not in made:
            sizes[key] = kind, count
            made[key] = place(TypedStorage._over(np.zeros(count, kind.numpy)), location)
        return made[key]

    def pickled(at: int) -> tuple[Any, int]:
        reader = Reader(data, find, stored, at)
        return reader.load(), reader.at

    magic, at = pickled(0)
    if magic != MAGIC_NUMBER:
        raise RuntimeError("Invalid magic number; corrupt file?")
    protocol, at = pickled(at)
    if protocol != PROTOCOL_VERSION:
        raise RuntimeError(f"Invalid protocol version: {protocol}")
    _, at = pickled(at)
    result, at = pickled(at)
    keys, at = pickled(at)
    for key in keys:
        kind, count = sizes[key]
        (found,) = struct.unpack_from("<q", data, at)
        flat = np.frombuffer(data, kind.numpy, found, at + 8)
        target = made[key]._flat
        target[...] = array.module(target).asarray(flat[:count])
        at += 8 + flat.nbytes
    return result, at
