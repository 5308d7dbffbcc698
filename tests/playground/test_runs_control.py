"""Controlling a run: stop, pause, resume, step; and who may."""

from __future__ import annotations

import time

import pytest

from tests.playground.visiting import ENDLESS, Api, eventually, make_api

pytestmark = pytest.mark.django_db

TRAINING = """import time, torch
x = torch.tensor([1.0], requires_grad=True)
for step in range(100_000):
    (x * x).sum().backward()
    time.sleep(0.002)
"""
ACTIONS = ("stop", "pause", "resume", "step")


@pytest.mark.parametrize(
    "code",
    [
        ENDLESS,
        TRAINING,
        "sum(range(10 ** 12))",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import numpy\na = numpy.ones((6000, 6000))\nwhile True: a @ a",
        "import time\ntime.sleep(50)",
    ],
)
def test_stop_ends_anything_within_a_second(api: Api, code: str) -> None:
    run = api.start(code)
    eventually(lambda: api.result(run)["status"] == "running")
    time.sleep(0.1)
    began = time.monotonic()
    assert api.control(run, "stop").status_code == 202
    eventually(lambda: api.result(run)["status"] == "stopped", 2)
    assert time.monotonic() - began < 1
    assert api.events(run)[-1]["type"] == "finished" and api.result(run)["error"] is None


def test_what_was_produced_until_the_stop_is_kept(api: Api) -> None:
    run = api.start(TRAINING)
    eventually(lambda: len(api.result(run)["losses"]) > 3)
    api.control(run, "stop")
    result = eventually(lambda: (found := api.result(run))["status"] == "stopped" and found)
    assert result["graph"] and result["gradients"] and len(result["losses"]) == result["steps"]


def test_pause_step_and_resume(api: Api) -> None:
    run = api.start(TRAINING)
    eventually(lambda: api.result(run)["steps"] > 2)
    assert api.control(run, "pause").json()["id"] == run["id"]
    eventually(lambda: api.result(run)["status"] == "paused", 1)
    time.sleep(0.5)  # the frame of the last steps before the hold may come after it
    held = api.result(run)["steps"]
    time.sleep(0.2)
    assert api.result(run)["steps"] == held
    api.control(run, "step")
    eventually(lambda: api.result(run)["steps"] == held + 1, 1)
    eventually(lambda: api.result(run)["status"] == "paused", 1)
    api.control(run, "resume")
    eventually(lambda: api.result(run)["steps"] > held + 5, 2)
    assert api.result(run)["status"] == "running"


@pytest.mark.parametrize("action", ACTIONS)
def test_needs_the_right(api: Api, action: str) -> None:
    run = api.start(ENDLESS)
    assert api.post(f"{run['url']}{action}/").status_code == 401
    assert api.post(f"{run['url']}{action}/", **{"X-Run-Token": "wrong"}).status_code == 403
    assert api.get(f"{run['url']}{action}/", run["control_token"]).status_code == 405
    assert api.post(f"/api/runs/{'0' * 32}/{action}/").status_code == 404
    assert api.result(run)["status"] in ("starting", "running")


def test_the_session_that_started_it_has_the_right(api: Api) -> None:
    api.client.get("/")
    run = api.start(ENDLESS)
    other = make_api()
    other.client.get("/")
    assert other.post(f"{run['url']}stop/").status_code == 403
    assert api.post(f"{run['url']}stop/").status_code == 202
    eventually(lambda: api.result(run)["status"] == "stopped", 1)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_ended_run_takes_it_without_effect(api: Api, action: str) -> None:
    run = api.run("1")
    assert api.control(run, action).json() == {"id": run["id"], "status": "finished"}


def test_a_time_limit_ends_it_and_says_so(api: Api) -> None:
    began = time.monotonic()
    result = api.run("print('kept', flush=True)\nwhile True: pass", time_limit_s=0.5)
    assert time.monotonic() - began < 2
    assert (
        result["status"] == "timeout" and result["error"]["limit"] == "time" and "0.5 s" in result["error"]["message"]
    )
    assert result["stdout"] == "kept\n"
