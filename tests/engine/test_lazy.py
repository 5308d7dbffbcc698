"""What is declared only when it is asked for is found under every name that it has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from engine import lazy_generated

ROOT = Path(__file__).resolve().parents[2]
NAMES = """
import json
from engine import dispatch, ops
fresh = [sorted(vars(names)) for names in (dispatch.raw, dispatch.tensors)]
ops.load_all()
print(json.dumps([fresh, [sorted(vars(names)) for names in (dispatch.raw, dispatch.tensors)]]))
"""


def test_a_slope_finds_each_op_on_arrays_and_on_tensors_whatever_has_been_declared() -> None:
    done = subprocess.run([sys.executable, "-c", NAMES], cwd=ROOT, capture_output=True, text=True, check=True)
    tables = lazy_generated.ON_ARRAYS, lazy_generated.ON_TENSORS
    for fresh, every, table in zip(*json.loads(done.stdout), tables, strict=True):
        assert set(every) == {*fresh, *table}
        assert not set(fresh) & set(table)


def test_the_first_way_back_of_a_process_finds_what_it_needs() -> None:
    program = "import engine as torch\nx = torch.tensor(2.0, requires_grad=True)\n(x**0).backward()\nprint(x.grad)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "tensor(0.)\n"
