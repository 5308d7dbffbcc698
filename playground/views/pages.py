"""The pages: each a template and one `boot` object that says to the script what it was opened for."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from playground import catalogue, runs, snippets, visitors
from playground.api.snippets import body_of
from playground.headers import embeddable
from playground.models import Snippet
from playground.protocol.requests import MAX_CODE
from playground.templatetags.page import is_built
from playground.version import VERSION

_UNCONFINED = "The sandbox is off: programs run with all rights of this server's user. Run only your own."


@require_safe
@ensure_csrf_cookie
def playground(request: HttpRequest) -> HttpResponse:
    """The playground itself, which plays the recorded demo at first."""
    visitors.remember(request)
    return _page(request, "playground.html", page="playground")


@require_safe
@ensure_csrf_cookie
def snippet(request: HttpRequest, slug: str) -> HttpResponse:
    """A shared program with its recorded run."""
    visitors.remember(request)
    return _snippet(request, slug, "snippet")


@require_safe
@xframe_options_exempt
@embeddable
def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for a frame on another site. It sets no cookie: a frame's visitor is nobody."""
    return _snippet(request, slug, "embed")


@require_safe
def lessons(request: HttpRequest) -> HttpResponse:
    """The list of lessons."""
    entries = [
        {"name": lesson.name, "title": lesson.title, "summary": lesson.summary}
        for lesson in catalogue.lessons().values()
    ]
    return _page(request, "lessons.html", page="lessons", lessons=entries)


@require_safe
@ensure_csrf_cookie
def lesson(request: HttpRequest, name: str) -> HttpResponse:
    """A lesson's text beside its program."""
    visitors.remember(request)
    found = _lesson(name)
    shown = {
        "name": found.name,
        "title": found.title,
        "summary": found.summary,
        "code": found.code,
        "seed": found.seed,
        "sections": [{"html": html} for html in found.sections],
    }
    run = {"id": None, "recording_url": _recording_url(found)} if found.recording else None
    return _page(request, "lesson.html", page="lesson", lesson=shown, run=run)


@require_safe
@cache_control(no_cache=True)  # kept by the browser, which asks each time whether it is still the one
@gzip_page  # the same for everybody: nothing in it is secret
@conditional_page
def lesson_recording(request: HttpRequest, name: str) -> HttpResponse:
    """A lesson's recorded run, a `Recording` in msgpack."""
    found = _lesson(name)
    if found.recording is None:
        raise Http404
    return HttpResponse(found.recording.read_bytes(), content_type="application/vnd.msgpack")


def _lesson(name: str) -> catalogue.Lesson:
    found = catalogue.lessons().get(name)
    if found is None:
        raise Http404
    return found


def _recording_url(lesson: catalogue.Lesson) -> str:
    return f"/lessons/{lesson.name}/recording/"


def _snippet(request: HttpRequest, slug: str, page: str) -> HttpResponse:
    found: Snippet | None = snippets.find(slug)
    if found is None:
        raise Http404
    body = body_of(found)
    run = {"id": body.run, "recording_url": body.recording_url} if body.run else None
    return _page(request, f"{page}.html", page=page, snippet=msgspec.to_builtins(body), run=run)


def _page(request: HttpRequest, template: str, **said: Any) -> HttpResponse:
    demo = catalogue.lessons().get(catalogue.DEMO)
    boot = {
        "snippet": None,
        "lesson": None,
        "run": None,
        "demo_url": _recording_url(demo) if demo is not None and demo.recording else None,
        "demo": {"title": demo.title, "code": demo.code, "seed": demo.seed} if demo is not None else None,
        "devices": msgspec.to_builtins(runs.dispatcher().devices()),
        "limits": {
            "time_limit_s": settings.RUN_TIME_LIMIT_S,
            "memory_mb": settings.RUN_MEMORY_MB,
            "code_bytes": MAX_CODE,
        },
        "version": VERSION,
        "notice": _UNCONFINED if settings.SANDBOX == "off" else None,
        **said,
    }
    if not is_built():
        return render(request, "playground/not_built.html", status=503)
    return render(request, template, {"boot": boot})
