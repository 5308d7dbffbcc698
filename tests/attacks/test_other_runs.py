"""Other people's runs: nobody reads or controls what is not theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving import Server

PROGRAM = """import torch
x = torch.ones(3, requires_grad=True)
(x * x).sum().backward()
print("private")
open("private.txt", "w").write("private")
"""
READ = ("", "events/", "events/?format=msgpack", "recording/", "files/private.txt", "tensors/{node}/")
CONTROLS = ("stop", "pause", "resume", "step")
FALSE_TOKENS = {
    "none": None,
    "empty": "",
    "a guess": "A" * 32,
    "another run's": "other",
    "the run's id": "id",
    "the first half": "half",
    "bytes": "\xff\xfe",
    "very long": "x" * 20_000,
    "a wildcard": "%",
    "SQL": "' OR 1=1 --",
}


@pytest.fixture(scope="module")
def theirs(server: Server) -> dict[str, Any]:
    """Somebody's run that has ended."""
    run = server.run(PROGRAM)
    events = server.read(run, "events/")["events"]
    return {**run, "node": next(event for event in events if event["type"] == "graph")["nodes"][0]["id"]}


@pytest.fixture
def going(server: Server) -> Iterator[dict[str, Any]]:
    """Somebody's run that is under way."""
    run = server.start("while True: pass")
    yield run
    server.control(run, "stop")
    assert server.ended(run, 2)["status"] == "stopped"


@pytest.mark.parametrize("token", FALSE_TOKENS.values(), ids=FALSE_TOKENS)
def test_reading_takes_the_token(server: Server, theirs: dict[str, Any], token: str | None) -> None:
    mine = server.run("1")
    own = theirs["control_token"]
    token = {"other": mine["control_token"], "id": theirs["id"], "half": own[: len(own) // 2]}.get(token or "", token)
    for path in READ:
        headers = {} if token is None else {"X-Run-Token": token}
        answer = server.ask("GET", theirs["url"] + path.format(**theirs), None, **headers)
        assert answer.status in (401, 403), path
        assert b"private" not in answer.body
        assert server.ask("GET", theirs["url"] + path.format(**theirs), X_Run_Token=own).status == 200, path


def test_controlling_takes_the_token(server: Server, going: dict[str, Any]) -> None:
    mine = server.run("1")
    for action in CONTROLS:
        for headers in ({}, {"X-Run-Token": mine["control_token"]}, {"X-Run-Token": going["id"]}):
            answer = server.ask("POST", f"{going['url']}{action}/", None, **headers)
            assert answer.status in (401, 403), action
    assert server.read(going)["status"] in ("starting", "running")


def test_a_false_session_is_nobody(server: Server, theirs: dict[str, Any]) -> None:
    for cookie in ("sessionid=junk", "sessionid=" + "a" * 3000, "sessionid=eyJ2aXNpdG9yIjoiIn0:1:x", "sessionid=\x01"):
        answer = server.ask("GET", theirs["url"], None, Cookie=cookie)
        assert answer.status in (400, 401, 403)


def test_a_page_of_another_site_starts_nothing(server: Server) -> None:
    """With the visitor's cookie, but without the token that only our own pages can read."""
    page = server.ask("GET", "/")
    cookies = "; ".join(value.partition(";")[0] for value in page.headers.get_all("Set-Cookie") or [])
    assert "sessionid=" in cookies and "csrftoken=" in cookies
    for path, body in (("/api/runs/", {"code": "1"}), ("/api/snippets/", {"code": "1"})):
        answer = server.ask("POST", path, body, Cookie=cookies, Origin="https://evil.example")
        assert answer.status == 403


def test_nobody_shares_what_is_not_theirs(server: Server, theirs: dict[str, Any]) -> None:
    answer = server.ask("POST", "/api/snippets/", {"code": "1", "run": theirs["id"]})
    assert answer.status in (401, 403)
    assert server.ask("GET", theirs["url"]).status == 401


def test_a_snippet_is_changed_by_its_maker_only(server: Server) -> None:
    made = server.ask("POST", "/api/snippets/", {"code": "print('mine')", "title": "mine"}).json
    path = f"/api/snippets/{made['slug']}/"
    for headers in ({}, {"X-Edit-Token": "A" * 32}, {"X-Edit-Token": made["slug"]}):
        assert server.ask("PATCH", path, {"title": "theirs"}, **headers).status in (401, 403)
    assert server.ask("GET", path).json["title"] == "mine"


def test_ids_tell_nothing_of_each_other(server: Server) -> None:
    ids = [server.run("1")["id"] for _ in range(3)]
    assert all(len(bytes.fromhex(each)) == 16 for each in ids)
    shared = [sum(a == b for a, b in zip(ids[0], other, strict=True)) for other in ids[1:]]
    assert max(shared) < 12


def test_what_a_program_knows_opens_no_other_run(server: Server, theirs: dict[str, Any]) -> None:
    """A program that is told another run's id can do nothing with it."""
    result = server.run(f"import playground\nprint(sorted(vars(playground)))\nprint({theirs['id']!r} in str(vars()))")
    assert theirs["control_token"] not in result["stdout"]
