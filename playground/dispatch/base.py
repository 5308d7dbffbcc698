"""The dispatcher's interface: what the server asks of whatever runs programs, here or elsewhere."""

from __future__ import annotations

from abc import ABC, abstractmethod

from playground.dispatch.log import RunLog
from playground.dispatch.spec import DeviceState, DispatchHealth, RunSpec
from playground.protocol.commands import Command, Inspect
from playground.protocol.events import TensorEvent


class Dispatcher(ABC):
    """Takes runs, tells them commands and gives their logs. Every method may be called from any thread."""

    @abstractmethod
    def submit(self, spec: RunSpec) -> RunLog:
        """Take a run. Raises `NoWorker`, `QueueFull` or `TooManyRuns` where it cannot be taken."""

    @abstractmethod
    def command(self, run_id: str, command: Command) -> bool:
        """Tell a run something; False when it is not under way here. Does not wait for the effect."""

    @abstractmethod
    def log(self, run_id: str) -> RunLog | None:
        """The log of a run that is under way, or that ended not long ago."""

    @abstractmethod
    def devices(self) -> list[DeviceState]:
        """The devices by name, each with the reason where it is not available."""

    @abstractmethod
    def health(self) -> DispatchHealth:
        """How the workers and the queue stand."""

    @abstractmethod
    def close(self) -> None:
        """End every run and every worker; what is under way ends as lost."""

    def inspect(self, run_id: str, command: Inspect, timeout_s: float = 2.0) -> TensorEvent | None:
        """Ask a run under way for a tensor and wait for its answer; None when none came in time."""
        log = self.log(run_id)
        if log is None or log.ended:
            return None
        seen = log.last
        if not self.command(run_id, command):
            return None
        for entry in log.follow(seen, timeout_s):
            if entry.type is TensorEvent:
                answer = entry.event
                assert isinstance(answer, TensorEvent)
                if (answer.node, answer.what, answer.slice) == (command.node, command.what, command.slice):
                    return answer
        return None
