"""What goes over the wire: records compressed where the client takes that, the page's files kept by the browser."""

from __future__ import annotations

import gzip
import re

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from playground import catalogue
from playground.environment import ROOT
from playground.templatetags.page import is_built
from tests.playground.visiting import BACKWARD, Api

LESSON = f"/lessons/{catalogue.DEMO}/recording/"
TRAINING = """import torch
x = torch.ones(100, requires_grad=True)
for step in range(50):
    (x * step).sum().backward()
"""


def _compressed(api: Api, path: str, token: str = "") -> bytes:
    """What a client gets that takes gzip; checks that it got fewer bytes of the same."""
    plain = api.get(path, token)
    packed = api.client.get(path, headers={"Accept-Encoding": "gzip", "X-Run-Token": token})
    assert plain.status_code == packed.status_code == 200
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"] and "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.content) < 0.8 * len(plain.content)
    assert gzip.decompress(packed.content) == plain.content
    return plain.content


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["recording/", "events/", "events/?format=msgpack"])
def test_a_runs_record_is_compressed(api: Api, what: str) -> None:
    run = api.run(TRAINING)
    _compressed(api, run["url"] + what, run["control_token"])


def test_a_lessons_record_is_compressed(api: Api) -> None:
    lesson = catalogue.lessons()[catalogue.DEMO]
    assert lesson.recording is not None
    assert _compressed(api, LESSON) == lesson.recording.read_bytes()


def test_a_lessons_record_is_sent_once(api: Api) -> None:
    first = api.client.get(LESSON, headers={"Accept-Encoding": "gzip"})
    assert first.headers["Cache-Control"] == "no-cache"
    again = api.client.get(LESSON, headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content
    other = api.client.get("/lessons/mnist_mlp/recording/", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


@pytest.mark.django_db
def test_what_tells_a_secret_is_not_compressed(api: Api) -> None:
    code = f"{BACKWARD}print('the same ' * 1000)"
    started = api.post("/api/runs/", {"code": code, "wait": True}, **{"Accept-Encoding": "gzip"})
    assert "control_token" in started.json() and "Content-Encoding" not in started.headers
    refused = api.client.get(started.json()["url"] + "recording/", headers={"Accept-Encoding": "gzip"})
    assert refused.status_code == 401 and refused.json()["error"]["code"] and "Content-Encoding" not in refused.headers
    page = api.client.get("/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers


@pytest.mark.skipif(not is_built(), reason="the page is not built: make build")
def test_files_named_by_their_content_are_kept_for_a_year() -> None:
    files = sorted(path.name for path in (ROOT / "frontend/dist/assets").iterdir() if path.suffix != ".gz")
    assert files
    for name in files:
        kept = re.fullmatch(r"max-age=(\d+), public, immutable", _cache_control(f"/static/assets/{name}"))
        assert kept is not None and int(kept[1]) == 365 * 24 * 3600, name
    for path in ("favicon.svg", "admin/css/base.css"):  # a new version comes under the same name
        assert "immutable" not in _cache_control(f"/static/{path}")


def _cache_control(path: str) -> str:
    """What the server says of how long to keep a static file."""
    answer = async_to_sync(AsyncClient().get)(path)
    assert answer.status_code == 200, path
    return answer.headers["Cache-Control"]
