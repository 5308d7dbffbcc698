"""The one app of the project."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    """Registers the checks; nothing is started before the first run is asked for."""

    name = "playground"
    verbose_name = "Autograd Playground"

    def ready(self) -> None:
        """Make the checks known to Django."""
        import_module("playground.checks")
