"""The sandbox's other levels: Landlock alone holds as well, and none at all is only for one's own machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.environment import ROOT
from playground.sandbox.levels import Refused
from playground.sandbox.probe import probe
from tests.attacks.programs import REFUSED
from tests.attacks.test_files import READ
from tests.attacks.test_system import BARE, BARE_CALLS, NETWORK, NUMBERS, PROCESSES
from tests.serving import Server

FIGURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('$x^2$')\nplt.show()"


@pytest.fixture(scope="module")
def confined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of level B."""
    try:
        probe("landlock")
    except Refused as reason:
        pytest.skip(f"Landlock does not hold here: {reason}")
    started = Server(tmp_path_factory.mktemp("confined"), SANDBOX="landlock", WARM_WORKERS="1")
    yield started
    assert started.end() == 0


def test_landlock_refuses_the_same(confined: Server) -> None:
    assert confined.health()["sandbox"]["kind"] == "B"
    paths = [path for group in READ.values() for path in group]
    tries = [f"os.read(os.open({path!r}, os.O_RDONLY), 9)" for path in paths]
    tries += [f"open({str(confined.folder / name)!r}, 'rb').read(9)" for name in ("db.sqlite3", "secret_key")]
    tries += [what for name, what in PROCESSES.items() if name != "namespaces"]  # which may be looked at, not entered
    program = f"import importlib, os\nsocket = importlib.import_module('socket')\n{REFUSED}"
    tries += list(NETWORK.values())
    program += "".join(f"print({what!r}, end=' ')\nattempt(lambda: {what})\n" for what in tries)
    result = confined.run(program)
    assert result["status"] == "finished", result["error"]
    assert [line for line in result["stdout"].splitlines() if not line.endswith(" refused")] == []
    numbers = NUMBERS[os.uname().machine]
    calls = [(name, numbers[name], words) for name, words in BARE.items() if name in numbers]
    assert confined.run(BARE_CALLS.format(calls=calls))["stdout"] == ""


def test_landlock_ends_what_goes_too_far(confined: Server) -> None:
    for program, limit in (("bytearray(10**10)", "memory"), ("while True: pass", "time")):
        assert confined.run(program, time_limit_s=1)["error"]["limit"] == limit
    run = confined.start("print('on', flush=True)\npow(10**6, 10**8)")
    assert confined.control(run, "stop").status == 202
    assert confined.ended(run, 1)["status"] == "stopped"


def test_landlock_draws(confined: Server) -> None:
    result = confined.run(FIGURE)
    assert result["status"] == "finished", result["error"]
    assert "figure" in {event["type"] for event in confined.read(result, "events/")["events"]}


def test_without_a_sandbox_on_ones_own_machine(tmp_path: Path) -> None:
    """Programs run, and every page says that nothing holds them."""
    server = Server(tmp_path, SANDBOX="off", DEBUG="1", WARM_WORKERS="1")
    try:
        assert server.run("print(6 * 7)")["stdout"] == "42\n"
        assert server.health()["sandbox"]["kind"] == "off"
        boot = re.search(rb'<script id="boot"[^>]*>(.*?)</script>', server.ask("GET", "/").body)
        assert boot is not None and "sandbox is off" in json.loads(boot[1])["notice"]
    finally:
        assert server.end() == 0


@pytest.mark.parametrize("settings", [{"DEBUG": "0"}, {"DEBUG": "1", "HOST": "0.0.0.0"}])
def test_without_a_sandbox_nowhere_else(tmp_path: Path, settings: dict[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PORT": "0", "SANDBOX": "off", **settings}
    started = subprocess.run(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30
    )
    assert started.returncode != 0 and "SANDBOX may be off only with DEBUG=1" in started.stderr
