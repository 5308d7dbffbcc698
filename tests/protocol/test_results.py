"""A result is a fold over the events; a frame's packed rows open to what the contract names."""

from __future__ import annotations

import json
import math
import struct

import msgspec

from playground.protocol import events, results, values

NAN = math.nan


def _frame(**changes: object) -> events.FrameEvent:
    rows = [
        (1.0, 0.5, 0.0, 2.0, 3.0, 0.0, 0.0),  # a's value
        (0.1, 0.0, 0.1, 0.1, 0.1, 0.0, 0.0),  # a's gradient
        (NAN, NAN, NAN, NAN, NAN, 4.0, 1.0),  # b's value has no finite number
        (NAN,) * 7,  # b has no gradient
    ]
    frame = events.FrameEvent(
        graph="g",
        step=2,
        loss=0.5,
        points={"loss": [(1, 0.7), (2, 0.5)], "accuracy": [(2, 0.9)]},
        index=struct.pack("<2I", 0, 2),
        stats=b"".join(struct.pack("<7f", *row) for row in rows),
    )
    return msgspec.structs.replace(frame, **changes)


def test_a_frame_opens_to_statistics_by_node() -> None:
    nodes = results.expand_frame(_frame(), ["a", "between", "b"])["nodes"]
    assert set(nodes) == {"a", "b"}
    assert nodes["a"]["value"] == {"mean": 1.0, "std": 0.5, "min": 0.0, "max": 2.0, "norm": 3.0, "nan": 0, "inf": 0}
    assert nodes["b"]["value"] == {
        "mean": None,
        "std": None,
        "min": None,
        "max": None,
        "norm": None,
        "nan": 4,
        "inf": 1,
    }
    assert nodes["b"]["grad"] is None


def test_a_frame_is_narrowed_to_the_nodes_asked_for() -> None:
    ids = ["a", "between", "b"]
    assert set(results.expand_frame(_frame(), ids, frozenset({"b"}))["nodes"]) == {"b"}
    narrow = results.narrow_frame(_frame(), ids, frozenset({"b"}))
    assert narrow.index == struct.pack("<I", 2) and len(narrow.stats) == 2 * 7 * 4
    assert set(results.expand_frame(narrow, ids)["nodes"]) == {"b"}


def test_an_opened_frame_is_json_without_nan() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    text = msgspec.json.encode(results.expand_frame(_frame(loss=NAN), ["a", "x", "b"]))
    assert json.loads(text, parse_constant=refuse)["loss"] is None


def test_a_forged_frame_with_wrong_lengths_does_no_harm() -> None:
    far = _frame(index=struct.pack("<2I", 7, 4_000_000_000))
    assert results.expand_frame(far, ["a"])["nodes"] == {}
    short = _frame(stats=struct.pack("<7f", *(1.0,) * 7))
    assert results.expand_frame(short, ["a", "x", "b"])["nodes"]["b"] == {"value": None, "grad": None}


def test_forged_rows_of_odd_length_do_no_harm() -> None:
    odd = _frame(index=b"\0\0\0", stats=b"\0\0\0\0\0")
    assert results.expand_frame(odd, ["a"])["nodes"] == {}
    assert results.narrow_frame(odd, ["a"], frozenset({"a"})).index == b""


def test_forged_counts_do_no_harm() -> None:
    forged = _frame(index=b"\0" * 4, stats=struct.pack("<14f", *(1.0,) * 5, NAN, math.inf, *(1.0,) * 7))
    value = results.expand_frame(forged, ["a"])["nodes"]["a"]["value"]
    assert (value["nan"], value["inf"]) == (0, 0)


def test_a_result_is_folded_from_the_events() -> None:
    problem = values.Problem(type="ValueError", message="no", line=2)
    graph = events.GraphEvent(graph="g", step=1, nodes=[], edges=[])
    told = [
        events.StatusEvent(seq=1, status="running"),
        events.StdoutEvent(seq=2, text="a"),
        graph,
        _frame(seq=3),
        events.StdoutEvent(seq=4, text="b"),
        events.ErrorEvent(seq=5, error=problem, message="no", line=2),
        events.FinishedEvent(seq=6, status="failed", duration_s=1.5, steps=2),
    ]
    whole = results.fold(results.Result(id="r"), told)
    assert (whole.status, whole.stdout, whole.error, whole.graph) == ("failed", "ab", problem, graph)
    assert whole.losses == [(1, 0.7), (2, 0.5)] and whole.metrics == {"accuracy": [(2, 0.9)]}
    assert (whole.steps, whole.duration_s, whole.events) == (2, 1.5, 6)
    in_parts = results.fold(results.fold(results.Result(id="r"), told[:3]), told[3:])
    assert in_parts == whole
