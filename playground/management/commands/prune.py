"""`python manage.py prune`: drops old runs that no snippet carries, and closes those of a server that is gone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from playground import runs


class Command(BaseCommand):
    """Says what it did."""

    help = "Drop the records of old runs that no snippet carries."

    def add_arguments(self, parser: CommandParser) -> None:
        """How old is old."""
        parser.add_argument("--days", type=int, default=settings.KEEP_RUNS_DAYS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prune."""
        lost = runs.give_up_orphans()
        dropped = runs.prune(options["days"])
        self.stdout.write(f"{dropped} old runs dropped, {lost} given up for lost.")
