"""Clients that are visitors of their own, and programs for them to run."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Callable
from typing import Any

from django.test import Client

from playground import runs
from playground.protocol.commands import Stop

_addresses = itertools.count(1)

BACKWARD = """import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
(x * x).sum().backward()
print(x.grad.tolist())
"""
ENDLESS = "print('begun')\nwhile True:\n    pass\n"


class Api:
    """A visitor without a session, from an address of its own, so that the limits of tests do not add up."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.started: list[str] = []

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        return self.client.post(path, text, content_type="application/json", headers=headers)

    def get(self, path: str, token: str | None = None) -> Any:
        return self.client.get(path, headers={} if token is None else {"X-Run-Token": token})

    def run(self, code: str, **fields: Any) -> dict[str, Any]:
        """The result of a program that is waited for."""
        answer = self.post("/api/runs/", {"code": code, "wait": True, **fields})
        assert answer.status_code == 200, answer.content
        return answer.json()

    def start(self, code: str, **fields: Any) -> dict[str, Any]:
        """A program that has been started."""
        answer = self.post("/api/runs/", {"code": code, **fields})
        assert answer.status_code == 201, answer.content
        self.started.append(answer.json()["id"])
        return answer.json()

    def control(self, run: dict[str, Any], action: str) -> Any:
        return self.post(f"{run['url']}{action}/", **{"X-Run-Token": run["control_token"]})

    def result(self, run: dict[str, Any]) -> dict[str, Any]:
        return self.get(run["url"], run["control_token"]).json()

    def events(self, run: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
        answer = self.get(f"{run['url']}events/{query}", run["control_token"])
        assert answer.status_code == 200, answer.content
        return answer.json()["events"]


def eventually(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    """What `condition` gives once it is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)
    return found


def make_api(**options: Any) -> Api:
    number = os.getpid() * 1000 + next(_addresses)
    return Api(Client(REMOTE_ADDR=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", **options))


def end_runs(visitor: Api) -> None:
    """Stop what a visitor has left under way."""
    for run_id in visitor.started:
        log = runs.dispatcher().log(run_id)
        if log is not None and not log.ended:
            runs.dispatcher().command(run_id, Stop())
            assert log.wait_ended(5)
