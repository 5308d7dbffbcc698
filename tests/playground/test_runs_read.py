"""Reading a run: its result, its events, its recording and its files; who may, and odd parameters."""

from __future__ import annotations

import msgspec
import pytest

from playground.protocol.events import AnyEvent
from playground.protocol.recordings import Recording
from tests.playground.visiting import BACKWARD, ENDLESS, Api, make_api

pytestmark = pytest.mark.django_db

PATHS = ("", "events/", "recording/", "files/a.txt", "tensors/abc/")


def test_events_are_numbered_without_holes(api: Api) -> None:
    result = api.run(BACKWARD)
    events = api.events(result)
    assert [event["seq"] for event in events] == list(range(1, result["events"] + 1))
    assert all(event["v"] == 1 and event["t"] >= 0 for event in events)
    assert [event["t"] for event in events] == sorted(event["t"] for event in events)
    kinds = [event["type"] for event in events]
    assert kinds[0] == "status" and kinds[-1] == "finished" and {"graph", "frame", "stdout"} <= set(kinds)
    assert [event["status"] for event in events if event["type"] == "status"] == ["queued", "starting", "running"]


def test_frames_carry_statistics_by_node(api: Api) -> None:
    result = api.run(BACKWARD)
    frame = next(event for event in api.events(result) if event["type"] == "frame")
    x = next(node["id"] for node in result["graph"]["nodes"] if node["name"] == "x")
    assert frame["loss"] == 5.0 and frame["nodes"][x]["value"]["mean"] == 1.5
    assert frame["nodes"][x]["grad"]["max"] == 4.0


def test_events_come_in_pages(api: Api) -> None:
    run = api.run(BACKWARD)
    assert [event["seq"] for event in api.events(run, "?after=2&limit=2")] == [3, 4]
    assert api.events(run, "?after=1000") == []
    assert len(api.events(run, "?limit=999999999")) == run["events"]
    packed = api.get(f"{run['url']}events/?format=msgpack", run["control_token"])
    events = msgspec.msgpack.decode(packed.content, type=dict[str, msgspec.Raw])["events"]
    assert [event.seq for event in msgspec.msgpack.decode(events, type=list[AnyEvent])] == list(
        range(1, run["events"] + 1)
    )


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=-1", "after=1.5", "after=", "after=%00", "after=" + "9" * 5000, "after=٣", "limit=0", "limit=a"],
)
def test_refuses_odd_pages(api: Api, query: str) -> None:
    run = api.run("1")
    answer = api.get(f"{run['url']}events/?{query}", run["control_token"])
    assert answer.status_code == 400 and answer.json()["error"]["field"] == query.partition("=")[0]


def test_recording_replays_the_run(api: Api) -> None:
    run = api.run(BACKWARD, seed=7)
    answer = api.get(f"{run['url']}recording/", run["control_token"])
    recording = msgspec.msgpack.decode(answer.content, type=Recording)
    assert answer.headers["Content-Type"] == "application/vnd.msgpack"
    assert recording.code == BACKWARD and recording.seed == 7 and recording.status == "finished"
    assert len(recording.events) == run["events"] and recording.tensors


def test_a_run_under_way_has_no_recording(api: Api) -> None:
    run = api.start(ENDLESS)
    assert api.get(f"{run['url']}recording/", run["control_token"]).status_code == 400


def test_saved_files_are_downloads(api: Api) -> None:
    run = api.run("open('<b>.html', 'w').write('hello')")
    answer = api.get(f"{run['url']}files/%3Cb%3E.html", run["control_token"])
    assert answer.content == b"hello" and answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert api.get(f"{run['url']}files/other", run["control_token"]).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_takes_the_token_or_the_session(api: Api, path: str) -> None:
    run = api.run("1")
    assert api.get(run["url"] + path).status_code == 401
    assert api.get(run["url"] + path, "wrong").status_code == 403
    assert api.get(run["url"] + path, run["control_token"]).status_code in (200, 404)
    other = make_api()
    other.client.get("/")
    assert other.get(run["url"] + path).status_code == 403


def test_the_session_that_started_it_may_read(api: Api) -> None:
    api.client.get("/")
    run = api.run("1")
    assert api.get(run["url"]).json()["id"] == run["id"]
    assert "Set-Cookie" not in str(api.get(run["url"]).headers)


@pytest.mark.parametrize("run_id", ["x", "0" * 32, "0" * 31 + "٣", "%00" * 8, "a" * 5000, "..", "%F0%9F%98%80"])
@pytest.mark.parametrize("path", PATHS)
def test_knows_no_such_run(api: Api, run_id: str, path: str) -> None:
    answer = api.get(f"/api/runs/{run_id}/{path}", "token")
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/api/", "/api/nothing/", "/api/runs/x/y/z/", "/api/%00/"])
def test_answers_in_json_where_nothing_is(api: Api, path: str) -> None:
    assert api.get(path).status_code == 404 and "message" in api.get(path).json()["error"]


def test_a_raised_error_is_told_at_its_line(api: Api) -> None:
    result = api.run("x = 1\ny = x / 0\n")
    assert result["status"] == "failed" and result["error"]["type"] == "ZeroDivisionError"
    assert result["error"]["line"] == 2 and "playground" not in result["error"]["traceback"]
    assert [event["type"] for event in api.events(result)][-2:] == ["error", "finished"]


def test_reads_from_the_database_what_is_no_longer_in_memory(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    run = api.run(BACKWARD)
    before = api.get(f"{run['url']}events/", run["control_token"]).json()
    monkeypatch.setattr("playground.dispatch.local.LocalDispatcher.log", lambda self, run_id: None)
    assert api.get(f"{run['url']}events/", run["control_token"]).json() == before
    stored = api.result(run)
    assert {name: run[name] for name in stored} == stored
