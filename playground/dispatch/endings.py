"""How runs end that did not end by their own account, in words that a learner can act on."""

from __future__ import annotations

import signal

import msgspec

from playground.protocol.values import Problem, Status

_CRASHES = {
    signal.SIGSEGV: "it read or wrote memory that is not its own",
    signal.SIGBUS: "it touched memory that does not exist",
    signal.SIGABRT: "a library gave up and called abort()",
    signal.SIGFPE: "an impossible whole-number calculation, such as a division by zero",
    signal.SIGILL: "it met an instruction that this processor does not know",
    signal.SIGTRAP: "a library stopped at a trap",
}


class Ending(msgspec.Struct, frozen=True):
    """A final status and, unless all is well, why."""

    status: Status
    problem: Problem | None = None


def stopped() -> Ending:
    """A person stopped it."""
    return Ending("stopped")


def timed_out(limit_s: float) -> Ending:
    """It ran longer than it may."""
    return Ending(
        "timeout",
        Problem(
            type="TimeLimit",
            message=f"The program was ended after {limit_s:g} s, the longest that a run may take.",
            explanation="What it had produced until then is kept. Train for fewer steps, or on less data.",
            limit="time",
        ),
    )


def held_too_long(limit_s: float) -> Ending:
    """It stood paused longer than it may."""
    return Ending(
        "timeout",
        Problem(
            type="TimeLimit",
            message=f"The program was ended after it had been paused for {limit_s:g} s.",
            explanation="What it had produced until then is kept; run it again to go on.",
            limit="time",
        ),
    )


def over_limit(limit: str, message: str) -> Ending:
    """It went over one of the supervisor's limits."""
    return Ending("killed", Problem(type="LimitError", message=message, limit=limit))


def lost(message: str) -> Ending:
    """Its worker, or the server around it, is gone."""
    return Ending(
        "lost",
        Problem(
            type="WorkerLost",
            message=message,
            explanation="This is no fault of the program, and no other run is affected. Run it again.",
        ),
    )


def by_exit(code: int | None, signal_number: int | None, memory_mb: int) -> Ending:
    """What an exit without a closing word means: an exit code, or the signal that ended the process."""
    if signal_number is None:
        return _by_code(code)
    if signal_number == signal.SIGXCPU:
        return over_limit("cpu", "The program used up the processor time that a run may have.")
    if signal_number == signal.SIGSYS:
        return over_limit("system call", "The program asked the operating system for something that no run may do.")
    if signal_number in _CRASHES:
        name = signal.Signals(signal_number).name
        return Ending(
            "failed",
            Problem(
                type=name,
                message=f"The program crashed outside Python ({name}): {_CRASHES[signal.Signals(signal_number)]}.",
                explanation="Code below Python broke, so there is no line to point at. Running out of the "
                f"{memory_mb} MB that a run may use, or a too deep recursion, can also end like this.",
            ),
        )
    try:
        name = signal.Signals(signal_number).name
    except ValueError:
        name = f"signal {signal_number}"
    return lost(f"The program's process was ended from outside ({name}).")


def _by_code(code: int | None) -> Ending:
    if code is None:
        return lost("The program's process disappeared.")
    if code == 0:
        return Ending("finished")
    return Ending(
        "failed",
        Problem(
            type="ProcessExit",
            message=f"The program ended the Python interpreter itself, with exit code {code}.",
            explanation="os._exit() skips everything that is written at the end; sys.exit() does not.",
        ),
    )
