r"""How an op is declared, and what is made from the declaration.

    @op(r"y = x W^\top + b",
        input=d(r"\bar y\,W",      lambda g, weight: g @ weight),
        weight=d(r"\bar y^\top x", lambda g, input: g.T @ input),
        bias=d(r"\sum_n \bar y_n", lambda g: g.sum(0)))
    def linear(input, weight, bias=None): ...

The decorated function is the kernel: raw arrays in, a raw array out. The keywords say which of its parameters are
operands; `None` marks one without slope; the other parameters are options. A slope's parameter names are its requests,
and what none names is not kept for the way back:

    g          the gradient of the result        k          every op by name, on what the slope works on
    y          the result                        shape      the shape of the first operand
    an operand, an option: as they were given    NAME_shape the shape of another operand
    kind       the NumPy dtype of the first operand
    aux        what the kernel computed on the way (`aux=True`); None when the slope works on tensors, unless it is
               places (`aux="places"`), which do not depend on the values by a derivative

A slope is written as for real numbers. Where the gradient is complex and the slope asks for values, the generated code
conjugates before and after it, which makes it right for every function that has a complex derivative. A slope that
conjugates by itself (itself or in a function that it calls: `conj`, `mH`, ...) is taken as it stands.

The same slope serves raw arrays (the fast way back) and tensors (when the derivative is itself to be differentiated),
so it uses operators and `k` only. Each declaration is compiled once into straight lines, which a traceback shows: a
call, at import, and the two pulls of a `Node` subclass, at their first use (`engine/template.py`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from engine import brain, casting, compiled_walk, errors, graph, template, titles
from engine.dispatch import delivered, raw, tensors
from engine.graph import Node

registry: dict[str, Op | Composite] = {}


class Slope:
    """The derivative by one operand: `tex`, the textbook's formula, and the function that computes it.

    `raw`, where given, computes the same on raw arrays alone, by what only they can do, from no more requests.
    """

    __slots__ = ("function", "raw", "raw_requests", "requests", "tex")

    def __init__(self, tex: str, function: Callable[..., Any], raw: Callable[..., Any] | None = None) -> None:
        self.tex = tex
        self.function = function
        self.raw = raw or function
        self.requests = asked_of(function)
        self.raw_requests = asked_of(self.raw)
        if not set(self.raw_requests) <= set(self.requests):
            raise TypeError(f"the raw form of the slope {tex} asks for more than {self.requests}")


def d(tex: str, function: Callable[..., Any], raw: Callable[..., Any] | None = None) -> Slope:
    """The derivative by one operand, for `op`."""
    return Slope(tex, function, raw)


def asked_of(slope: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters: what a slope requests."""
    return slope.__code__.co_varnames[: slope.__code__.co_argcount]


class Op:
    """A declared op: its kernel, its slopes, and what else the declaration says."""

    node: type[Node]  # made, like `call`, by `template.compile_op`
    call: Callable[..., Any]

    def __init__(
        self, kernel: Callable[..., Any], formula: str, slopes: dict[str, Slope | None], /, **said: Any
    ) -> None:
        self.kernel: Callable[..., Any] = said.pop("kernel", kernel)  # the function itself may be a mere signature
        # A lambda that gives what the kernel gives of the operands alone, which operators hold in line.
        self.bare: Callable[..., Any] | None = said.pop("bare", None)
        self.name: str = said.pop("name", None) or kernel.__name__
        self.module = kernel.__module__
        self.formula = formula
        self.slopes = slopes
        self.doc: str = kernel.__doc__ or ""
        self.declared = kernel
        code = kernel.__code__
        self.names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.operands = [name for name in self.names if name in slopes]
        unknown = set(slopes) - set(self.operands)
        if unknown:
            raise TypeError(f"op {self.name}: slopes for {sorted(unknown)}, which are no parameters")
        # "promote": operands are numbers or tensors, brought to one dtype and broadcast; "float": and integers become
        # floats; "": tensors, taken as they are.
        self.rule: str = said.pop("rule", "")
        self.promoted: Sequence[str] = said.pop("promoted", None) or [
            n for n in self.operands if slopes[n] is not None or not any(slopes.values())
        ]
        # Which promoted operands may be Python numbers: all, none, the "second" of two, "either" of two but not both.
        self.numbers: bool | str = said.pop("numbers", True)
        self.moves: bool = said.pop("moves", False)  # elements of any type go where they go: no arithmetic
        # Numbers are brought to the dtype of the tensor even where that is so narrow that the op computes in float32.
        self.rounds: bool = said.pop("rounds", False)
        if self.rounds:
            brain.rounding.add(self.kernel)
        # The gradient of narrow types is rounded at each step of its formula, as where PyTorch has no kernel for it.
        self.steps: bool = said.pop("steps", False)
        # Whether `out` may be one of the operands, as it is, but for those that compute element by element.
        self.overlaps: bool = said.pop("overlaps", bool(self.rule) and not said.get("many"))
        # A kernel for the narrow types alone, where computing in float32 differs; it may give NotImplemented.
        self.narrow: Callable[..., Any] | None = said.pop("narrow", None)
        self.view: bool = said.pop("view", False)  # the result shares the first operand's memory
        self.many: bool = said.pop("many", False)  # the first operand is a sequence of tensors
        self.several: bool = said.pop("several", False)  # several results, each with a gradient
        self.returns: type | None = said.pop("returns", None)  # a named tuple: gradient by the first, the rest without
        aux: bool | str = said.pop("aux", False)
        self.aux = bool(aux)  # the kernel returns (result, aux), the second kept for the slopes
        self.places = aux == "places"
        self.title: str | Callable[..., str] = said.pop("title", None) or f"{camel(self.name)}Backward0"
        # What `next_functions` shows of a node that is several in PyTorch, from the node.
        self.below: Callable[..., Any] | None = said.pop("below", None)
        # The same steps computed, from the operands; of an operand of which nothing is kept, its shape from the node
        # and the shape of the gradient.
        self.apart: Callable[..., Any] | None = said.pop("apart", None)
        self.apart_sizes: dict[str, Callable[..., Any]] = said.pop("apart_sizes", {})
        self.error: Callable[..., Exception | None] | None = said.pop("error", None)
        # PyTorch's error for operands that are of different dtypes, from their arrays and numbers.
        self.unmixed: Callable[..., Exception | None] | None = said.pop("unmixed", None)
        # What PyTorch says of complex numbers, which the op does not take: the name that its sentence has, or an error.
        self.real_only: str | Exception | None = said.pop("real_only", None)
        # The kinds of dtypes for which that is raised: complex numbers, and perhaps integers and bools.
        self.refused: str = said.pop("refused", "c" if self.real_only is not None else "")
        self.homes: tuple[str, ...] = said.pop("homes", ("method", "engine"))
        plain = not (self.view or self.many or self.several or self.returns)
        self.alike: bool = said.pop("alike", False)  # operands of different dtypes are an error
        self.takes_out: bool = said.pop("out", plain or self.returns is not None)
        self.in_place: bool = said.pop("in_place", plain and bool(self.rule))
        if said:
            raise TypeError(f"op {self.name}: unknown words {sorted(said)}")

    def __repr__(self) -> str:
        return f"<op {self.name}: {self.formula}>"

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        """The parameters, operands and options. Made when it is first asked for, as it takes longer than all else."""
        return inspect.signature(self.declared)

    @functools.cached_property
    def options(self) -> list[inspect.Parameter]:
        """The parameters that are no operands."""
        return [p for p in self.signature.parameters.values() if p.name not in self.slopes]

    @property
    def keeps_first(self) -> bool:
        """Whether a slope asks for the values of the first operand."""
        return any(s is not None and self.operands[0] in s.requests for s in self.slopes.values())

    @property
    def differentiable(self) -> bool:
        """Whether any operand has a slope."""
        return any(self.slopes.values())

    def tex(self) -> list[str]:
        """The formulas that the page shows: of the result, then of each operand's gradient."""
        given = [(n, s) for n, s in self.slopes.items() if s is not None]
        return [self.formula, *(rf"\bar{{\mathrm{{{n}}}}} = {s.tex}" for n, s in given)]


class Composite:
    """A function made of ops, which needs no slopes: its name, where it is found, the function itself."""

    def __init__(self, call: Callable[..., Any], homes: tuple[str, ...], in_place: bool) -> None:
        self.call = call
        self.name = call.__name__
        self.homes = homes
        self.in_place = in_place

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        """Its parameters."""
        signature = inspect.signature(self.call)
        if not getattr(self.call, "writes_out", False):
            return signature
        out = inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None)
        return signature.replace(parameters=[*signature.parameters.values(), out])


def camel(name: str) -> str:
    """A name in capitals: "log_softmax" as "LogSoftmax"."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def op(
    formula: str, *, said: dict[str, Any] | None = None, **slopes: Slope | None
) -> Callable[..., Callable[..., Any]]:
    """Declare an op; `said` holds the words that `Op.__init__` explains. The result is the op on tensors."""

    def declare(kernel: Callable[..., Any]) -> Callable[..., Any]:
        declared = Op(kernel, formula, slopes, **(said or {}))
        call = declared.call = template.compile_op(declared)
        _register(declared.name, declared, call)
        setattr(raw, declared.name, _first(declared.kernel) if declared.aux else declared.kernel)
        return call

    return declare


def _first(kernel: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: kernel(*args, **kwargs)[0]


def composite(*homes: str, in_place: bool = False) -> Callable[..., Callable[..., Any]]:
    """Declare a function made of ops; `homes` are "method", "engine" (the default two), "functional", "linalg"..."""

    def declare(call: Callable[..., Any]) -> Callable[..., Any]:
        if call.__code__.co_name != call.__name__:  # made in a loop: let tracebacks and the page tell which it is
            call.__code__ = call.__code__.replace(co_name=call.__name__, co_qualname=call.__name__)
        if "dim" in call.__code__.co_varnames[: call.__code__.co_argcount + call.__code__.co_kwonlyargcount]:
            call = with_keywords(call)
        if call.__name__.endswith("_like") or call.__name__.startswith("new_"):
            call = alike(call)
        call = titles.titled(casting.first(call))
        _register(call.__name__, Composite(call, homes or ("method", "engine"), in_place), call)
        return call

    return declare


def alike(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function that makes a tensor like another, which `vmap` takes to depend on what that depends on."""

    @functools.wraps(call)
    def made(input: Any, *args: Any, **kwargs: Any) -> Any:
        result = call(input, *args, **kwargs)
        if graph.marks is not None:
            graph.marks.copy(input, result)
        return result

    return made


def with_keywords(call: Callable[..., Any]) -> Callable[..., Any]:
    """The function, understanding NumPy's `axis` and `keepdims` for `dim` and `keepdim` as PyTorch does, and `out`."""
    names = call.__code__.co_varnames[: call.__code__.co_argcount + call.__code__.co_kwonlyargcount]
    takes_out = "out" in names
    apart = call.__name__ == "kthvalue"  # which does not write where it reads

    optional = call.__name__ in ("argmax", "argmin", "aminmax", "quantile", "nanquantile")
    lone = call.__name__ in _ONE_DIM

    @functools.wraps(call)
    def renamed(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            if lone and "dim" in kwargs and kwargs["dim"].__class__ is not int:
                check_dim(call.__name__, args, kwargs, optional)
            if "axis" in kwargs:
                kwargs["dim"] = kwargs.pop("axis")
            if "keepdims" in kwargs:
                kwargs["keepdim"] = kwargs.pop("keepdims")
            if not takes_out and "out" in kwargs:
                out = kwargs.pop("out")
                return delivered(call.__name__, out, call(*args, **kwargs), *(args if apart else ()))
        try:
            return call(*args, **kwargs)
        except errors.NoDim as error:
            raise errors.wrong_dim(call.__name__, error.dim, names.index("dim") + 1) from None

    return renamed


# Functions along one axis; those with several signatures have the second kind of sentence.
_ONE_DIM = frozenset(
    """
    argmax argmin aminmax median nanmedian mode prod max min quantile nanquantile cumsum cumprod cummax cummin
    logcumsumexp softmax log_softmax sort topk kthvalue argsort
    """.split()  # noqa: SIM905
)
_INVALID = frozenset(("max", "min", "quantile", "nanquantile", "sort", "argsort"))


def check_dim(name: str, args: Any, kwargs: dict[str, Any], optional: bool) -> None:
    """PyTorch's error for a `dim` that is no number, where only one axis is taken."""
    dim = kwargs["dim"]
    if isinstance(dim, int) or hasattr(dim, "__index__") or (dim is None and (optional or name.endswith("softmax"))):
        return
    kind = type(dim).__name__
    if name in _INVALID or (name == "prod" and "keepdim" not in kwargs):
        others = {key: value for key, value in kwargs.items() if key != "dim"} | {"dim": dim}
        words = [type(each).__name__ for each in args] + [
            f"{key}={type(value).__name__}" for key, value in others.items()
        ]
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got ({', '.join(words)}), but expected "
            "one of: an axis as a number"
        )
    raise TypeError(f"{name}(): argument 'dim' must be int, not {kind}")


def _register(name: str, declared: Op | Composite, call: Callable[..., Any]) -> None:
    if name in registry:
        raise TypeError(f"op {name} is declared twice")
    registry[name] = declared
    setattr(tensors, name, call)


def _widen() -> None:
    """Let all that is generated already compute bfloat16, too."""
    for entry in registry.values():
        if isinstance(entry, Op):
            template.functions(entry, entry.call.__globals__)
    compiled_walk.forget()


brain.tell(_widen)


def raw_only(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register the raw form of a composite that slopes use under the same name as `k.NAME`."""
    setattr(raw, function.__name__, function)
    return function
