"""`/api/runs/<id>/tensors/<node>/`: one tensor's numbers, from the program while it runs, else from its record."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse

from playground import runs
from playground.api.access import log_for, visitor_of
from playground.api.bodies import choice, whole_number
from playground.api.errors import ApiError, wrong
from playground.protocol.commands import Inspect
from playground.protocol.events import TensorEvent
from playground.protocol.values import What
from playground.tensors import BadSlice, parse_slice, recorded
from playground.visitors import right_to

_MAX_SLICE = 200
_MAX_NODE = 200  # as in `commands.Inspect`


def read(request: HttpRequest, run_id: str, node: str) -> HttpResponse:
    """One tensor's numbers; `step` in the answer says of which step they are."""
    step = whole_number(request, "step", None)
    what: What = "grad" if choice(request, "what", ("value", "grad")) == "grad" else "value"
    cut = request.GET.get("slice", "")
    if len(cut) > _MAX_SLICE:
        raise wrong("slice", f"`slice` is over {_MAX_SLICE} characters.")
    run, log = log_for(request, run_id)
    if len(node) > _MAX_NODE:
        raise ApiError(404, "There is no such node.")
    try:
        parse_slice(cut)
        asked = Inspect(node=node, step=step, what=what, slice=cut)
        answer: TensorEvent | None = None
        # Only who controls a run may make it work: an answer counts against what the run may say.
        if not log.ended and right_to(run, visitor_of(request), request.headers.get("X-Run-Token")) == "owner":
            answer = runs.dispatcher().inspect(run_id, asked)
        if answer is None or answer.error is not None:
            answer = recorded(log.records(), asked) or answer
    except BadSlice as error:
        raise wrong("slice", f"`slice` cannot be used: {error}.") from None
    if answer is None:
        raise ApiError(404, f"No numbers of this node's {what} were recorded.")
    if answer.error is not None and not answer.shape:
        raise ApiError(404, answer.error)
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")
