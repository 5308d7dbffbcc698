"""The example programs print what PyTorch prints, and learn what they are to learn."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

from tests.examples.programs import ANSWERS, EXAMPLES, ROOT, all_lines, differences, first_lines, printed


def recorded(name: str, folder: str = "") -> list[str]:
    return (ANSWERS / folder / f"{name}.txt").read_text().splitlines()


def test_each_example_is_compared() -> None:
    files = {path.stem for path in (ROOT / "examples").glob("*.py")} - {"run"}
    assert files == set(EXAMPLES) == {path.stem for path in ANSWERS.glob("*.txt")}
    assert files == {path.stem for path in ANSWERS.glob("double/*.txt")}
    assert all(len(recorded(name)) == lines for name, (_, lines) in EXAMPLES.items())


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_prints_what_pytorch_printed(name: str) -> None:
    assert not differences(first_lines(name), recorded(name))


@pytest.mark.parametrize("name", EXAMPLES)
def test_in_float64_it_prints_what_pytorch_printed_to_the_end(name: str) -> None:
    assert not differences(all_lines(name), recorded(name, "double"))


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="no PyTorch here: what it printed counts")
def test_pytorch_still_prints_it(name: str) -> None:
    assert not differences(first_lines(name, "--torch"), recorded(name))
    assert not differences(all_lines(name, "--torch"), recorded(name, "double"))


def test_what_is_compared_can_differ() -> None:
    assert not differences(["step   0  loss 2.3026", "right: True"], ["step 0 loss 2.3029", "right: True"])
    for wrong in ("step 0 loss 2.3034", "step 1 loss 2.3026", "step 0 gain 2.3026", "step 0 loss nan", "step 0 loss"):
        assert differences([wrong], ["step 0 loss 2.3026"]), wrong
    assert differences([], ["step 0 loss 2.3026"])


def test_an_unknown_example_is_refused_in_a_sentence() -> None:
    said = subprocess.run(
        [sys.executable, "examples/run.py", "gpt"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 2 and "invalid choice: 'gpt'" in said.stderr and "mnist_cnn" in said.stderr


# What the last number with a point in the line that begins so has to reach, at least or (negative) at most.
GOALS = {
    "char_transformer": ("step  380", -2.35),
    "custom_function": ("at last", -0.03),
    "mnist_cnn": ("accuracy", 0.94),
    "mnist_mlp": ("accuracy", 0.89),
    "reinforce": ("at last", 150.0),
    "reviews_lstm": ("accuracy", 0.40),
    "vae": ("step  570", -140.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GOALS)
def test_it_learns(name: str) -> None:
    begin, goal = GOALS[name]
    (line,) = [line for line in printed(name, None) if line.startswith(begin)]
    reached = float(re.findall(r"\d+\.\d+", line)[-1])
    assert reached >= goal if goal > 0 else reached <= -goal, line


@pytest.mark.slow
def test_optimizers_race_to_the_end() -> None:
    names, *_, right = printed("spiral_optimizers", None)
    shares = dict(zip(names.split()[1:], map(float, right.split()[1:]), strict=True))
    assert all(shares[name] > 0.95 for name in ("Adam", "AdamW", "NAdam", "Rprop")), shares
    assert all(share > 0.5 for share in shares.values()), shares


@pytest.mark.slow
def test_networks_that_play_against_each_other_both_go_on_learning() -> None:
    lines = [line.split() for line in printed("dcgan", None) if line.startswith("step")]
    late = [(float(words[3]), float(words[5])) for words in lines[-8:]]
    assert all(0.0 < a < 4.0 and 0.0 < b < 8.0 for a, b in late), late
