"""The table of the API: every address, its methods, and what they take and give."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path

from playground.api import docs, runs, service, snippets, tensors
from playground.api.endpoint import Operation, Parameter, endpoint
from playground.api.errors import ApiError
from playground.protocol import commands
from playground.protocol.events import TensorEvent
from playground.protocol.requests import ForkRequest, RunRequest, SnippetRequest
from playground.protocol.results import Result

MSGPACK = "application/vnd.msgpack"
_RUN = (401, 403, 404)
_WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}


def _control(command: type[commands.Command], summary: str) -> dict[str, Operation]:
    answers = {202: ("Passed on.", runs.Accepted)}
    return {
        "POST": Operation(runs.control(command), summary, answers, needs_token=True, errors=_RUN),
    }


def _not_there(request: HttpRequest, **ids: str) -> HttpResponse:
    raise ApiError(404, "The API has no such address; /api/docs lists what it has.")


ROUTES: dict[str, dict[str, Operation]] = {
    "runs/": {
        "POST": Operation(
            runs.create,
            "Start a run",
            {201: ("Taken.", runs.RunStarted), 200: ("With `wait`: ended.", runs.RunEnded)},
            body=RunRequest,
            errors=(400, 403, 413, 429, 503),
        )
    },
    "runs/{run_id}/": {
        "GET": Operation(runs.read, "A run's result", {200: ("The result.", Result)}, needs_token=True, errors=_RUN)
    },
    "runs/{run_id}/events/": {
        "GET": Operation(
            runs.events,
            "A run's recorded events",
            {200: ("Events in order; a frame's statistics by node id.", runs.EventsPage)},
            parameters=(
                Parameter("after", "Only events after this number.", _WHOLE),
                Parameter("limit", f"At most so many, up to {runs.MAX_EVENTS}.", {**_WHOLE, "minimum": 1}),
                Parameter("format", "msgpack: packed, as on the socket.", {"enum": ["json", "msgpack"]}),
            ),
            needs_token=True,
            errors=(400, *_RUN),
        )
    },
    "runs/{run_id}/recording/": {
        "GET": Operation(
            runs.recording,
            "An ended run as one file",
            {200: ("A `Recording` in msgpack.", MSGPACK)},
            needs_token=True,
            errors=(400, *_RUN),
        )
    },
    "runs/{run_id}/files/{name}": {
        "GET": Operation(
            runs.saved_file,
            "A file that the program saved",
            {200: ("The file.", "application/octet-stream")},
            needs_token=True,
            errors=_RUN,
        )
    },
    "runs/{run_id}/tensors/{node}/": {
        "GET": Operation(
            tensors.read,
            "One tensor's numbers",
            {200: ("Of the step that it names.", TensorEvent)},
            parameters=(
                Parameter("step", "The training step; the newest without it.", _WHOLE),
                Parameter("what", "Its value or its gradient.", {"enum": ["value", "grad"]}),
                Parameter("slice", 'As in Python: "0, :10".', {"type": "string", "maxLength": 200}),
            ),
            needs_token=True,
            errors=(400, *_RUN),
        )
    },
    "runs/{run_id}/stop/": _control(commands.Stop, "Stop a run"),
    "runs/{run_id}/pause/": _control(commands.Pause, "Hold a run"),
    "runs/{run_id}/resume/": _control(commands.Resume, "Let a held run go on"),
    "runs/{run_id}/step/": _control(commands.Step, "Let a held run take one training step"),
    "snippets/": {
        "POST": Operation(
            snippets.create,
            "Share a program",
            {201: ("Shared.", snippets.SnippetMade)},
            body=SnippetRequest,
            errors=(400, 401, 403, 413, 429),
        )
    },
    "snippets/{slug}/": {
        "GET": Operation(snippets.read, "A shared program", {200: ("It.", snippets.SnippetBody)}, errors=(404,)),
        "PATCH": Operation(
            snippets.relabel,
            "Change the words of one's own snippet",
            {200: ("Changed.", snippets.SnippetBody)},
            body=snippets.LabelRequest,
            errors=(400, 401, 403, 404, 413),
        ),
    },
    "snippets/{slug}/fork/": {
        "POST": Operation(
            snippets.fork,
            "Fork a shared program",
            {201: ("A child that names its parent.", snippets.SnippetMade)},
            body=ForkRequest,
            errors=(400, 403, 404, 413, 429),
        )
    },
    "lessons/": {
        "GET": Operation(service.read_lessons, "The shipped lessons", {200: ("In order.", service.LessonsBody)})
    },
    "health/": {
        "GET": Operation(
            service.health,
            "Readiness",
            {200: ("Ready.", service.HealthBody), 503: ("Not ready, with the reason.", service.HealthBody)},
        )
    },
}


def url_patterns() -> list[URLPattern]:
    """The urls of the table and of what describes it; a last slash may be left out."""
    patterns = []
    for path, operations in ROUTES.items():
        pattern = path.rstrip("/").replace("{", "(?P<").replace("}", ">[^/]+)")
        patterns.append(re_path(rf"^{pattern}/?$", endpoint(operations)))
    patterns.append(re_path(r"^openapi\.json/?$", endpoint({"GET": Operation(docs.openapi, "OpenAPI", {})})))
    patterns.append(re_path(r"^docs/?$", docs.page))
    anything = {method: Operation(_not_there, "", {}) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}
    patterns.append(re_path(r"^.*$", endpoint(anything)))
    return patterns
