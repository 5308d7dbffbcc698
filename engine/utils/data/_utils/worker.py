"""A worker: here not a process but a turn in this one, with a dataset and random streams of its own."""

from __future__ import annotations

import copy
import random
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.random import get_rng_state, manual_seed, set_rng_state

_current: WorkerInfo | None = None


@dataclass(frozen=True)
class WorkerInfo:
    """What `get_worker_info` returns in a worker."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


def get_worker_info() -> WorkerInfo | None:
    """Which worker is asked for samples now; None outside of workers."""
    return _current


class KeyErrorMessage(str):
    """The text of a KeyError that keeps its line breaks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Worker:
    """One of `num_workers`: what it draws comes from streams seeded by `base_seed` and its number."""

    def __init__(
        self,
        number: int,
        count: int,
        base_seed: int,
        dataset: Any,
        init: Callable[[int], Any] | None,
        fetcher: Callable[[Any], Any],
    ) -> None:
        seed = base_seed + number
        self.dataset = copy.copy(dataset)  # what it sets on the dataset, the others do not see
        self.info = WorkerInfo(id=number, num_workers=count, seed=seed, dataset=self.dataset)
        self.make_fetcher = fetcher
        self.fetcher: Any = None
        self.state: Any = None
        self.alive = True
        self.failed: Exception | None = None
        self.init = init
        self.seeds = seed, _numpy_seed(base_seed, number)

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """This worker's streams and information in the place of this process's."""
        global _current
        outer, mine = _current, self.state
        before = get_rng_state(), random.getstate(), np.random.get_state()
        _current = self.info
        try:
            if mine is None:
                seed, for_numpy = self.seeds
                random.seed(seed)
                manual_seed(seed)
                np.random.seed(for_numpy)
            else:
                _restore(mine)
            yield
        finally:
            self.state = get_rng_state(), random.getstate(), np.random.get_state()
            _restore(before)
            _current = outer

    def restart(self) -> None:
        """Begin a further pass, the streams going on."""
        self.fetcher, self.alive = None, True

    def fetch(self, index: Any) -> Any:
        """A batch. StopIteration at the end; what fails is raised as its class, with the worker's number."""
        with self._inside():
            try:
                if self.init is not None:
                    init, self.init = self.init, None
                    init(self.info.id)
                if self.fetcher is None:
                    self.fetcher = self.make_fetcher(self.dataset)
                return self.fetcher.fetch(index)
            except StopIteration:
                raise
            except Exception as error:
                raise self._told(error) from error

    def _told(self, error: Exception) -> Exception:
        kind = type(error)
        text = (
            f"Caught {kind.__name__} in DataLoader worker process {self.info.id}.\n"
            f"Original {''.join(traceback.format_exception(error))}"
        )
        try:
            return kind(KeyErrorMessage(text)) if kind is KeyError else kind(text)
        except Exception:
            return RuntimeError(text)


def _restore(state: tuple[Any, Any, Any]) -> None:
    set_rng_state(state[0])
    random.setstate(state[1])
    np.random.set_state(state[2])


def _numpy_seed(base_seed: int, number: int) -> Any:
    """Four 32-bit words mixed of a seed and a worker's number."""
    words = [number, base_seed & 0xFFFFFFFF, base_seed >> 32 & 0xFFFFFFFF, 0]
    return np.random.SeedSequence(words).generate_state(4)
