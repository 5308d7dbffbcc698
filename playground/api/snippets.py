"""`/api/snippets/`: sharing a program, reading one, forking one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from msgspec import UNSET

from playground import snippets, visitors
from playground.api.access import address_of, run_for, visitor_of
from playground.api.bodies import parse
from playground.api.errors import ApiError, too_many, wrong
from playground.models import Run, Snippet
from playground.protocol.requests import ForkRequest, SnippetRequest

_FORKED = ("code", "title", "description")


class SnippetMade(msgspec.Struct, kw_only=True):
    """Where a shared program is. `edit_token` is null where the same content was shared before."""

    slug: str
    url: str
    embed_url: str
    edit_token: str | None


class SnippetBody(msgspec.Struct, kw_only=True):
    """A shared program. `recording_url` gives the recorded run that it carries."""

    slug: str
    url: str
    embed_url: str
    title: str
    description: str
    code: str
    device: str
    seed: int | None
    params: dict[str, float]
    view: dict[str, Any]
    run: str | None
    recording_url: str | None
    parent: str | None
    created: str


class LabelRequest(msgspec.Struct, kw_only=True):
    """`PATCH /api/snippets/<slug>/`: new words for a snippet; its program and its run stay."""

    title: Annotated[str, msgspec.Meta(max_length=200)] | msgspec.UnsetType = UNSET
    description: Annotated[str, msgspec.Meta(max_length=20_000)] | msgspec.UnsetType = UNSET


def create(request: HttpRequest) -> HttpResponse:
    """Share a program; the same content gives the same slug."""
    asked = parse(request, SnippetRequest)
    parent = None
    if asked.parent is not None:
        parent = snippets.find(asked.parent)
        if parent is None:
            raise wrong("parent", "`parent` names no snippet.")
    run = None if asked.run is None else _run_to_carry(request, asked.run)
    return _make(request, asked, run, parent)


def read(request: HttpRequest, slug: str) -> HttpResponse:
    """The snippet."""
    return _json(body_of(_find(slug)))


def relabel(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the title or the description of one's own snippet."""
    snippet = _find(slug)
    asked = parse(request, LabelRequest)
    token, visitor = request.headers.get("X-Edit-Token", ""), visitor_of(request)
    own = visitors.matches(token, snippet.edit_token_hash) or bool(visitor and visitor == snippet.visitor)
    if not own:
        status = 403 if token or visitor else 401
        raise ApiError(status, "This needs the snippet's edit token in the header X-Edit-Token.")
    if isinstance(asked.title, str):
        snippet.title = asked.title
    if isinstance(asked.description, str):
        snippet.description = asked.description
    snippet.save(update_fields=["title", "description"])
    return _json(body_of(snippet))


def fork(request: HttpRequest, slug: str) -> HttpResponse:
    """A child of the snippet; without changes it carries the parent's run as well."""
    parent = _find(slug)
    asked = parse(request, ForkRequest)
    changed = {name: getattr(asked, name) for name in _FORKED if getattr(asked, name) is not UNSET}
    run = parent.run if changed.get("code", parent.code) == parent.code else None
    child = SnippetRequest(
        code=changed.get("code", parent.code),
        title=changed.get("title", parent.title),
        description=changed.get("description", parent.description),
        device=parent.device,
        seed=parent.seed,
        params=parent.params,
        run=None if run is None else run.id,
        parent=parent.slug,
        view=parent.view,
    )
    return _make(request, child, run, parent)


def body_of(snippet: Snippet) -> SnippetBody:
    """The snippet as the API and the pages give it."""
    return SnippetBody(
        slug=snippet.slug,
        url=f"/s/{snippet.slug}/",
        embed_url=f"/s/{snippet.slug}/embed/",
        title=snippet.title,
        description=snippet.description,
        code=snippet.code,
        device=snippet.device,
        seed=snippet.seed,
        params=snippet.params,
        view=snippet.view,
        run=snippet.run_id,
        recording_url=f"/api/runs/{snippet.run_id}/recording/" if snippet.run_id else None,
        parent=snippet.parent_id,
        created=snippet.created.isoformat(),
    )


def _run_to_carry(request: HttpRequest, run_id: str) -> Run:
    """A run that the sharer may read, and that has ended: what a snippet carries does not change any more."""
    try:
        run, log = run_for(request, run_id, "reader")
    except ApiError as error:
        error.field = "run"
        if error.status == 404:
            raise wrong("run", "`run` names no run.") from None
        raise
    if log is not None and not log.ended:
        raise wrong("run", "The run is still under way; share it when it has ended.")
    return run


def _make(request: HttpRequest, asked: SnippetRequest, run: Run | None, parent: Snippet | None) -> HttpResponse:
    visitor = visitor_of(request)
    key = visitors.limit_key(visitor, address_of(request))
    wait_s = visitors.snippets_made.wait_s(key, settings.SNIPPETS_PER_MINUTE)
    if wait_s:
        raise too_many(f"You have shared {settings.SNIPPETS_PER_MINUTE} programs within a minute, the most.", wait_s)
    snippet, token = snippets.make(asked, run, parent, visitor)
    made = SnippetMade(
        slug=snippet.slug,
        url=f"/s/{snippet.slug}/",
        embed_url=f"/s/{snippet.slug}/embed/",
        edit_token=token,
    )
    return _json(made, status=201, headers={"Location": f"/api/snippets/{snippet.slug}/"})


def _find(slug: str) -> Snippet:
    snippet = snippets.find(slug)
    if snippet is None:
        raise ApiError(404, "There is no such snippet.")
    return snippet


def _json(body: msgspec.Struct, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json", headers=headers)
