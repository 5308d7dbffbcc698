"""What `manage.py check` says of this server: its sandbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register

from playground.sandbox.levels import Refused
from playground.sandbox.probe import probe


@register(deploy=True)
def sandbox(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """The level at which programs are shut in; asked for with `--deploy`, because it starts a process."""
    try:
        level = probe(settings.SANDBOX, may_be_off=settings.SANDBOX_MAY_BE_OFF)
    except Refused as refusal:
        return [Error(f"No program can be run: {refusal}", id="playground.E001")]
    if level.name == "off":
        return [Warning("Programs run without a sandbox.", id="playground.W001")]
    return [Info(f"The sandbox works at level {level.name}: {level.reason}", id="playground.I001")]
