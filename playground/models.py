"""What the server keeps: runs with their records, and the snippets that people share."""

from __future__ import annotations

import json
import secrets
from typing import ClassVar

from django.db import models

from playground.protocol.values import FINAL


def new_run_id() -> str:
    """A fresh id of 128 bits: who does not know it cannot find the run."""
    return secrets.token_hex(16)


class Numbers(json.JSONDecoder):
    """JSON whose numbers are all floats: PostgreSQL gives a large one back as a whole number, of any length."""

    def __init__(self) -> None:
        super().__init__(parse_int=float)


class Run(models.Model):
    """One program and how it ended. While it is under way only the dispatcher knows how it stands."""

    id = models.CharField(primary_key=True, max_length=32, default=new_run_id, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    visitor = models.CharField(max_length=64, blank=True, editable=False)  # of the session that started it, if one did
    code = models.TextField()
    device = models.CharField(max_length=8)
    seed = models.BigIntegerField(null=True, blank=True)
    params = models.JSONField(default=dict, decoder=Numbers)
    status = models.CharField(max_length=12, default="queued", db_index=True)
    process = models.CharField(max_length=200, editable=False)  # whose dispatcher has it, see `process.own`
    created = models.DateTimeField(auto_now_add=True, db_index=True)
    ended = models.DateTimeField(null=True, blank=True)
    result = models.BinaryField(default=b"", editable=False)  # JSON, when it has ended

    class Meta:
        ordering: ClassVar = ["-created"]

    def __str__(self) -> str:
        return f"{self.id} ({self.status})"

    @property
    def is_final(self) -> bool:
        """Whether the run has ended and its result is here."""
        return self.status in FINAL


class Recording(models.Model):
    """Everything that a run said, each a msgpack array under zlib: its events, and the side record of tensors."""

    run = models.OneToOneField(Run, primary_key=True, on_delete=models.CASCADE)
    events = models.BinaryField()
    tensors = models.BinaryField()

    def __str__(self) -> str:
        return f"recording of {self.run_id}"


class Snippet(models.Model):
    """A program that somebody shared, with the recorded run that it replays and the state of the page."""

    slug = models.CharField(primary_key=True, max_length=16, editable=False)
    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    code = models.TextField()
    device = models.CharField(max_length=8, default="auto")
    seed = models.BigIntegerField(null=True, blank=True)
    params = models.JSONField(default=dict, decoder=Numbers, blank=True)
    view = models.JSONField(default=dict, blank=True)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.PROTECT, related_name="snippets")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    edit_token_hash = models.CharField(max_length=64, editable=False)
    visitor = models.CharField(max_length=64, blank=True, editable=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created"]

    def __str__(self) -> str:
        return self.title or self.slug

    def get_absolute_url(self) -> str:
        """The page that shows it."""
        return f"/s/{self.slug}/"
