"""Finds the level that holds on this machine: starts a worker with the very flags of all others, and asks it."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
import threading
from collections.abc import Callable

from playground.sandbox import bubblewrap, layout, spawn
from playground.sandbox.landlock import Landlock
from playground.sandbox.levels import SETTINGS, Level, Name, Refused, Starter
from playground.sandbox.limits import Limits
from playground.sandbox.plain import Plain

_TRIAL = "playground.sandbox.trial"
_TRIAL_S = 20.0
_HOLDS = {
    "A": "bubblewrap, two system call filters and limits, tried at start",
    "B": "Landlock, one system call filter and limits, tried at start",
}
_NO_SANDBOX = (
    "programs of strangers are not run here: no sandbox holds on this machine ({reasons}). Install bubblewrap and "
    "allow user namespaces, or use a kernel with Landlock; on your own machine, SANDBOX=off with DEBUG=1 and a "
    "loopback HOST runs programs without any."
)
_lock = threading.Lock()


def probe(setting: str = "auto", *, may_be_off: bool = False, extra: tuple[tuple[str, str], ...] = ()) -> Level:
    """The level to run at, found once for each setting and kept. Takes about half a second the first time, blocking.

    `setting` is one of SETTINGS. `may_be_off` is whether the server is in debug mode and on loopback alone, without
    which "off" is refused. `extra` binds more for every worker: pairs of a host path and a place in the sandbox.
    Raises Refused, with the reasons, where no level holds, and ValueError for another setting.
    """
    if setting not in SETTINGS:
        raise ValueError(f"SANDBOX must be one of {', '.join(SETTINGS)}, not {setting!r}")
    with _lock:
        return _find(setting, may_be_off, extra)


@functools.cache
def _find(setting: str, may_be_off: bool, extra: tuple[tuple[str, str], ...]) -> Level:
    """The first level that is allowed by the setting and holds."""
    if setting == "off":
        if not may_be_off:
            raise Refused("SANDBOX=off is only for debug mode on a loopback address: set DEBUG=1 and HOST=127.0.0.1")
        return Level("off", "switched off by hand: programs run with the rights of the server", Plain(extra))
    if not sys.platform.startswith("linux"):
        raise Refused(
            f"there is no sandbox for {sys.platform}: it needs Linux. On your own machine, SANDBOX=off with DEBUG=1 "
            "and a loopback HOST runs programs without one."
        )
    makers: dict[str, tuple[Name, Callable[[], Starter]]] = {
        "bubblewrap": ("A", lambda: _bubblewrap(extra)),
        "landlock": ("B", lambda: Landlock(layout.discover(extra))),
    }
    reasons: list[str] = []
    for kind, (name, make) in makers.items():
        if setting in ("auto", kind):
            try:
                level = Level(name, _HOLDS[name] + "".join(f"; not {reason}" for reason in reasons), make())
                _try(level)
                return level
            except (Refused, OSError) as error:
                reasons.append(f"{kind}: {error}")
    raise Refused(_NO_SANDBOX.format(reasons="; ".join(reasons)))


def _bubblewrap(extra: tuple[tuple[str, str], ...]) -> Starter:
    """Level A's starter. Raises Refused where there is no bwrap."""
    path = bubblewrap.find()
    if path is None:
        raise Refused("bwrap is not installed")
    return bubblewrap.Bubblewrap(path, layout.discover(extra))


def _try(level: Level) -> None:
    """Start a worker that tries every door. Raises Refused with what it said where it does not hold."""
    found: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(_ask(level))
        except BaseException as error:
            found.append(error)

    # A thread of its own: whoever asks for a level may be inside an event loop.
    thread = threading.Thread(target=run, name="sandbox-probe")
    thread.start()
    thread.join()
    if found:
        raise found[0]


async def _ask(level: Level) -> None:
    """Have one worker report. Raises Refused."""
    worker = await spawn.start(level, Limits(), _TRIAL)
    try:
        report = await asyncio.wait_for(worker.receive(), _TRIAL_S)
    except TimeoutError:
        report = b"its worker did not answer"
    finally:
        worker.kill()
        end = await worker.wait()
    if report:
        raise Refused(report.decode(errors="replace"))
    if report is None:
        said = worker.output.decode(errors="replace").strip().splitlines() or ["without a word"]
        raise Refused(f"its worker ended ({end.signal or end.code}): {said[-1][:300]}")


def _main() -> None:
    """Say which level holds: `python -m playground.sandbox.probe [SETTING]`."""
    setting = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SANDBOX", "auto")
    try:
        level = probe(setting)
    except (Refused, ValueError) as error:
        sys.exit(str(error))
    print(f"level {level.name}: {level.reason}")


if __name__ == "__main__":
    _main()
