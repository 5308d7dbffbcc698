"""`GET /api/runs/<id>/tensors/<node>/`, from a program under way and from the record."""

from __future__ import annotations

import pytest

from playground.protocol.commands import Inspect
from playground.protocol.events import TensorEvent
from playground.tensors import BadSlice, parse_slice, recorded
from tests.playground.visiting import BACKWARD, Api, eventually

LIVE = """import time, torch
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
for step in range(100_000):
    (x * x).sum().backward()
    time.sleep(0.002)
"""


def _node(result: dict, name: str) -> str:
    return next(node["id"] for node in result["graph"]["nodes"] if node["name"] == name)


@pytest.mark.django_db
def test_an_ended_run_answers_from_its_record(api: Api) -> None:
    run = api.run(BACKWARD)
    path = f"{run['url']}tensors/{_node(run, 'x')}/"
    value = api.get(path, run["control_token"]).json()
    assert value["values"] == [1.0, 2.0] and value["shape"] == [2] and value["dtype"] == "float32"
    assert value["statistics"]["mean"] == 1.5 and value["step"] == 1
    gradient = api.get(f"{path}?what=grad&slice=-1&step=1", run["control_token"]).json()
    assert gradient["values"] == 4.0 and gradient["what"] == "grad"


@pytest.mark.django_db
def test_a_run_under_way_answers_itself(api: Api) -> None:
    run = api.start(LIVE)
    result = eventually(lambda: (found := api.result(run))["graph"] and found)
    path = f"{run['url']}tensors/{_node(result, 'x')}/?slice=1,:"
    assert api.get(path, run["control_token"]).json()["values"] == [3.0, 4.0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["step=x", "step=-1", "what=both", "slice=a", "slice=1:2:0", "slice=" + "0," * 200, "slice=0,0", "slice=9"]
)
def test_refuses_odd_questions(api: Api, query: str) -> None:
    run = api.run(BACKWARD)
    answer = api.get(f"{run['url']}tensors/{_node(run, 'x')}/?{query}", run["control_token"])
    assert answer.status_code == 400 and answer.json()["error"]["field"] == query.partition("=")[0]


@pytest.mark.django_db
def test_knows_no_such_node(api: Api) -> None:
    run = api.run(BACKWARD)
    for node in ("nothing", "%00", "é", "x" * 3000):
        assert api.get(f"{run['url']}tensors/{node}/", run["control_token"]).status_code == 404


def test_the_nearest_step_before_is_taken() -> None:
    records = [TensorEvent(node="a", step=step, what="value", shape=[], values=float(step)) for step in (1, 5, 9)]
    for asked, step in ((None, 9), (1, 1), (4, 1), (8, 5), (99, 9), (0, 1)):
        found = recorded(records, Inspect(node="a", step=asked))
        assert found is not None and found.step == step
    assert recorded(records, Inspect(node="a", what="grad")) is None


def test_numbers_that_were_not_kept_are_told() -> None:
    found = recorded([TensorEvent(node="a", step=1, what="value", shape=[9, 9])], Inspect(node="a", slice="0"))
    assert found is not None and "too many" in str(found.error)


@pytest.mark.parametrize(
    ("text", "index"),
    [("", ()), ("0", (0,)), ("-1, :", (-1, slice(None))), ("1:3, ::2", (slice(1, 3), slice(None, None, 2)))],
)
def test_reads_slices_as_python_does(text: str, index: tuple) -> None:
    assert parse_slice(text) == index


@pytest.mark.parametrize("text", [",", "0,", "1.5", "a", "::-1", "1:2:3:4", "...", "None", "9" * 50])
def test_refuses_what_is_no_slice(text: str) -> None:
    with pytest.raises(BadSlice):
        parse_slice(text)
