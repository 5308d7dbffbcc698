"""The records in PostgreSQL: a real server of that kind, started here, under the real server of the playground."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from playground.environment import ROOT
from playground.protocol.recordings import Recording
from tests.playground.visiting import eventually
from tests.serving import Server

NUL = r"""import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
(x * x).sum().backward()
print("a\0b", "\ud800", x.grad.tolist())
open("saved.txt", "w").write("e\0f")
raise ValueError("c\0d")
"""
SLOW = "import time\nprint('begun', flush=True)\ntime.sleep(0.5)\nprint('done')\n"


def _programs() -> Path | None:
    """The folder of PostgreSQL's newest programs; None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def _who() -> dict[str, Any]:
    """Whom PostgreSQL's programs run as: they refuse to run as root."""
    if os.getuid() != 0:
        return {}
    names = {each.pw_name: each for each in pwd.getpwall()}
    found = names.get("postgres") or names["nobody"]
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


class Postgres:
    """A PostgreSQL server in a folder of its own, reached by a socket there."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self._programs, self._who = folder, programs, _who()
        self.url = f"postgresql://tester@/postgres?host={folder}"
        self.process: subprocess.Popen[bytes] | None = None
        made = self._start(
            "initdb", "-D", f"{folder}/data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        assert made.wait(60) == 0, self.log()

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB")
        self.process = self._start("postgres", "-D", f"{self.folder}/data", "-k", str(self.folder), *options)
        eventually(self._answers, 20)

    def end(self) -> None:
        """Cut all connections and end it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)

    def log(self) -> str:
        """What its programs have said."""
        return (self.folder / "log").read_text()

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._programs / program, *arguments],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._who,
            )

    def _answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.log()
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    """A server of PostgreSQL that runs."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian, Ubuntu: apt-get install postgresql)")
    # Not in pytest's own folder: that one is closed to the user whom PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        if who := _who():
            os.chown(folder, who["user"], who["group"])
        started = Postgres(folder, programs)
        try:
            started.start()
            yield started
        finally:
            started.end()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(database: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The playground with its records there."""
    started = Server(tmp_path_factory.mktemp("server"), DATABASE_URL=database.url, WARM_WORKERS="1")
    yield started
    assert started.end() == 0, started.log()


def test_a_restart_keeps_runs_and_snippets(database: Postgres, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": database.url, "WARM_WORKERS": "1"}
    first = Server(tmp_path, **settings)
    try:
        assert first.health()["database"] == {"ok": True, "kind": "postgresql", "reason": ""}
        run = first.run(NUL)
        assert run["status"] == "failed" and run["error"]["message"] == "c\N{REPLACEMENT CHARACTER}d"
        assert run["stdout"].startswith("a\N{REPLACEMENT CHARACTER}b ") and run["stdout"].endswith("[2.0, 4.0]\n")
        said = {"code": NUL, "title": "ä\u2028", "run": run["id"], "params": {"lr": 0.1}, "view": {"step": 1}}
        made = first.ask("POST", "/api/snippets/", said, X_Run_Token=run["control_token"])
        assert made.status == 201, made.body
        kept = _kept(first, run, made.json["slug"])
    finally:
        assert first.end() == 0, first.log()
    second = Server(tmp_path, **settings)
    try:
        assert _kept(second, run, made.json["slug"]) == kept
        assert second.ask("POST", "/api/snippets/", said, X_Run_Token=run["control_token"]).json["edit_token"] is None
        forked = second.ask("POST", f"/api/snippets/{made.json['slug']}/fork/", {"title": "mine"})
        assert forked.status == 201
    finally:
        assert second.end() == 0, second.log()
    assert not list(tmp_path.glob("*.sqlite3"))


def _kept(server: Server, run: dict[str, Any], slug: str) -> list[Any]:
    """Everything that can be read of a run and of the snippet that carries it."""
    token = {"X_Run_Token": run["control_token"]}
    recording = server.ask("GET", f"{run['url']}recording/", **token)
    file = server.ask("GET", f"{run['url']}files/saved.txt", **token)
    assert recording.status == file.status == 200
    shared = server.ask("GET", f"/api/snippets/{slug}/")
    assert shared.status == 200 and shared.json["run"] == run["id"]
    return [server.read(run), server.read(run, "events/"), recording.body, file.body, shared.json]


def test_text_that_the_database_refuses_is_refused_before(server: Server) -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("runs", {"code": "print(1)\0"}, "code"),
        ("runs", {"code": "1", "params": {"a\0": 1}}, "params"),
        ("snippets", {"code": "\0"}, "code"),
        ("snippets", {"code": "1", "title": "\0"}, "title"),
        ("snippets", {"code": "1", "description": "a\0b"}, "description"),
        ("snippets", {"code": "1", "view": {"a": ["\0"]}}, "view"),
        ("snippets", {"code": "1", "view": {"\0": 1}}, "view"),
        ("snippets", {"code": "1", "run": "\0"}, "run"),
    ]
    for path, body, field in cases:
        answer = server.ask("POST", f"/api/{path}/", body)
        assert answer.status == 400 and answer.json["error"]["field"] == field, body
    for path in ("/api/runs/%00/", f"/api/runs/{'%00' * 32}/", f"/api/snippets/{'a' * 15}%00/", f"/s/{'%00' * 16}/"):
        assert server.ask("GET", path).status == 404, path


def test_numbers_at_the_edge_come_back(server: Server) -> None:
    said = {"code": "1", "seed": -(2**63), "params": {"a": 1e308, "b": 5e-324, "c": 2.0}, "view": {"whole": 10**400}}
    answer = server.ask("POST", "/api/snippets/", said)
    assert answer.status == 201, answer.body
    found = server.ask("GET", f"/api/snippets/{answer.json['slug']}/").json
    assert {name: found[name] for name in said} == said
    assert all(isinstance(value, float) for value in found["params"].values())
    run = server.run("1", params=said["params"])
    recording = server.ask("GET", f"{run['url']}recording/", X_Run_Token=run["control_token"])
    assert msgspec.msgpack.decode(recording.body, type=Recording).params == said["params"]
    digits = "1" * 5000  # more than Python turns into text at once
    assert server.ask("POST", "/api/snippets/", f'{{"code": "1", "view": {{"a": {digits}}}}}').status == 400


def test_a_run_outlives_the_database(database: Postgres, server: Server) -> None:
    run = server.start(SLOW)
    eventually(lambda: "begun" in server.read(run)["stdout"])
    database.end()
    try:
        answer = server.ask("POST", "/api/runs/", {"code": "1"})
        assert answer.status == 503 and answer.json["error"]["message"] and answer.headers["Retry-After"]
        health = server.ask("GET", "/api/health/")
        assert health.status == 503 and not health.json["database"]["ok"] and health.json["database"]["reason"]
        time.sleep(4)  # it ends while nothing can be stored
    finally:
        database.start()
    query = "SELECT result FROM playground_run WHERE id = %s AND status = 'finished'"
    with psycopg.connect(database.url, autocommit=True) as connection:
        row = eventually(lambda: connection.execute(query, [run["id"]]).fetchone(), 10)
    assert json.loads(row[0])["stdout"] == "begun\ndone\n"
    assert server.health()["database"]["ok"] and server.read(run)["status"] == "finished"


def test_a_database_that_does_not_answer_is_told_in_a_sentence(tmp_path: Path) -> None:
    facts = {"DATA_DIR": str(tmp_path), "PORT": "0", "PATH": os.environ["PATH"]}
    facts["DATABASE_URL"] = f"postgresql://somebody:hidden@/nothing?host={tmp_path}"
    command = [sys.executable, "manage.py", "serve"]
    refused = subprocess.run(command, cwd=ROOT, env=facts, capture_output=True, text=True, check=False, timeout=30)
    assert refused.returncode == 1 and not refused.stdout
    assert refused.stderr.startswith("CommandError: The database cannot be used: ") and refused.stderr.count("\n") == 1
    assert "hidden" not in refused.stderr
