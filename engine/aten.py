"""PyTorch's operators by their own names, such as `torch.ops.aten.mm.default`: what policies compare calls with."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from engine.autograd.profiler_names import names_of

# The overload that a call of two tensors is, where that is not "default".
_OF_TENSORS = frozenset(
    "add sub mul div remainder fmod floor_divide eq ne lt le gt ge bitwise_and bitwise_or bitwise_xor".split()  # noqa: SIM905
)
_OVERLOADS = {
    "pow": "Tensor_Scalar", "transpose": "int", "select": "int", "slice": "Tensor", "split": "Tensor", "where": "self",
    "squeeze": "dim", "masked_fill": "Scalar", "index": "Tensor", "var": "correction", "std": "correction",
}  # fmt: skip


class OpOverload:
    """One form of an operator; there is one object of each."""

    def __init__(self, packet: OpOverloadPacket, name: str) -> None:
        self.overloadpacket = self._overloadpacket = packet
        self._overloadname = name

    def name(self) -> str:
        """The name with its space: "aten::add.Tensor"."""
        return f"aten::{self.overloadpacket}".replace("aten::aten.", "aten::") + (
            "" if self._overloadname == "default" else f".{self._overloadname}"
        )

    @property
    def __name__(self) -> str:
        return f"{self.overloadpacket.__name__}.{self._overloadname}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.overloadpacket(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self.overloadpacket}.{self._overloadname}"

    def __repr__(self) -> str:
        return f"<OpOverload(op='{self.overloadpacket}', overload='{self._overloadname}')>"


class OpOverloadPacket:
    """All forms of an operator, each an attribute."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    @functools.cached_property
    def default(self) -> OpOverload:
        """The form without a name."""
        return OpOverload(self, "default")

    def __getattr__(self, name: str) -> OpOverload:
        if name.startswith("_"):
            raise AttributeError(name)
        made = self.__dict__[name] = OpOverload(self, name)
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        import engine

        for place in (engine, engine.nn.functional, engine.Tensor):
            found = getattr(place, self.__name__, None)
            if found is not None:
                return found(*args, **kwargs)
        raise AttributeError(f"'_OpNamespace' 'aten' object has no attribute '{self.__name__}'")

    def __str__(self) -> str:
        return f"aten.{self.__name__}"

    def __repr__(self) -> str:
        return f"<OpOverloadPacket(op='aten.{self.__name__}')>"


class _Space:
    """The space itself, `torch.ops.aten`."""

    def __getattr__(self, name: str) -> OpOverloadPacket:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self.__dict__[name] = OpOverloadPacket(name)
        return made


SPACE = _Space()


def product_name(op: str, args: Sequence[Any]) -> str:
    """PyTorch's operator for one of our products of matrices, "" for what is none."""
    if op == "linear":
        whole = args[2] is not None and (args[0].ndim < 3 or args[0].is_contiguous())
        return "addmm" if whole else "mm"
    if op == "matmul":
        left, right = args[0].ndim, args[1].ndim
        if right == 1:
            return "dot" if left == 1 else "mv"
        return "bmm" if right > 2 else "mm"
    return op if op in ("mm", "bmm", "addmm", "baddbmm") else ""


def overload_of(op: str, args: Sequence[Any]) -> OpOverload:
    """PyTorch's operator at the bottom of a call of one of our ops."""
    name = product_name(op, args) or names_of(op, args)[-1].removeprefix("aten::")
    packet = getattr(SPACE, name)
    if name in _OF_TENSORS and len(args) > 1:
        return packet.Tensor
    return getattr(packet, _OVERLOADS.get(name, "default"))
