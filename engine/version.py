"""Which PyTorch the engine follows: `torch.version` and what `torch.__version__` is."""

from __future__ import annotations

import re
from typing import Any


class TorchVersion(str):
    """A version that compares by its numbers, with text and with tuples."""

    __slots__ = ()

    def __lt__(self, other: Any) -> bool:
        return _numbers(self, other) < _numbers(other, other)

    def __le__(self, other: Any) -> bool:
        return _numbers(self, other) <= _numbers(other, other)

    def __gt__(self, other: Any) -> bool:
        return _numbers(self, other) > _numbers(other, other)

    def __ge__(self, other: Any) -> bool:
        return _numbers(self, other) >= _numbers(other, other)

    def __eq__(self, other: object) -> bool:
        return str(self) == other or (not isinstance(other, str) and _numbers(self, other) == _numbers(other, other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def _numbers(version: Any, other: Any) -> tuple[int, ...]:
    """The numbers of a version; of a tuple's text, those that stand in it."""
    if not isinstance(version, str):
        version = ".".join(str(each) for each in version)
    numbers = [int(n) for n in re.findall(r"\d+", re.split(r"[+a-zA-Z]", version)[0])]
    return tuple((*numbers, 0, 0, 0)[: max(3, len(numbers))])


__version__ = TorchVersion("2.13.0+engine")
debug = False
cuda = hip = rocm = xpu = None
git_version = "0" * 40
