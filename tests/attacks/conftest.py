"""A real server that is attacked from outside, and the check that every attack has left it as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Server

WARM = 2
SETTINGS = {"SNIPPETS_PER_MINUTE": "100000", "RUNS_AT_ONCE": "8"}
WITHIN_S = 2.0  # in which the service must run a trivial program after any attack


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all attacks."""
    started = Server(tmp_path_factory.mktemp("attacked"), WARM_WORKERS=str(WARM), **SETTINGS)
    yield started
    log = started.log()
    assert started.end() == 0
    assert "Traceback" not in log, log


@pytest.fixture(autouse=True)
def unharmed(server: Server) -> Iterator[None]:
    """After each attack a trivial program runs at once, and no process is left but the warm workers."""
    yield
    took = [trivial(server)]
    while took[-1] >= WITHIN_S and len(took) < 3:
        took.append(trivial(server))
    assert took[-1] < WITHIN_S, f"a trivial program took {took} s"
    deadline = time.monotonic() + 5
    while found := left_behind(server):
        assert time.monotonic() < deadline, f"left behind: {found}"
        time.sleep(0.02)


def trivial(server: Server) -> float:
    """The seconds that a trivial program takes. More than one try is for machines that have much else to do."""
    began = time.monotonic()
    result = server.run("print(6 * 7)")
    assert (result["status"], result["stdout"]) == ("finished", "42\n"), result
    return time.monotonic() - began


def left_behind(server: Server) -> str:
    """In words what the server still has of programs that have ended; empty when that is nothing."""
    health = server.health()
    workers = health["workers"]["cpu"]
    if workers["running"] or health["queue_length"]:
        return f"{workers['running']} running, {health['queue_length']} waiting"
    if workers["warm"] == WARM:
        living = sum(is_worker(pid) for pid in server.descendants())
        if living > WARM * 3:  # bwrap, its child and the interpreter
            return f"{living} processes for {WARM} workers"
    return " ".join(orphans())


def is_worker(pid: int) -> bool:
    """Whether a process is one of a worker's."""
    try:
        return b"playground.runner" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def orphans() -> list[str]:
    """Processes of workers whose server is gone, or that have got away from it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and is_worker(int(entry.name)):
            try:
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            if parent == "1":
                found.append(f"orphan {entry.name}")
    return found
