"""Many at once: the queue works, its limits are told with when to ask again, and the server's memory stands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.programs import WIRE
from tests.serving import Answer, Server


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Server]:
    """A server with tight limits."""
    settings = {"RUNS_AT_ONCE": "2", "RUNS_PER_MINUTE": "12", "QUEUE_LIMIT": "3", "WARM_WORKERS": "1"}
    started = Server(tmp_path, **settings)
    yield started
    assert started.end() == 0


def visitor(server: Server) -> dict[str, str]:
    """The headers of a visitor with a session of its own, as a page sends them."""
    cookies = [value.partition(";")[0] for value in server.ask("GET", "/").headers.get_all("Set-Cookie") or []]
    token = next(each.partition("=")[2] for each in cookies if each.startswith("csrftoken="))
    return {"Cookie": "; ".join(cookies), "X-CSRFToken": token}


def refused(answer: Answer) -> dict[str, Any]:
    """What a 429 says."""
    assert answer.status == 429, answer.body
    assert int(answer.headers["Retry-After"]) >= 1
    return answer.json["error"]  # type: ignore[no-any-return]


def test_twenty_at_once_by_several_visitors(server: Server) -> None:
    visitors = [visitor(server) for _ in range(4)]
    answers: list[Answer] = []

    def post(headers: dict[str, str], number: int) -> None:
        body = {"code": f"print({number})", "wait": True}
        answers.append(server.ask("POST", "/api/runs/", body, **headers))

    threads = [threading.Thread(target=post, args=(visitors[i % 4], i)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} == {200}
    assert sorted(int(answer.json["stdout"]) for answer in answers) == list(range(20))
    assert len({answer.json["id"] for answer in answers}) == 20


def test_limits_are_told(small: Server) -> None:
    """Of one visitor at once, of the queue, and within a minute."""
    begun: list[tuple[dict[str, str], str]] = []

    def start(headers: dict[str, str]) -> Answer:
        answer = small.ask("POST", "/api/runs/", {"code": "while True: pass"}, **headers)
        if answer.status == 201:
            begun.append((headers, answer.json["url"]))
        return answer

    greedy = visitor(small)
    assert [start(greedy).status for _ in range(2)] == [201, 201]
    assert "at once" in refused(start(greedy))["message"]
    while (answer := start(visitor(small))).status == 201:
        assert len(begun) < 20
    health = small.health()
    assert "wait" in refused(answer)["message"] and health["queue_length"] == health["queue_limit"] == 3
    for headers, url in begun:
        assert small.ask("POST", f"{url}stop/", None, **headers).status == 202
    hasty = visitor(small)
    statuses = [small.ask("POST", "/api/runs/", {"code": "1", "wait": True}, **hasty).status for _ in range(12)]
    assert set(statuses) == {200}
    assert "within a minute" in refused(start(hasty))["message"]
    assert small.ask("GET", "/api/health/").status == 200


def test_a_worker_that_lingers_counts_for_nobody(small: Server) -> None:
    """A program that says it has ended, and does not end, takes up none of its visitor's runs at once."""
    for _ in range(4):
        result = small.run(WIRE + "send({'type': 'closing', 'status': 'finished'})\nwhile True: pass")
        assert result["status"] == "finished"


@pytest.mark.slow
def test_memory_over_two_hundred_runs(server: Server) -> None:
    program = (
        "import torch\nx = torch.ones(64, requires_grad=True)\nfor _ in range(5): (x * x).sum().backward()\nprint(1)"
    )
    for _ in range(80):  # until as many logs are kept as ever will be
        server.run(program)
    before = server.memory_mb()
    for _ in range(200):
        assert server.run(program)["status"] == "finished"
    grown = server.memory_mb() - before
    print(f"{before:.0f} MB before, {grown:+.1f} MB after 200 runs")
    assert grown < 15
