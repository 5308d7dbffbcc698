"""Profiles: what is counted, how it nests, and that the ops run bare again afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

import engine as torch
from engine.autograd import profiler
from engine.autograd.profiler_util import memory_text, time_text
from engine.op import registry


def profiled(**options: Any) -> Any:
    x = torch.randn(4, 4, requires_grad=True)
    with profiler.profile(**options) as found:
        with profiler.record_function("mine"):
            y = (x @ x).relu().sum()
        y.backward()
    return found


def test_calls_are_counted_by_name() -> None:
    counts = {each.key: each.count for each in profiled().key_averages()}
    assert counts["mine"] == counts["aten::relu"] == counts["aten::matmul"] == counts["ReluBackward0"] == 1
    assert counts["autograd::engine::evaluate_function: SumBackward0"] == 1


def test_time_is_that_of_the_parts_and_its_own() -> None:
    found = profiled()
    mine = next(event for event in found.function_events if event.name == "mine")
    assert [child.name for child in mine.cpu_children] == ["aten::matmul", "aten::relu", "aten::sum"]
    parts = sum(child.cpu_time_total for child in mine.cpu_children)
    assert mine.cpu_time_total == pytest.approx(mine.self_cpu_time_total + parts)
    tops = [event for event in found.function_events if event.cpu_parent is None]
    assert found.self_cpu_time_total == pytest.approx(sum(event.cpu_time_total for event in tops))


def test_the_table_is_laid_out_as_pytorchs() -> None:
    lines = profiled().key_averages().table(sort_by="self_cpu_time_total", row_limit=2).split("\n")
    assert lines[0] == lines[2] == lines[5]
    assert " ".join(lines[1].split()) == "Name Self CPU % Self CPU CPU total % CPU total CPU time avg # of Calls"
    assert len(lines) == 8
    assert lines[6].startswith("Self CPU time total: ")
    assert len(lines[1]) == len(lines[0])


def test_shapes_and_memory_have_columns_of_their_own() -> None:
    found = profiled(record_shapes=True, profile_memory=True)
    text = found.key_averages(group_by_input_shape=True).table()
    assert "[[4, 4], [4, 4]]" in text
    assert "Self CPU Mem" in text
    product = next(event for event in found.function_events if event.name == "aten::matmul")
    assert product.self_cpu_memory_usage == 64


def test_afterwards_the_ops_run_bare() -> None:
    kernels = {name: entry.kernel for name, entry in registry.items() if hasattr(entry, "kernel")}
    profiled()
    assert all(registry[name].kernel is kernel for name, kernel in kernels.items())  # type: ignore[union-attr]
    scope = registry["relu"].call.__globals__  # type: ignore[union-attr]
    assert getattr(scope["kernel"], "__wrapped__", scope["kernel"]) is kernels["relu"]


def test_afterwards_short_floats_stay_short() -> None:
    x = torch.ones(2, dtype=torch.bfloat16)
    x * 2.0
    profiled()
    assert (x * 2.0).dtype is torch.bfloat16


def test_a_schedule_says_which_steps_are_recorded(tmp_path: Any) -> None:
    P = torch.profiler
    finished: list[int] = []
    plan = P.schedule(wait=1, warmup=1, active=2, repeat=1)
    assert [plan(step).name for step in range(5)] == ["NONE", "WARMUP", "RECORD", "RECORD_AND_SAVE", "NONE"]
    x = torch.ones(2)
    with P.profile(schedule=plan, on_trace_ready=lambda p: finished.append(p.key_averages()[0].count)) as found:
        for _ in range(6):
            x.exp()
            found.step()
    assert finished == [2]
    found.export_chrome_trace(str(tmp_path / "trace.json"))
    assert json.loads((tmp_path / "trace.json").read_text())["traceEvents"][0]["name"] == "aten::exp"


def test_units() -> None:
    assert [time_text(us) for us in (1.5, 1500, 2.5e6)] == ["1.500us", "1.500ms", "2.500s"]
    assert [memory_text(n) for n in (12, 2048, 3 << 20)] == ["12 B", "2.00 KB", "3.00 MB"]


def test_events_have_pytorchs_names():
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 1, 1), torch.nn.Flatten(), torch.nn.Linear(4, 2))
    with torch.autograd.profiler.profile() as p:
        model(torch.ones(1, 1, 2, 2))
    counts = {event.key: event.count for event in p.key_averages()}
    for name in ("conv2d", "convolution", "linear", "addmm"):
        assert counts[f"aten::{name}"] == 1
