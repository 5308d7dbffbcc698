"""Snippets: made once for the same content, forked, and found."""

from __future__ import annotations

import base64
import hashlib

import msgspec
from django.db import IntegrityError, transaction

from playground.models import Run, Snippet
from playground.protocol.requests import SnippetRequest
from playground.visitors import new_token, token_hash

_SLUG_CHARACTERS = 16  # of 5 bits


def slug_of(request: SnippetRequest) -> str:
    """The slug of a content: 80 bits of its hash, in small letters and digits."""
    content = msgspec.json.encode(request, order="sorted")
    return base64.b32encode(hashlib.sha256(content).digest())[:_SLUG_CHARACTERS].decode().lower()


def make(request: SnippetRequest, run: Run | None, parent: Snippet | None, visitor: str) -> tuple[Snippet, str | None]:
    """The snippet of that content and its edit token; the token is None where the content was shared before."""
    slug = slug_of(request)
    known = Snippet.objects.filter(pk=slug).first()
    if known is not None:
        return known, None
    token = new_token()
    try:
        with transaction.atomic():
            made = Snippet.objects.create(
                slug=slug,
                title=request.title,
                description=request.description,
                code=request.code,
                device=request.device,
                seed=request.seed,
                params=request.params,
                view=request.view,
                run=run,
                parent=parent,
                edit_token_hash=token_hash(token),
                visitor=visitor,
            )
    except IntegrityError:  # shared by somebody else in this very moment
        return Snippet.objects.get(pk=slug), None
    return made, token


def find(slug: str) -> Snippet | None:
    """The snippet of that slug."""
    if len(slug) != _SLUG_CHARACTERS or not slug.isascii() or not slug.isalnum():
        return None
    return Snippet.objects.filter(pk=slug).select_related("run").first()
