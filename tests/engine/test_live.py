"""What a program says to its page, with a page and without one."""

import pytest

import engine
from engine import live


class Pages:
    """A page that remembers what it was told and gives a slider's value from `values`."""

    def __init__(self):
        self.told, self.values = [], {}

    def log(self, values):
        self.told.append(("log", values))

    def param(self, name, default, min, max):
        self.told.append(("param", name, default, min, max))
        return self.values.get(name, default)

    def boundary(self, model, X, y):
        self.told.append(("boundary", model, len(X), len(y)))

    def watch(self, tensor, name):
        self.told.append(("watch", name, tensor))


@pytest.fixture
def page():
    mine = Pages()
    before = live.use(mine)
    yield mine
    assert live.use(before) is mine


def test_log_takes_numbers_and_tensors(page):
    live.log(acc=0.5, loss=engine.tensor(2.0, requires_grad=True), steps=3)
    assert page.told == [("log", {"acc": 0.5, "loss": 2.0, "steps": 3.0})]
    with pytest.raises(TypeError, match="a number or a tensor with one element"):
        live.log(acc=engine.zeros(2))
    with pytest.raises(TypeError, match=r"log\(acc=...\)"):
        live.log(acc="high")


def test_param_gives_the_slider_as_it_stands(page):
    assert live.param("lr", 0.1, 0.0, 1.0) == 0.1
    page.values["lr"] = 0.7
    assert live.param("lr", 0.1, 0.0, 1.0) == 0.7
    with pytest.raises(ValueError, match=r"is not between min=0\.2 and max=1"):
        live.param("lr", 0.1, 0.2, 1.0)


@pytest.mark.parametrize(("default", "low", "high"), [(0.1, 0.0, 0.2), (16, 0.0, 32.0), (0, 0.0, 1.0), (-2, -4.0, 0.0)])
def test_a_slider_without_bounds_goes_around_its_default(page, default, low, high):
    assert live.param("x", default) == default
    assert page.told == [("param", "x", default, low, high)]


def test_boundary_and_watch(page):
    X, y = live.dataset("moons", n=10)
    live.boundary("model", X, y)
    assert live.watch(X, "points") is X
    assert page.told == [("boundary", "model", 10, 10), ("watch", "points", X)]
    with pytest.raises(ValueError, match=r"must have the shape \(n, 2\), not \(10, 1\)"):
        live.boundary("model", X[:, :1], y)
    with pytest.raises(ValueError, match="10 points and 4 classes"):
        live.boundary("model", X, y[:4])


def test_without_a_page_everything_works(capsys):
    live.log(acc=0.25, loss=1)
    assert capsys.readouterr().out == "acc=0.25, loss=1\n"
    assert live.param("lr", 0.3) == 0.3
    X, y = live.dataset("xor", n=4)
    live.boundary(None, X, y)
    assert live.watch(X) is X
