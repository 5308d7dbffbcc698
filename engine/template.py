"""The straight-line code that is generated for each declared op: its call, and the pulls of its node.

A call costs little more than its kernel because everything that the declaration decides is decided here, once. The
text of the generated functions is given to `linecache`, so tracebacks and debuggers show it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from engine import brain, casting, dispatch
from engine.inlining import expression
from engine.parameters import dim_is_wanted, handed_on, parameters
from engine.plan import Plan, number_lines
from engine.pulls import define, node_class

if TYPE_CHECKING:
    from engine.op import Op


def compile_op(op: Op) -> Callable[..., Any]:
    """The op on tensors. What it runs is generated when it is first called: most programs use few of the ops."""
    plan = Plan(op)
    scope: dict[str, Any] = {"generate": lambda: _generate(op, plan, scope, call)}
    call: FunctionType = FunctionType(_first_call.__code__, scope, op.name)
    call.__doc__ = op.doc
    call.__module__ = op.module
    call.__qualname__ = op.name
    call.__dict__.update(op=op, __wrapped__=op.declared)
    return call


def _first_call(*args: Any, **kwargs: Any) -> Any:
    """What every op's call is before it is generated; `generate` is among the globals that the two share."""
    return generate()(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


def operator_of(call: Callable[..., Any]) -> Callable[..., Any] | None:
    """An op of two operands as a binary operator, which leaves to Python what is no number and no tensor.

    It is the code of the call with nothing but the operands, and with the kernel in line where that is an expression.
    None for others.
    """
    op: Op | None = getattr(call, "op", None)
    if op is None or not _paired(op):
        return None
    scope = call.__globals__
    operate = FunctionType(_first_operation.__code__, scope, op.name)

    def generate() -> FunctionType:
        if call.__code__ is _first_call.__code__:
            scope["generate"]()
        kernel = None
        if op.bare is not None and scope["kernel"] is op.kernel:
            kernel = expression(op.bare, dict(zip(op.operands, ("x0", "x1"), strict=True)))
        made = define(f"operator {op.name}", _call(op, Plan(op), True, kernel), op.name, scope)
        operate.__code__ = made.__code__
        return operate

    scope["generate_operator"], scope["operate"] = generate, operate
    operate.__doc__, operate.__module__, operate.__qualname__ = op.doc, op.module, op.name
    return operate


def _first_operation(*args: Any, **kwargs: Any) -> Any:
    """As `_first_call`, of an operator."""
    return generate_operator()(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


def _generate(op: Op, plan: Plan, scope: dict[str, Any], call: FunctionType) -> FunctionType:
    """The call, which is the same function as before, with its own code."""
    scope.update(dispatch.names(), op=op, error_of=op.error)
    functions(op, scope)
    for p in op.signature.parameters.values():
        if p.default is not inspect.Parameter.empty:
            scope[f"default_{p.name}"] = p.default
    if op.differentiable:
        op.node = node_class(op, plan, scope)
        scope["OpNode"] = op.node
    made = define(f"call of {op.name}", _call(op, plan), op.name, scope)
    call.__defaults__, call.__kwdefaults__ = made.__defaults__, made.__kwdefaults__
    call.__code__ = made.__code__
    call.__dict__.pop("__wrapped__", None)  # the signature of its own code, with `out` and NumPy's names, holds now
    return call


def functions(op: Op, scope: dict[str, Any]) -> None:
    """Put the kernel and the slopes that the generated code calls in its scope: anew when bfloat16 is first asked for.

    A kernel that only moves elements must give the same memory or type; its slope may add up all the same. The form of
    a slope that works on tensors stays as it is, since each of its ops computes narrow types in float32 by itself.
    """
    wide = brain.used()
    moves = op.view or op.moves
    kernel = op.kernel
    scope["kernel"] = brain.widened(kernel, op.aux, op.alike, op.rounds, op.narrow) if wide and not moves else kernel
    for name, slope in op.slopes.items():
        if slope is not None:
            narrow = brain.stepped if op.steps else brain.widened
            for form, function, raw in (("slope", slope.function, op.many), ("raw_slope", slope.raw, True)):
                scope[f"{form}_{name}"] = narrow(function) if raw and wide and not op.moves else function
    if "operate" in scope:  # which may hold the kernel in line
        scope["operate"].__code__ = _first_operation.__code__


# ---- the call


def _call(op: Op, plan: Plan, operator: bool = False, kernel: str | None = None) -> str:
    """The text of the call, or of the operator, whose `kernel` may be an expression of `x0` and `x1`."""
    lines = [f"def {op.name}({', '.join(op.operands) if operator else parameters(op)}):"]
    lines += [f"    {p.name} = default_{p.name}" for p in op.options if operator]
    takes_out = op.takes_out and not operator
    if any(p.name == "dim" for p in op.options):
        lines += ["    if axis is not None: dim = axis"]
        if dim_is_wanted(op):
            lines += ["    elif dim is None: raise no_dim(op)"]
    if any(p.name == "keepdim" for p in op.options):
        lines += ["    if keepdims is not None: keepdim = keepdims"]
    if takes_out and any(p.name == "dtype" for p in op.options):
        lines += ["    if out is not None:", "        dtype = agreed_dtype(op, dtype, out)"]
    lines += [] if operator else number_lines(op)
    if op.name in casting.POLICY:
        lines += _cast(op, takes_out)
    if op.many:
        lines += _load_many(op)
    elif _paired(op):
        lines += _load_pair(op, operator)
    elif op.rule and len(op.promoted) > 1:
        lines += _load_all(op)
    else:
        lines += _load_each(op)
    lines += _kernel(op, kernel)
    lines += _result(op, plan)
    args = op.operands[0] if op.many else ", ".join(op.operands) + ","
    options = ", ".join(f"{p.name!r}: {p.name}" for p in op.options)
    lines += ["    if graph.watch is not None:", f"        graph.watch.called(op, ({args}), {{{options}}}, result)"]
    if takes_out:
        lines += ["    if out is not None:", f"        return into(op, out, result, ({args}))"]
    lines += ["    return result"]
    return "\n".join(lines) + "\n"


def _paired(op: Op) -> bool:
    """Whether the operands are two that promote each other."""
    return bool(op.rule) and len(op.promoted) == len(op.operands) == 2


def _cast(op: Op, takes_out: bool) -> list[str]:
    """Leave the call to autocast, where that is on."""
    return [
        f"    if graph.casting is not None and is_casting(){' and out is None' * takes_out}:",
        f"        return graph.casting({op.name!r}, op.call, {handed_on(op)})",
    ]


def _load_many(op: Op) -> list[str]:
    first = op.operands[0]
    return [
        f"    {first}, x0 = settle_many(op, {first})",
        f"    recording = is_recording() and requires_any({first})",
    ]


def _load_each(op: Op) -> list[str]:
    """Operands as they are; one of a rule "float" is made a float."""
    lines = []
    for i, name in enumerate(op.operands):
        optional = op.signature.parameters[name].default is None
        load = f"None if {name} is None else {name}._array" if optional else f"{name}._array"
        lines += ["    try:", f"        x{i} = {load}", "    except AttributeError:"]
        lines += [f"        if asks({name}): return asked_in(op.call, {handed_on(op)})"]
        lines += [f"        {name} = as_operand(op, {name!r}, {i}, {name})", f"        x{i} = {name}._array"]
    if op.rule == "float":
        first = op.operands[0]
        lines += [
            '    if x0.__class__ is not scalar32 and x0.dtype is not float32 and x0.dtype.kind not in "fcV":',
            f"        {first} = cast({first}, Defaults.numpy)",
            f"        x0 = {first}._array",
        ]
    if op.real_only is not None:
        lines += [
            f"    if {'x0.__class__ is not scalar32 and ' * ('f' not in op.refused)}"
            f"x0.dtype is not float32 and x0.dtype.kind in {op.refused!r}:",
            "        raise no_complex(op, x0.dtype)",
        ]
    if op.view:
        first = op.operands[0]
        lines += ["    if x0.__class__ is not ndarray:", f"        x0 = own({first})"]
    if op.differentiable:
        tests = []
        for name in op.operands:
            if op.slopes[name] is not None:
                optional = op.signature.parameters[name].default is None
                tests.append(f"{name} is not None and {name}._requires_grad" if optional else f"{name}._requires_grad")
        lines += [f"    recording = is_recording() and ({' or '.join(tests)})"]
    return lines


def _load_pair(op: Op, operator: bool) -> list[str]:
    """Two operands, tensors or numbers: the common cases in line, the rest in `settle`.

    Each case also says where gradients go to (`p0`, `p1`), since it knows what its operands are, and makes a number
    that is kept for the way back the constant that the kernel gets.
    """
    a, b = op.operands
    inexact = (
        ' and x0.dtype.kind == "f"'
        if op.rule == "float"
        else f' and x0.dtype.kind not in "{op.refused}"' * bool(op.refused)
    )
    # Of a bare float32 the class tells what its dtype tells, in a fifth of the time.
    floats = "f" not in op.refused
    lines = [
        f"    if isinstance({b}, Tensor) and isinstance({a}, Tensor) and "
        f"((x0 := {a}._array).__class__ is (x1 := {b}._array).__class__ is {'scalar32' if floats else None} or "
        f"x0.dtype is x1.dtype{inexact}):",
        *_edges(op, f"{a}._requires_grad or {b}._requires_grad", f"{a}._requires_grad", f"{b}._requires_grad"),
    ]
    if op.numbers and floats:
        lines += [
            f"    elif ({b}.__class__ is float or {b}.__class__ is int) and isinstance({a}, Tensor) "
            f'and ((x0 := {a}._array).__class__ is scalar32 or x0.dtype is float32 or x0.dtype.kind == "f"):',
            f"        x1 = (constants.get({b}) or constant({b})) if x0.__class__ is ndarray and x0.dtype is float32 "
            f"else {b}",
            *_edges(op, f"{a}._requires_grad", "", None),
        ]
    if op.numbers and op.numbers != "second" and floats:
        lines += [
            f"    elif ({a}.__class__ is float or {a}.__class__ is int) and isinstance({b}, Tensor) "
            f'and ((x1 := {b}._array).__class__ is scalar32 or x1.dtype is float32 or x1.dtype.kind == "f"):',
            f"        x0 = (constants.get({a}) or constant({a})) if x1.__class__ is ndarray and x1.dtype is float32 "
            f"else {a}",
            *_edges(op, f"{b}._requires_grad", None, ""),
        ]
    tests = [f"isinstance({name}, Tensor) and {name}._requires_grad" for name in (a, b)]
    return [
        *lines,
        f"    elif asks({a}) or asks({b}):",
        f"        return asked_in(op.call, {handed_on(op)})",
        *([f"    elif strange({b}):", "        return NotImplemented"] if operator else []),
        "    else:",
        f"        {a}, {b}, x0, x1 = settle{'_arrays' * operator}(op, ({a}, {b}))",
        *_edges(op, f"requires_any(({a}, {b}))", *tests),
    ]


def _edges(op: Op, recording: str, *tests: str | None) -> list[str]:
    """Whether a call of two operands is recorded; the edges to them, where a test holds ("": always, None: never)."""
    if not op.differentiable:
        return ["        pass"]
    lines = [f"        recording = is_recording() and ({recording})", "        if recording:"]
    for i, (name, test) in enumerate(zip(op.operands, tests, strict=True)):
        edge = f"({name}._node or {name})"
        if test is None or op.slopes[name] is None:
            lines.append(f"            p{i} = None")
        else:
            lines.append(f"            p{i} = {edge} if {test} else None" if test else f"            p{i} = {edge}")
    return lines


def _load_all(op: Op) -> list[str]:
    """Several operands: tensors of one dtype in line, the rest in `settle`."""
    names = ", ".join(op.operands)
    xs = ", ".join(f"x{i}" for i in range(len(op.operands)))
    recording = f"    recording = is_recording() and requires_any(({names},))" if op.differentiable else "    pass"
    settled = f"{names}, {xs} = settle(op, ({names},))"
    if op.unmixed is not None:
        return [f"    {settled}", recording]
    tensors = [f"isinstance({name}, Tensor)" for name in op.operands]
    loads = [f"(x{i} := {name}._array) is x{i}" for i, name in enumerate(op.operands) if name not in op.promoted]
    kinds = [f"(x{op.operands.index(name)} := {name}._array).dtype" for name in op.promoted]
    first = f"x{op.operands.index(op.promoted[0])}.dtype.kind"
    fits = [f'{first} == "f"'] * (op.rule == "float") + [f'{first} not in "{op.refused}"'] * bool(op.refused)
    test = " and ".join([*tensors, *loads, " is ".join(kinds), *fits])
    return [f"    if not ({test}):", f"        {settled}", recording]


def _kernel(op: Op, inline: str | None) -> list[str]:
    position = {name: i for i, name in enumerate(op.operands)}
    given = []
    for p in op.signature.parameters.values():
        value = f"x{position[p.name]}" if p.name in position else p.name
        given.append(f"{p.name}={value}" if p.kind is p.KEYWORD_ONLY else value)
    options = ", ".join(f"{p.name!r}: {p.name}" for p in op.options)
    given_options = f", {{{options}}}" if options else ""
    xs = "x0," if op.many else ", ".join(f"x{i}" for i in range(len(op.operands))) + ","
    computed = inline or f"kernel({', '.join(given)})"
    return [
        "    try:",
        f"        y{', aux' * op.aux} = {computed}",
        "    except (ValueError, TypeError, IndexError) as error:",
        f"        raise explain(op, ({xs}), error{given_options}) from None",
    ]


def _record(op: Op, plan: Plan) -> list[str]:
    """The lines, inside `if recording`, that make the node."""
    lines = ["node = OpNode()", "node.number = next(numbers)", "node.hooks = None"]
    if "dtype" in op.names and not op.moves:  # one that has no derivatives may have been asked for
        lines = ['if y.dtype.kind in "biu":', "    raise undifferentiated(y)", *lines]
    if op.many:
        first = op.operands[0]
        lines += [f"node.parents = tuple([edge_of(t) for t in {first}])", "node.shapes = [x.shape for x in x0]"]
    else:
        for i, name in enumerate(() if _paired(op) else op.operands):  # of a pair, what was loaded says where they go
            if op.slopes[name] is None:
                lines.append(f"p{i} = None")
                continue
            edge = f"({name}._node or {name})"
            if op.rule and len(op.operands) > 1:
                test = f"isinstance({name}, Tensor) and {name}._requires_grad"
            elif op.signature.parameters[name].default is None:
                test = f"{name} is not None and {name}._requires_grad"
            else:
                test = "" if len([n for n in op.operands if op.slopes[n]]) == 1 else f"{name}._requires_grad"
            lines.append(f"p{i} = {edge} if {test} else None" if test else f"p{i} = {edge}")
        lines.append(f"node.parents = ({', '.join(f'p{i}' for i in range(len(op.operands)))},)")
    for name, askers in plan.values.items():
        needed = " or ".join(f"p{i} is not None" for i in askers)
        value = name
        if op.rule and len(op.operands) > 1:  # a number is kept as the constant that the kernel got
            value = f"({name} if isinstance({name}, Tensor) else x{op.operands.index(name)})"
        sure = op.many or len(set(askers)) == len([n for n in op.operands if op.slopes[n]])
        lines.append(f"node.{name} = {value}" if sure else f"node.{name} = {value} if {needed} else None")
    lines += [f"node.{name} = {name}" for name in plan.kept_options]
    lines += [f"node.{name}_number = not isinstance({name}, Tensor)" for name in plan.numbers]
    for name in plan.shapes if not op.many else ():
        x = f"x{op.operands.index(name)}"
        absent = f" if {x} is not None else None" if op.signature.parameters[name].default is None else ""
        lines.append(f"node.{name}_shape = {x}.shape{absent}")
    if plan.broadcasts:
        xs = [f"shape_of(x{i})" if op.rule else f"x{i}.shape" for i in range(len(op.operands))]
        same = " ".join(f"== {x}" for x in xs[1:])
        if len(op.operands) == 2:
            # Of a number, the constant that stands for it has no axes.
            number = "(p1 is None and x1.__class__ is ndarray and not x1.ndim)"
            # The result of an op element by element has axes where an operand has some; a loss has none.
            scalar = "" if "reduction" in op.names else "y.__class__ is scalar32 or "
            lines += [f"if {scalar}{number}:", "    node.shapes = None", "else:"]
            lines += ["    s0 = x0.shape if x0.__class__ is ndarray else shape_of(x0)"]
            lines += ["    s1 = x1.shape if x1.__class__ is ndarray else shape_of(x1)"]
            # Nothing is to be summed up either where the one of less axes, most often a number, needs no gradient.
            lines += ["    if s0 == s1 or (not s1 and p1 is None) or (not s0 and p0 is None):"]
            lines += ["        node.shapes = None", "    else:", "        node.shapes = (s0, s1)"]
        else:
            lines += [f"node.shapes = None if {xs[0]} {same} else ({', '.join(xs)},)"]
    if plan.result:
        needed = " or ".join(f"p{i} is not None" for i in plan.result)
        sure = op.many or len(plan.result) == len([n for n in op.operands if op.slopes[n]])
        lines.append(f"node.y = y{'[0]' * bool(op.returns)}{'' if sure else f' if {needed} else None'}")
    if op.aux:
        lines.append("node.aux = aux")
    if plan.kind:
        lines.append("node.kind = x0.dtype")
    if op.several:
        lines.append("node.results = len(y)")
    return lines


def _result(op: Op, plan: Plan) -> list[str]:
    if op.several:
        lines = ["    node = None"]
        if op.differentiable:
            lines += ["    if recording:", *(f"        {line}" for line in _record(op, plan))]
        arguments = ", ".join(p.name for p in op.signature.parameters.values() if p.name != op.operands[0])
        call = f"view_of({op.operands[0]}, op, ({arguments},))" if op.view else "None"
        return [*lines, f"    result = results(y, node, {call})"]
    first = "y[0]" if op.returns else "y"
    lines = ["    result = new(Tensor)", f"    result._array = {first}", "    result._family = None"]
    if op.differentiable:
        lines += ["    if recording:", "        result._requires_grad = True"]
        lines += [f"        {line}" for line in [*_record(op, plan), "result._node = node"]]
        lines += ["    else:", "        result._requires_grad = False", "        result._node = None"]
    else:
        lines += ["    result._requires_grad = False", "    result._node = None"]
    if op.view:
        arguments = ", ".join(p.name for p in op.signature.parameters.values() if p.name != op.operands[0])
        lines += [f"    join({op.operands[0]}, result, op, ({arguments}{',' if arguments else ''}))"]
    if op.returns:
        lines += ["    result = op.returns(result, *[wrap(each) for each in y[1:]])"]
        if plan.places:
            lines += ["    if recording:", "        node.found_at = result[1]"]
    return lines
