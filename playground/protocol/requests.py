"""The bodies that the HTTP API takes. In both only `code` is required."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

MAX_CODE = 256 << 10  # bytes of UTF-8
MAX_BODY = 1 << 20  # bytes

Device = Literal["auto", "cpu", "gpu"]
Seed = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
ParamName = Annotated[str, Meta(min_length=1, max_length=100)]


class RunRequest(msgspec.Struct, kw_only=True):
    """`POST /api/runs/`."""

    code: str
    device: Device = "auto"
    seed: Seed | None = None
    params: Annotated[dict[ParamName, float], Meta(max_length=100)] = {}
    wait: bool = False
    time_limit_s: Annotated[float, Meta(gt=0)] | None = None


class SnippetRequest(msgspec.Struct, kw_only=True):
    """`POST /api/snippets/`. `view` is the page's own state (camera, step, node, colours), kept as it came."""

    code: str
    title: Annotated[str, Meta(max_length=200)] = ""
    description: Annotated[str, Meta(max_length=20_000)] = ""
    device: Device = "auto"
    seed: Seed | None = None
    params: Annotated[dict[ParamName, float], Meta(max_length=100)] = {}
    run: Annotated[str, Meta(max_length=64)] | None = None
    parent: Annotated[str, Meta(max_length=64)] | None = None
    view: dict[str, Any] = {}


class ForkRequest(msgspec.Struct, kw_only=True):
    """`POST /api/snippets/<slug>/fork/`: what differs from the parent; what is absent is the parent's."""

    code: str | UnsetType = UNSET
    title: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=20_000)] | UnsetType = UNSET
