"""`python manage.py record`: runs the shipped lessons and keeps their recordings beside their programs."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from playground import catalogue, runs
from playground.api.runs import packed_recording
from playground.dispatch.base import Dispatcher
from playground.dispatch.local import LocalDispatcher
from playground.dispatch.spec import RunSpec
from playground.models import Run


class Command(BaseCommand):
    """Needs no database: the runs are not kept."""

    help = "Record the runs of the lessons named, or of all."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which lessons."""
        parser.add_argument("names", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and write."""
        dispatcher = LocalDispatcher(runs.config())
        try:
            for name in options["names"] or catalogue.lessons():
                self._record(dispatcher, name)
        finally:
            dispatcher.close()

    def _record(self, dispatcher: Dispatcher, name: str) -> None:
        lesson = catalogue.lessons().get(name)
        if lesson is None:
            raise CommandError(f"There is no lesson {name}.")
        run = Run(id=secrets.token_hex(16), code=lesson.code, device="cpu", seed=lesson.seed)
        log = dispatcher.submit(
            RunSpec(run_id=run.id, code=run.code, seed=run.seed, frames_per_second=lesson.frames_per_second)
        )
        log.wait_ended()
        if log.status != "finished":
            raise CommandError(f"The program of {name} ended as {log.status}: {log.result().decode()}")
        path = catalogue.FOLDER / name / catalogue.RECORDING
        path.write_bytes(packed_recording(run, log, lesson.title))
        self.stdout.write(f"{name}: {log.last} events, {path.stat().st_size} bytes")
