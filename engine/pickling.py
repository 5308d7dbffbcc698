"""Pickles as PyTorch's files hold them, written and read without ever running what a file says.

The writer puts out the opcodes of protocol 2 for plain data and for what it is told how to rebuild. The reader is a
machine for a small set of opcodes; a name in a pickle stands for something in a table or is refused.
"""

from __future__ import annotations

import pickle
import struct
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

UnpicklingError = pickle.UnpicklingError
_BLOCKED = ("sys", "os", "posix", "nt")
# The names that Python 3 writes in pickles of protocol 2, for what it calls otherwise.
_OLD_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}


class Name:
    """A thing that a pickle mentions by module and name."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name


class Stored:
    """A storage in a pickle: its persistent id."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Any) -> None:
        self.parts = parts


class Call:
    """An object as the call that rebuilds it: a name, its arguments, and what is then put into and set on it."""

    __slots__ = ("args", "function", "items", "pairs", "state")

    def __init__(
        self,
        function: Name,
        args: tuple[Any, ...],
        state: Any = None,
        pairs: Iterable[Any] | None = None,
        items: Iterable[Any] | None = None,
    ) -> None:
        self.items = items
        self.pairs = pairs
        self.function = function
        self.args = args
        self.state = state


class Writer:
    """A pickle of protocol 2; `describe` turns an object that is not plain into a Name, Stored or Call, or None."""

    def __init__(self, describe: Callable[[Any], Any]) -> None:
        self.out = bytearray(b"\x80\x02")
        self.describe = describe
        self.memo: dict[Any, int] = {}
        self.kept: list[Any] = []  # so that no id is used twice

    def dump(self, value: Any) -> bytes:
        """The pickle of one object."""
        self.save(value)
        return bytes(self.out) + b"."

    def _remember(self, key: Any, value: Any = None) -> None:
        place = self.memo[key] = len(self.memo)
        self.kept.append(value)
        self.out += b"q" + bytes([place]) if place < 256 else b"r" + struct.pack("<I", place)

    def _known(self, key: Any) -> bool:
        place = self.memo.get(key)
        if place is None:
            return False
        self.out += b"h" + bytes([place]) if place < 256 else b"j" + struct.pack("<I", place)
        return True

    def save(self, value: Any) -> None:
        """Add an object."""
        kind = value.__class__
        if value is None or kind is bool:
            self.out += b"N" if value is None else b"\x88" if value else b"\x89"
        elif kind is int:
            self._int(value)
        elif kind is float:
            self.out += b"G" + struct.pack(">d", value)
        elif kind is Name:
            self._name(value)
        elif kind is Stored:
            self.save(value.parts)
            self.out += b"Q"
        elif not self._known(id(value)):
            saver = _PLAIN.get(kind)
            if saver is not None:
                saver(self, value)
            else:
                self._described(value)

    def _int(self, value: int) -> None:
        if 0 <= value < 256:
            self.out += b"K" + bytes([value])
        elif 0 <= value < 65536:
            self.out += b"M" + struct.pack("<H", value)
        elif -(1 << 31) <= value < 1 << 31:
            self.out += b"J" + struct.pack("<i", value)
        else:
            size = value.bit_length() // 8 + 1
            self.out += b"\x8a" + bytes([size]) if size < 256 else b"\x8b" + struct.pack("<i", size)
            self.out += value.to_bytes(size, "little", signed=True)

    def _str(self, value: str) -> None:
        data = value.encode("utf-8", "surrogatepass")
        self.out += b"X" + struct.pack("<I", len(data)) + data
        self._remember(id(value), value)

    def _bytes(self, value: bytes) -> None:
        self._call(Call(Name("_codecs", "encode"), (value.decode("latin1"), "latin1")), value)

    def _name(self, value: Name) -> None:
        key = (value.module, value.name)
        if not self._known(key):
            self.out += b"c" + value.module.encode() + b"\n" + value.name.encode() + b"\n"
            self._remember(key)

    def _tuple(self, value: tuple[Any, ...]) -> None:
        if not value:
            self.out += b")"
            return
        if len(value) > 3:
            self.out += b"("
        for each in value:
            self.save(each)
        if not self._known(id(value)):
            self.out += {1: b"\x85", 2: b"\x86", 3: b"\x87"}.get(len(value), b"t")
            self._remember(id(value), value)

    def _list(self, value: list[Any]) -> None:
        self.out += b"]"
        self._remember(id(value), value)
        self._filled(list(value), b"a", b"e")

    def _dict(self, value: dict[Any, Any]) -> None:
        self.out += b"}"
        self._remember(id(value), value)
        self._filled(list(value.items()), b"s", b"u")

    def _filled(self, items: list[Any], one: bytes, many: bytes) -> None:
        for begin in range(0, len(items), 1000):
            part = items[begin : begin + 1000]
            if len(part) > 1:
                self.out += b"("
            for each in part:
                for value in each if one == b"s" else (each,):
                    self.save(value)
            self.out += many if len(part) > 1 else one

    def _set(self, value: set[Any]) -> None:
        self._call(Call(Name("__builtin__", "set"), (list(value),)), value)

    def _ordered(self, value: Any) -> None:
        self._name(Name("collections", value.__class__.__name__))
        self.out += b")R"
        self._remember(id(value), value)
        self._filled(list(value.items()), b"s", b"u")
        if value.__dict__:
            self.save(value.__dict__)
            self.out += b"b"

    def _call(self, call: Call, value: Any) -> None:
        if call.function.name == "__newobj__":
            self.save(call.args[0])
            self.save(call.args[1:])
            self.out += b"\x81"
        else:
            self._name(call.function)
            self.save(call.args)
            self.out += b"R"
        self._remember(id(value), value)
        if call.items is not None:
            self._filled(list(call.items), b"a", b"e")
        if call.pairs is not None:
            self._filled(list(call.pairs), b"s", b"u")
        if call.state is not None:
            self.save(call.state)
            self.out += b"b"

    def _described(self, value: Any) -> None:
        made = self.describe(value)
        if made.__class__ is Call:
            self._call(made, value)
        elif made.__class__ in (Name, Stored):
            self.save(made)
        else:
            raise pickle.PicklingError(
                f"Can't pickle {type(value).__module__}.{type(value).__qualname__}: a file holds tensors, storages, "
                "modules and plain data"
            )


_PLAIN: dict[type, Callable[[Writer, Any], None]] = {
    str: Writer._str, bytes: Writer._bytes, tuple: Writer._tuple, list: Writer._list, dict: Writer._dict,
    set: Writer._set, OrderedDict: Writer._ordered,
    complex: lambda self, value: self._call(Call(Name("__builtin__", "complex"), (value.real, value.imag)), value),
    bytearray: lambda self, value: self._call(Call(Name("__builtin__", "bytearray"), (bytes(value),)), value),
    Counter: lambda self, value: self._call(Call(Name("collections", "Counter"), (dict(value),)), value),
}  # fmt: skip


def refused(module: str, name: str) -> UnpicklingError:
    """PyTorch's sentence for a name that is not allowed."""
    if module.partition(".")[0] in _BLOCKED:
        return UnpicklingError(f"Trying to load unsupported GLOBAL {module}.{name} whose module {module} is blocked.")
    whole = name if module == "builtins" else f"{module}.{name}"
    return UnpicklingError(
        f"Unsupported global: GLOBAL {whole} was not an allowed global by default. Please use "
        f"`torch.serialization.add_safe_globals([{whole}])` or the `torch.serialization.safe_globals([{whole}])` "
        "context manager to allowlist this global if you trust this class/function."
    )


class Finder(Protocol):
    """What a reader asks about names and objects."""

    def __call__(self, module: str, name: str) -> Any:
        """What a name stands for; UnpicklingError where it is not allowed."""

    def calls(self, function: Any) -> bool:
        """Whether a pickle may call it, or make an object of it."""

    def makes(self, kind: Any) -> bool:
        """Whether a pickle may make a bare object of a class."""

    def builds(self, target: Any) -> bool:
        """Whether a pickle may set the object's attributes."""


class Reader:
    """The machine that reads a pickle: a stack, marks, a memo.

    `find(module, name)` gives what a name stands for, or raises; `find.calls` says whether a pickle may call such a
    thing, and `find.builds` whether it may set attributes of an object. `stored(id)` gives a
    storage.
    """

    def __init__(self, data: bytes, find: Finder, stored: Callable[[Any], Any], at: int = 0) -> None:
        self.data = data
        self.at = at
        self.find = find
        self.stored = stored
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def load(self) -> Any:
        """The object; afterwards `at` is where the pickle ends."""
        while True:
            code = self._take(1)
            if code == b".":
                return self.stack.pop()
            step = _STEPS.get(code)
            if step is None:
                raise UnpicklingError(f"Unsupported operand {code[0]}")
            step(self)

    def _take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        if len(part) < count:
            raise EOFError
        self.at += count
        return part

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _line(self) -> str:
        end = self.data.index(b"\n", self.at)
        part = self.data[self.at : end]
        self.at = end + 1
        return part.decode()

    def _since_mark(self) -> list[Any]:
        begin = self.marks.pop()
        items = self.stack[begin:]
        del self.stack[begin:]
        return items

    def _push(self, value: Any) -> None:
        self.stack.append(value)

    def _pack(self, count: int) -> None:
        items = tuple(self.stack[-count:])
        del self.stack[-count:]
        self.stack.append(items)

    def _append(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, (list, deque)):
            raise UnpicklingError(f"Can only append to lists, but got {type(target)}")
        (deque if isinstance(target, deque) else list).extend(target, items)  # type: ignore[arg-type]

    def _set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise UnpicklingError(f"Can only set items of dictionaries, but got {type(target)}")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[key] = value

    def _global(self, module: str, name: str) -> None:
        self.stack.append(self.find(_OLD_MODULES.get(module, module), name))

    def _reduce(self) -> None:
        args = self.stack.pop()
        function = self.stack.pop()
        if not self.find.calls(function):
            raise UnpicklingError(f"Trying to call reduce for unrecognized function {function}")
        self.stack.append(function(*args))

    def _new(self) -> None:
        args = self.stack.pop()
        kind = self.stack.pop()
        if not self.find.makes(kind):
            raise UnpicklingError(f"Trying to create new object for unrecognized class {kind}")
        self.stack.append(kind.__new__(kind, *args) if isinstance(kind, type) else kind(*args))

    def _build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if not self.find.builds(target):
            raise UnpicklingError(
                "Can only build Tensor, Parameter, OrderedDict or types allowlisted via `add_safe_globals`, but got "
                f"{type(target)}"
            )
        if hasattr(target, "__setstate__"):
            target.__setstate__(state)
        elif isinstance(state, dict):
            target.__dict__.update(state)
        elif isinstance(state, tuple) and len(state) == 2:  # of an object with slots
            target.__dict__.update(state[0]) if state[0] else None
            for name, value in state[1].items():
                setattr(target, name, value)
        else:
            raise UnpicklingError(f"Can only build an object from a dictionary, but got {type(state)}")

    def _text(self, form: str, encoding: str = "utf-8") -> None:
        self.stack.append(self._take(self._number(form)).decode(encoding, "surrogatepass"))

    def _binary(self, form: str) -> None:
        self.stack.append(self._take(self._number(form)))

    def _long(self, form: str) -> None:
        self.stack.append(int.from_bytes(self._take(self._number(form)), "little", signed=True))


_STEPS: dict[bytes, Callable[[Reader], Any]] = {
    b"\x80": lambda r: r._take(1), b"\x95": lambda r: r._take(8),
    b"N": lambda r: r._push(None), b"\x88": lambda r: r._push(True), b"\x89": lambda r: r._push(False),
    b"K": lambda r: r._push(r._number("<B")), b"M": lambda r: r._push(r._number("<H")),
    b"J": lambda r: r._push(r._number("<i")), b"G": lambda r: r._push(r._number(">d")),
    b"\x8a": lambda r: r._long("<B"), b"\x8b": lambda r: r._long("<i"),
    b"X": lambda r: r._text("<I"), b"\x8c": lambda r: r._text("<B"), b"\x8d": lambda r: r._text("<Q"),
    b"T": lambda r: r._text("<i", "latin1"), b"U": lambda r: r._text("<B", "latin1"),
    b"B": lambda r: r._binary("<I"), b"C": lambda r: r._binary("<B"), b"\x8e": lambda r: r._binary("<Q"),
    b"]": lambda r: r._push([]), b"}": lambda r: r._push({}), b")": lambda r: r._push(()),
    b"\x8f": lambda r: r._push(set()),
    b"(": lambda r: r.marks.append(len(r.stack)),
    b"\x85": lambda r: r._pack(1), b"\x86": lambda r: r._pack(2), b"\x87": lambda r: r._pack(3),
    b"t": lambda r: r._push(tuple(r._since_mark())), b"l": lambda r: r._push(r._since_mark()),
    b"a": lambda r: r._append([r.stack.pop()]), b"e": lambda r: r._append(r._since_mark()),
    b"s": lambda r: r._set_items([r.stack.pop(-2), r.stack.pop()]), b"u": lambda r: r._set_items(r._since_mark()),
    b"\x90": lambda r: [r.stack[-1].update(items) for items in [r._since_mark()]],
    b"q": lambda r: r.memo.__setitem__(r._number("<B"), r.stack[-1]),
    b"r": lambda r: r.memo.__setitem__(r._number("<I"), r.stack[-1]),
    b"\x94": lambda r: r.memo.__setitem__(len(r.memo), r.stack[-1]),
    b"h": lambda r: r._push(r.memo[r._number("<B")]), b"j": lambda r: r._push(r.memo[r._number("<I")]),
    b"0": lambda r: r.stack.pop(),
    b"c": lambda r: r._global(r._line(), r._line()), b"\x93": lambda r: r._global(r.stack.pop(-2), r.stack.pop()),
    b"Q": lambda r: r._push(r.stored(r.stack.pop())),
    b"R": Reader._reduce, b"\x81": Reader._new, b"b": Reader._build,
}  # fmt: skip
