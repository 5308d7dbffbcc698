"""What a learner's program says to the page that shows it: series, sliders, a decision boundary, pinned tensors, data.

Whoever shows a program installs its page with `use`. Without one the functions work all the same: `log` prints, `param`
gives its default, and nothing is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from engine.data import MNIST, Digits, Planar, Reviews, dataset

if TYPE_CHECKING:
    from engine.tensor import Tensor

__all__ = [
    "MNIST",
    "Digits",
    "Page",
    "Planar",
    "Printing",
    "Reviews",
    "boundary",
    "dataset",
    "log",
    "param",
    "use",
    "watch",
]


class Page(Protocol):
    """What shows a program."""

    def log(self, values: dict[str, float]) -> None:
        """Add a point to each named series."""

    def param(self, name: str, default: float, min: float, max: float) -> float:
        """The value of a slider from `min` to `max` that begins at `default`."""

    def boundary(self, model: Any, X: Tensor, y: Tensor) -> None:
        """Draw which class the model gives to each place around the points X (n, 2) of the classes y (n,)."""

    def watch(self, tensor: Tensor, name: str) -> None:
        """Pin a tensor under a name."""


class Printing:
    """The page where there is none: it prints what is logged."""

    def log(self, values: dict[str, float]) -> None:
        """Print the values on one line."""
        print(", ".join(f"{name}={value:.6g}" for name, value in values.items()))

    def param(self, name: str, default: float, min: float, max: float) -> float:
        """The default."""
        return default

    def boundary(self, model: Any, X: Tensor, y: Tensor) -> None:
        """Nothing: there is nowhere to draw."""

    def watch(self, tensor: Tensor, name: str) -> None:
        """Nothing: there is no inspector."""


page: Page = Printing()


def use(new: Page) -> Page:
    """Let `new` show the program from now on; the page that did so before."""
    global page
    before, page = page, new
    return before


def log(**values: Any) -> None:
    """Add a point to each named series of the chart; a value is a number or a tensor with one element."""
    page.log({name: _number(name, value) for name, value in values.items()})


def param(name: str, default: float, min: float | None = None, max: float | None = None) -> float:
    """The value of a slider named `name`, which a person may move while the program runs: ask again at each step.

    Without `min` and `max` it goes from 0 to twice the default (0 to 1 where that is 0).
    """
    if min is None:
        min = 2.0 * default if default < 0 else 0.0
    if max is None:
        max = 2.0 * default if default > 0 else 0.0 if default < 0 else 1.0
    if not min <= default <= max:
        raise ValueError(f"param({name!r}): the default {default} is not between min={min} and max={max}")
    return page.param(name, default, min, max)


def boundary(model: Any, X: Tensor, y: Tensor) -> None:
    """Draw the model's decision boundary around the points X, of shape (n, 2), coloured by their classes y, (n,)."""
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"boundary() draws points in the plane: X must have the shape (n, 2), not {tuple(X.shape)}")
    if len(y) != len(X):
        raise ValueError(f"boundary() got {len(X)} points and {len(y)} classes")
    page.boundary(model, X, y)


def watch(tensor: Tensor, name: str = "") -> Tensor:
    """The tensor itself, pinned in the inspector under a name."""
    page.watch(tensor, name)
    return tensor


def _number(name: str, value: Any) -> float:
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(f"log({name}=...) takes a number or a tensor with one element, not {value!r}") from None
