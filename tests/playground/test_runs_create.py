"""`POST /api/runs/`: what is taken, and what is refused in which words."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client, RequestFactory

from playground import runs
from playground.api.runs import create
from playground.models import Run
from playground.protocol.requests import MAX_CODE
from tests.playground.visiting import BACKWARD, ENDLESS, Api, eventually, make_api

pytestmark = pytest.mark.django_db


def test_waits_for_the_whole_result(api: Api) -> None:
    result = api.run(BACKWARD, seed=3)
    assert result["status"] == "finished" and result["error"] is None
    assert result["stdout"] == "[2.0, 4.0]\n" and result["seed"] == 3 and result["device"] == "cpu"
    assert result["losses"] == [[1, 5.0]]
    assert {node["kind"] for node in result["graph"]["nodes"]} >= {"parameter", "output"}
    assert result["gradients"]["x"]["shape"] == [2] and result["steps"] == 1
    assert result["duration_s"] > 0 and result["events"] >= 4 and result["engine_version"]


def test_answers_at_once(api: Api) -> None:
    run = api.start(ENDLESS)
    assert set(run) == {"id", "status", "url", "websocket", "control_token"}
    assert run["status"] in ("queued", "starting", "running") and len(run["id"]) == 32
    assert eventually(lambda: "begun" in api.result(run)["stdout"])


def test_stores_the_result_and_the_record(api: Api) -> None:
    result = api.run(BACKWARD)
    row = Run.objects.get(pk=result["id"])
    assert row.status == "finished" and json.loads(row.result)["stdout"] == result["stdout"]
    assert len(row.recording.events) > 100 and row.ended is not None
    assert result["control_token"] not in row.token_hash


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "code"),
        ("{", None),
        ("[]", None),
        ('"code"', None),
        (b'{"code": "\xff"}', None),
        ("{}", "code"),
        ('{"code": 1}', "code"),
        ('{"code": null}', "code"),
        ('{"code": "\\u0000"}', "code"),
        ('{"code": "\\ud800"}', None),
        ('{"code": "1", "device": "tpu"}', "device"),
        ('{"code": "1", "device": 1}', "device"),
        ('{"code": "1", "seed": 1.5}', "seed"),
        ('{"code": "1", "seed": true}', "seed"),
        ('{"code": "1", "seed": 99999999999999999999}', "seed"),
        ('{"code": "1", "seed": NaN}', None),
        ('{"code": "1", "params": {"x": 1e999}}', "params"),
        ('{"code": "1", "params": {"x": "1"}}', "params"),
        ('{"code": "1", "params": {"\\u0000": 1}}', "params"),
        ('{"code": "1", "params": []}', "params"),
        ('{"code": "1", "wait": 1}', "wait"),
        ('{"code": "1", "time_limit_s": 0}', "time_limit_s"),
        ('{"code": "1", "time_limit_s": -1}', "time_limit_s"),
        ('{"code": "1", "time_limit_s": Infinity}', None),
        ("[" * 100_000, None),
        ('{"code": "1", "extra": ' + "[" * 50_000 + "]" * 50_000 + "}", None),
    ],
)
def test_names_what_is_wrong(api: Api, body: str | bytes, field: str | None) -> None:
    answer = api.post("/api/runs/", body)
    error = answer.json()["error"]
    assert answer.status_code == 400 and error["field"] == field and error["code"] == "bad_request"
    assert error["message"].endswith(".") and "$" not in error["message"]
    assert not Run.objects.exists()


def test_refuses_what_is_too_large(api: Api) -> None:
    assert api.post("/api/runs/", {"code": "#" * (MAX_CODE + 1)}).status_code == 413
    assert api.post("/api/runs/", {"code": "é" * (MAX_CODE // 2 + 1)}).status_code == 413
    assert api.post("/api/runs/", "x" * (5 << 20)).status_code == 413
    assert api.run("#" * MAX_CODE)["status"] == "finished"
    assert Run.objects.count() == 1


def test_refuses_a_device_without_workers(api: Api) -> None:
    answer = api.post("/api/runs/", {"code": "1", "device": "gpu"})
    assert answer.status_code == 503 and "GPU" in answer.json()["error"]["message"]
    assert not Run.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_knows_no_other_method(api: Api, method: str) -> None:
    answer = getattr(api.client, method)("/api/runs/")
    assert answer.status_code == 405 and answer.headers["Allow"] == "POST, OPTIONS"
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_limits_the_runs_at_once(api: Api, stranger: Api) -> None:
    api.start(ENDLESS)
    second = api.start(ENDLESS)
    answer = api.post("/api/runs/", {"code": "1"})
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 1
    assert Run.objects.count() == 2
    assert stranger.run("1")["status"] == "finished"
    api.control(second, "stop")
    eventually(lambda: api.result(second)["status"] == "stopped", 1)
    eventually(lambda: api.post("/api/runs/", {"code": "1", "wait": True}).status_code == 200, 1)


def test_limits_the_runs_a_minute(api: Api, settings) -> None:
    settings.RUNS_PER_MINUTE = 1
    api.run("1")
    answer = api.post("/api/runs/", {"code": "1"})
    assert answer.status_code == 429 and 1 <= int(answer.headers["Retry-After"]) <= 60


def test_asks_a_session_for_its_csrf_token() -> None:
    program = json.dumps({"code": "1", "wait": True})
    bare = make_api(enforce_csrf_checks=True).client
    assert bare.post("/api/runs/", program, content_type="application/json").status_code == 200
    assert not bare.cookies
    page: Client = make_api(enforce_csrf_checks=True).client
    page.get("/")
    refused = page.post("/api/runs/", program, content_type="application/json")
    assert refused.status_code == 403 and "X-CSRFToken" in refused.json()["error"]["message"]
    token = {"X-CSRFToken": page.cookies["csrftoken"].value}
    assert page.post("/api/runs/", program, content_type="application/json", headers=token).status_code == 200


def test_a_client_that_leaves_while_its_run_begins_takes_it_along(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    begin = runs.begin

    def slowly(*args: Any) -> Any:
        begun.append(begin(*args))
        time.sleep(0.3)
        return begun[0]

    monkeypatch.setattr(runs, "begin", slowly)
    monkeypatch.setattr("playground.api.runs.visitor_of", lambda request: "somebody")
    request = RequestFactory().post(
        "/api/runs/", json.dumps({"code": ENDLESS, "wait": True}), content_type="application/json"
    )

    async def leave() -> None:
        answer = asyncio.ensure_future(create(request))
        while not begun and not answer.done():
            await asyncio.sleep(0.01)
        answer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answer

    async_to_sync(leave)()
    _, log, _ = begun[0]
    assert log.wait_ended(5) and log.status == "stopped"
