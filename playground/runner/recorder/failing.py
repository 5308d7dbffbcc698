"""The graph up to an op that failed: what had been computed, and the op itself as the last node."""

from __future__ import annotations

import os
from typing import Any

import engine
from engine import nn
from engine.op import Composite, registry
from engine.tensor import Tensor
from playground.protocol.values import Edge, Node
from playground.runner.recorder.drawing import Drawing, digest, draw
from playground.runner.recorder.names import Models, Variables
from playground.runner.recorder.tape import Tape, Trace, arguments, name_of
from playground.runner.source import FILENAME, Place, place

_CALLS = ("<engine call of ", "<engine operator ")
_ENGINE = os.path.dirname(engine.__file__) + os.sep


def draw_failed(
    error: BaseException, tape: Tape, step: int, models: Models, variables: Variables
) -> tuple[Drawing, Trace] | None:
    """What the operands of the failed op came from, with the op at its end, and the trace; None if no op failed."""
    op, name, operands, where, module = _failed_call(error)
    if op is None:
        return None
    tensors = [each for each in operands if isinstance(each, Tensor)]
    trace = tape.newest(tensors)
    drawing = draw(trace, step, models, variables)
    slots: dict[int, int] = {id(leaf): -1 - i for i, leaf in enumerate(trace.leaves)}
    for position, call in enumerate(trace.calls):
        slots.update((id(edge), position) for edge in call.results)
    event = drawing.event
    sources = []
    for argument, operand in zip(arguments(op), operands, strict=False):
        if isinstance(operand, Tensor):
            slot = slots[id(operand if operand._node is None else operand._node)]
            sources.append((argument, drawing.ids[slot]))
    node = Node(
        id=digest("\n".join((name, *map(str, where), *(source for _, source in sources), "failed"))),
        kind="op",
        op=name,
        module="" if module is None else models.path(module),
        line=where.line,
        column=where.column,
        end_line=where.end_line,
        end_column=where.end_column,
        formula=getattr(op, "formula", None) or None,
    )
    event.nodes.append(node)
    event.edges += [Edge(source=source, target=node.id, argument=argument) for argument, source in sources]
    event.graph = digest(event.graph + node.id)
    return drawing, trace


def _failed_call(error: BaseException) -> tuple[Any, str, list[Any], Place, Any]:
    """The op whose call the error came out of, its name and operands, the place in the learner's file, the module."""
    op: Any = None
    module: Any = None
    name = ""
    operands: list[Any] = []
    where = Place()
    tb = error.__traceback__
    while tb is not None:
        code = tb.tb_frame.f_code
        if code.co_name == "forward" and isinstance(tb.tb_frame.f_locals.get("self"), nn.Module):
            module = tb.tb_frame.f_locals["self"]
        if code.co_filename == FILENAME:
            op, operands, where = None, [], place(code, tb.tb_lasti)
        elif code.co_filename.startswith(_CALLS):
            op, names = tb.tb_frame.f_globals["op"], tb.tb_frame.f_locals
            name = name_of(op, tb.tb_frame)
            given = [names.get(each) for each in op.operands]
            operands = list(given[0]) if op.many and isinstance(given[0], (tuple, list)) else given
        elif op is None and isinstance(registry.get(code.co_name), Composite) and code.co_filename.startswith(_ENGINE):
            op, name = registry[code.co_name], code.co_name
            operands = [tb.tb_frame.f_locals.get(each) for each in op.signature.parameters]
        tb = tb.tb_next
    return op, name, operands, where, module
