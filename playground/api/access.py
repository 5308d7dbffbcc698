"""The one check that every call about a run passes: who asks, and whether that is enough."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest

from playground import runs, visitors
from playground.api.errors import ApiError
from playground.dispatch.log import RunLog
from playground.models import Run


def visitor_of(request: HttpRequest) -> str:
    """The visitor that the request's session names, "" without one. Reading it sets no cookie."""
    return visitors.of_session(request.session)


def address_of(request: HttpRequest) -> str:
    """Where the request comes from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def run_for(request: HttpRequest, run_id: str, need: Literal["owner", "reader"]) -> tuple[Run, RunLog | None]:
    """A run and its log, for a request that has the right. Raises `ApiError` 404, 401 or 403."""
    found = runs.find(run_id)
    if found is None:
        raise ApiError(404, "There is no such run.")
    run, log = found
    visitor, token = visitor_of(request), request.headers.get("X-Run-Token")
    right = visitors.right_to(run, visitor, token)
    if right == "owner" or right == need:
        return run, log
    if not visitor and not token:
        raise ApiError(401, "This needs the run's control token in the header X-Run-Token.")
    raise ApiError(403, "This is somebody else's run.")


def log_for(request: HttpRequest, run_id: str) -> tuple[Run, RunLog]:
    """A run that may be read and its record. Raises `ApiError`; 404 also where the record is not here."""
    run, log = run_for(request, run_id, "reader")
    if log is None:
        raise ApiError(404, "The record of this run is not here: it was dropped, or another server process has it.")
    return run, log
