"""`/api/lessons/` and `/api/health/`: what is shipped, and whether the server can do its work."""

from __future__ import annotations

import msgspec
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from playground import runs
from playground.catalogue import lessons
from playground.dispatch.spec import WorkerCounts
from playground.version import VERSION


class LessonEntry(msgspec.Struct, kw_only=True):
    """One shipped lesson."""

    name: str
    title: str
    order: int
    summary: str
    url: str
    recording_url: str | None


class LessonsBody(msgspec.Struct, kw_only=True):
    """The shipped lessons in their order."""

    lessons: list[LessonEntry]


class Part(msgspec.Struct, kw_only=True):
    """One thing that the server needs."""

    ok: bool
    kind: str
    reason: str = ""


class HealthBody(msgspec.Struct, kw_only=True):
    """How the server stands. `status` is "ok" or "unavailable"; the latter comes with 503."""

    status: str
    version: str
    database: Part
    channel_layer: Part
    sandbox: Part
    workers: dict[str, WorkerCounts]
    queue_length: int
    queue_limit: int


def read_lessons(request: HttpRequest) -> HttpResponse:
    """The shipped lessons."""
    entries = [
        LessonEntry(
            name=lesson.name,
            title=lesson.title,
            order=lesson.order,
            summary=lesson.summary,
            url=f"/lessons/{lesson.name}/",
            recording_url=f"/lessons/{lesson.name}/recording/" if lesson.recording else None,
        )
        for lesson in lessons().values()
    ]
    return HttpResponse(msgspec.json.encode(LessonsBody(lessons=entries)), content_type="application/json")


def health(request: HttpRequest) -> HttpResponse:
    """Readiness, with the reason for whatever is not ready."""
    database = _database()
    state = runs.dispatcher().health()
    ok = database.ok and state.ready
    body = HealthBody(
        status="ok" if ok else "unavailable",
        version=VERSION,
        database=database,
        channel_layer=Part(ok=True, kind="in-process"),  # readers and runs live in one process: the log's own bell
        sandbox=Part(ok=state.sandbox != "none", kind=state.sandbox, reason=state.sandbox_reason),
        workers=state.workers,
        queue_length=state.queue_length,
        queue_limit=state.queue_limit,
    )
    return HttpResponse(msgspec.json.encode(body), status=200 if ok else 503, content_type="application/json")


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError as error:
        return Part(ok=False, kind=connection.vendor, reason=str(error))
    return Part(ok=True, kind=connection.vendor)
