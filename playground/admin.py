"""The admin's view of runs and snippets: to look at, and to delete."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from playground.models import Run, Snippet


class _LookOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        """What is here was made through the API."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A record that can be changed is none."""
        return False


@admin.register(Run)
class RunAdmin(_LookOnly):
    """Runs."""

    list_display: ClassVar = ("id", "status", "device", "created", "ended")
    list_filter: ClassVar = ("status", "device")
    date_hierarchy = "created"


@admin.register(Snippet)
class SnippetAdmin(_LookOnly):
    """Shared programs."""

    list_display: ClassVar = ("slug", "title", "device", "created")
    search_fields: ClassVar = ("slug", "title")
