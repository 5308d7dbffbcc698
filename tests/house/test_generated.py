"""Generated files are current: made anew, they are the same."""

from __future__ import annotations

import shutil

import pytest

from tests.house.generated import GENERATED, ROOT, Generated


@pytest.mark.parametrize("generated", GENERATED, ids=lambda g: g.file)
def test_is_current(generated: Generated) -> None:
    if generated.needs and shutil.which(generated.needs) is None:
        pytest.skip(f"{generated.needs} is not installed, which makes {generated.file}")
    assert (ROOT / generated.file).read_bytes() == generated.make(), "run `make gen`"
