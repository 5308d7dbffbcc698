"""`/api/runs/`: starting a run, reading its result and its record, controlling it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.gzip import gzip_page

from playground import runs, visitors
from playground.api.access import address_of, log_for, run_for, visitor_of
from playground.api.bodies import choice, parse, whole_number
from playground.api.errors import ApiError, too_many, wrong
from playground.dispatch.log import RunLog
from playground.dispatch.spec import NoWorker, QueueFull
from playground.models import Run
from playground.protocol import commands
from playground.protocol.events import FileEvent
from playground.protocol.recordings import PackedRecording
from playground.protocol.requests import RunRequest
from playground.protocol.results import Result
from playground.readers import as_json

MAX_EVENTS = 10_000
_PAGE_BYTES = 16 << 20


class RunStarted(msgspec.Struct, kw_only=True):
    """A run that has been taken, and how to follow and control it."""

    id: str
    status: str
    url: str
    websocket: str
    control_token: str


class RunEnded(Result, kw_only=True):
    """The whole result of a run that was waited for, with the right to read the rest of it."""

    url: str
    websocket: str
    control_token: str


class Accepted(msgspec.Struct, kw_only=True):
    """A command that has been passed on; `status` is how the run stands now."""

    id: str
    status: str


class EventsPage(msgspec.Struct, kw_only=True):
    """Events in order. `last` is the newest event's number, `ended` whether no more will come."""

    events: list[dict[str, Any]]
    last: int
    ended: bool


async def create(request: HttpRequest) -> HttpResponse:
    """Start a program, and with `wait` answer when it has ended."""
    beginning = asyncio.ensure_future(sync_to_async(_begin)(request))
    try:
        asked, run, log, token = await asyncio.shield(beginning)
    except asyncio.CancelledError:  # the client is gone before it was told of the run
        with suppress(Exception):
            asked, run, *_ = await beginning
            if asked.wait:
                await _stop(run.id)
        raise
    links = {"url": f"/api/runs/{run.id}/", "websocket": f"/ws/runs/{run.id}/", "control_token": token}
    if not asked.wait:
        body = msgspec.json.encode(RunStarted(id=run.id, status=log.status, **links))
        return _json(body, status=201, headers={"Location": links["url"]})
    try:
        await log.until_ended()
    except asyncio.CancelledError:  # the client is gone, and nobody else knows of this run
        await _stop(run.id)
        raise
    await sync_to_async(runs.find)(run.id)
    result = msgspec.json.decode(log.result(), type=dict[str, msgspec.Raw])
    return _json(msgspec.json.encode({**result, **links}))


async def _stop(run_id: str) -> None:
    """Stop a run, also while the request that asks for it is being given up."""
    await asyncio.shield(sync_to_async(runs.dispatcher().command)(run_id, commands.Stop()))


def read(request: HttpRequest, run_id: str) -> HttpResponse:
    """The result up to now."""
    return _json(runs.result_of(*run_for(request, run_id, "reader")))


# Compressed, unlike all other answers: what a record says came from its own program. No token or cookie stands beside
# it, which somebody who chooses a part of the text could guess from the length.
@gzip_page
def events(request: HttpRequest, run_id: str) -> HttpResponse:
    """The recorded events after a number."""
    after = whole_number(request, "after", 0) or 0
    limit = min(whole_number(request, "limit", MAX_EVENTS, least=1) or MAX_EVENTS, MAX_EVENTS)
    form = choice(request, "format", ("json", "msgpack"))
    _, log = log_for(request, run_id)
    ended = log.ended
    taken: list[bytes] = []
    size = 0
    for entry in log.after(after, limit):
        taken.append(as_json(entry, log) if form == "json" else entry.payload)
        size += len(taken[-1])
        if size > _PAGE_BYTES:
            break
    if form == "msgpack":
        page = {"events": [msgspec.Raw(each) for each in taken], "last": log.last, "ended": ended}
        return HttpResponse(msgspec.msgpack.encode(page), content_type="application/vnd.msgpack")
    return _json(
        b'{"events":[' + b",".join(taken) + b'],"last":%d,"ended":%s}' % (log.last, b"true" if ended else b"false")
    )


@gzip_page  # as above
def recording(request: HttpRequest, run_id: str) -> HttpResponse:
    """The record as one file that a page can replay."""
    run, log = log_for(request, run_id)
    if not log.ended:
        raise wrong(None, "The run is still under way; its recording is made when it has ended.")
    return HttpResponse(packed_recording(run, log), content_type="application/vnd.msgpack")


def packed_recording(run: Run, log: RunLog, title: str = "") -> bytes:
    """An ended run's `Recording` in msgpack."""
    packed_events, tensors = log.packed()
    result = msgspec.json.decode(log.result(), type=dict[str, msgspec.Raw])
    return msgspec.msgpack.encode(
        PackedRecording(
            code=run.code,
            title=title,
            device=run.device,
            seed=run.seed,
            params=run.params,
            status=log.status,
            engine_version=msgspec.json.decode(result["engine_version"], type=str),
            events=msgspec.Raw(packed_events),
            tensors=msgspec.Raw(tensors),
        )
    )


def saved_file(request: HttpRequest, run_id: str, name: str) -> HttpResponse:
    """A file that the program saved, for download."""
    _, log = log_for(request, run_id)
    data = bytearray()
    found = False
    for entry in log.after(0):
        if entry.type is FileEvent:
            part = entry.event
            assert isinstance(part, FileEvent)
            if part.name == name:
                found = True
                if part.offset == len(data):
                    data += part.data
    if not found:
        raise ApiError(404, "The program saved no file of that name.")
    safe = "".join(character for character in name if character.isprintable()) or "file"
    disposition = content_disposition_header(as_attachment=True, filename=safe) or "attachment"
    return HttpResponse(
        bytes(data), content_type="application/octet-stream", headers={"Content-Disposition": disposition}
    )


def control(command: type[commands.Command]) -> Callable[..., HttpResponse]:
    """The handler that tells a run `command`."""

    def handler(request: HttpRequest, run_id: str) -> HttpResponse:
        run, log = run_for(request, run_id, "owner")
        if log is not None and not log.ended:
            runs.dispatcher().command(run.id, command())
        status = run.status if log is None else log.status
        return _json(msgspec.json.encode(Accepted(id=run.id, status=status)), status=202)

    handler.__doc__ = command.__doc__
    return handler


def _begin(request: HttpRequest) -> tuple[RunRequest, Run, RunLog, str]:
    asked = parse(request, RunRequest)
    visitor, address = visitor_of(request), address_of(request)
    wait_s = visitors.runs_started.wait_s(visitors.limit_key(visitor, address), settings.RUNS_PER_MINUTE)
    if wait_s:
        raise too_many(f"You have started {settings.RUNS_PER_MINUTE} runs within a minute, the most.", wait_s)
    try:
        run, log, token = runs.begin(asked, visitor, address)
    except QueueFull as error:
        raise too_many(str(error), error.retry_after_s) from None
    except NoWorker as error:
        raise ApiError(503, str(error), field="device" if asked.device == "gpu" else None) from None
    return asked, run, log, token


def _json(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)
