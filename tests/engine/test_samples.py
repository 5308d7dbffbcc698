"""The engine against PyTorch's recorded answers to calls drawn widely."""

from __future__ import annotations

import pytest

import engine
from tests.engine import samples
from tests.engine.samples.otherwise import reason

PARTS = 4  # tests a family, so that several workers share them


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("family", samples.FILES)
def test_answers_as_pytorch(family: str, part: int) -> None:
    found = []
    for call, want in samples.recorded(family)[part::PARTS]:
        said = samples.difference(call, want, samples.answer(engine, call))
        if said is not None and reason(call[0], said) is None:
            found.append(f"{call}: {said}")
    assert not found, f"{len(found)} differ:\n" + "\n".join(found[:10])
