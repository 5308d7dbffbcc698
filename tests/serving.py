"""A server process of a test's own, as `make run` starts it, and a client that has no session."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

from playground.environment import ROOT

_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
_END_S = 15.0


@dataclass(frozen=True)
class Answer:
    """What the server said to one request."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Server:
    """A running server with a data folder of its own; `end` it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """Start it and wait until it is ready. Raises AssertionError with its log where it is not."""
        self.folder = folder
        environment = {name: value for name, value in os.environ.items() if name in _INHERITED}
        with (folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env={**environment, "DATA_DIR": str(folder), "PORT": "0", "RUNS_PER_MINUTE": "100000", **settings},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "ready at http://" not in line:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            raise AssertionError(f"the server is not ready: {line}{self.log()}")
        self.port = int(line.rstrip("/\n").rpartition(":")[2])
        self.address = f"http://127.0.0.1:{self.port}"

    def log(self) -> str:
        """What it has written to its error stream."""
        return (self.folder / "server.log").read_text(errors="replace")

    def ask(self, method: str, path: str, body: Any = None, /, **headers: str) -> Answer:
        """The answer to one request; a body that is neither text nor bytes goes out as JSON."""
        if body is not None and not isinstance(body, str | bytes):
            body = json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body.encode() if isinstance(body, str) else body, named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def start(self, code: str, **fields: Any) -> dict[str, Any]:
        """A program that has been started."""
        answer = self.ask("POST", "/api/runs/", {"code": code, **fields})
        assert answer.status == 201, answer.body
        return answer.json  # type: ignore[no-any-return]

    def run(self, code: str, **fields: Any) -> dict[str, Any]:
        """The result of a program that is waited for."""
        answer = self.ask("POST", "/api/runs/", {"code": code, "wait": True, **fields})
        assert answer.status == 200, answer.body
        return answer.json  # type: ignore[no-any-return]

    def read(self, run: dict[str, Any], what: str = "") -> Any:
        """A run's result, or what else is below its address, with its token."""
        answer = self.ask("GET", run["url"] + what, X_Run_Token=run["control_token"])
        assert answer.status == 200, answer.body
        return answer.json

    def control(self, run: dict[str, Any], action: str) -> Answer:
        """Stop, pause, resume or step a run."""
        return self.ask("POST", f"{run['url']}{action}/", X_Run_Token=run["control_token"])

    def ended(self, run: dict[str, Any], within_s: float) -> dict[str, Any]:
        """The result of a run that ends within so many seconds. Raises AssertionError where it does not."""
        until = time.monotonic() + within_s
        while (result := self.read(run))["status"] in ("queued", "starting", "running", "paused"):
            assert time.monotonic() < until, f"the run is {result['status']} after {within_s:g} s"
            time.sleep(0.01)
        return result  # type: ignore[no-any-return]

    def health(self) -> dict[str, Any]:
        """How the server stands."""
        return self.ask("GET", "/api/health/").json  # type: ignore[no-any-return]

    def descendants(self) -> list[int]:
        """The ids of all processes below the server's."""
        found = [self.process.pid]
        for pid in found:
            try:
                for task in Path(f"/proc/{pid}/task").iterdir():
                    found += map(int, (task / "children").read_text().split())
            except FileNotFoundError:
                continue  # it has just ended
        return found[1:]

    def memory_mb(self) -> float:
        """The resident memory of the server itself."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def end(self, number: int = signal.SIGINT) -> int:
        """End it by a signal; its exit code. Raises AssertionError where it does not end."""
        self.process.send_signal(number)
        try:
            code = self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not end within {_END_S:g} s") from None
        finally:
            assert self.process.stdout is not None
            self.process.stdout.close()
        return code
