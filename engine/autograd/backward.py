"""The two ways to ask for gradients: accumulated in the leaves (`backward`), or returned (`grad`)."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from engine import array, graph
from engine.dispatch import tensors as ops
from engine.errors import ShapeError
from engine.family import family_of, own
from engine.hooks import run_accumulated, run_own
from engine.meta import MetaArray
from engine.size import Size
from engine.tensor import Tensor, wrap
from engine.undefined import UNDEFINED, defined

_CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient "
    "which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you "
    "have to use this function, make sure to reset the .grad fields of your parameters to None after use to break the "
    "cycle and avoid the leak."
)
_warned: list[bool] = []  # that is said once
_ONE = np.float32(1)
_ndarray = np.ndarray


def _listed(given: Any) -> list[Any]:
    return [given] if given is None or isinstance(given, Tensor) or hasattr(given, "output_nr") else list(given)


def _edge(given: Any) -> Any:
    """The edge of a tensor, or the one that a `GradientEdge` names."""
    if isinstance(given, Tensor):
        if given._node.__class__ is graph.Unrecorded:
            return graph.Unrecorded(given._family, False)  # that nothing comes to
        return graph.edge_of(given)
    if not hasattr(given, "node"):
        raise RuntimeError(f"all inputs have to be Tensors or GradientEdges, but got {type(given).__name__}")
    node = given.node
    if isinstance(node, graph.AccumulateGrad):
        return node.variable
    return graph.Output(node, given.output_nr) if hasattr(node, "results") and node.results > 1 else node


def _roots(outputs: Sequence[Any], gradients: Sequence[Any], create: bool) -> list[tuple[Any, Any]]:
    """The edges to begin at, with their gradients, raw or (with `create`) tensors."""
    roots = []
    for i, (output, gradient) in enumerate(zip(outputs, gradients, strict=True)):
        if not isinstance(output, Tensor):
            roots.append((_edge(output), _first_of_edge(i, output, gradient, create)))
            continue
        if not output._requires_grad:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        if gradient is None:
            value = output._array
            if value.__class__ is np.float32:  # a loss, most often
                raw: Any = _ONE
            else:
                _check_implicit(value.size, output.dtype)
                raw = graph.ones_like(value)
            gradient = wrap(raw) if create else raw
        else:
            gradient = _fitting(i, output, gradient)
            # A view of the caller's memory, which no leaf may take for its own.
            gradient = gradient if create else own(gradient)[...]
        roots.append((graph.edge_of(output), gradient))
    return roots


def _check_implicit(size: int, dtype: Any) -> None:
    """PyTorch's error where a gradient has to be given."""
    if size != 1:
        raise RuntimeError("grad can be implicitly created only for scalar outputs")
    if dtype.is_complex:
        raise RuntimeError(f"grad can be implicitly created only for real scalar outputs but got {dtype}")


def _fitting(i: int, output: Any, gradient: Any) -> Tensor:
    """The gradient that is given for an output (a tensor, or what is known of one), if it fits."""
    if not isinstance(gradient, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(gradient).__name__}")
    if gradient._array.shape != tuple(output.shape):
        raise ShapeError(
            f"Mismatch in shape: grad_output[{i}] has a shape of {gradient.shape} and output[{i}] has a shape of "
            f"{output.shape}.", "backward", (gradient._array.shape, tuple(output.shape)),
        )  # fmt: skip
    if gradient.dtype == output.dtype:
        return gradient
    if gradient.dtype.is_complex or output.dtype.is_complex:
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. "
            f"Mismatch in dtype: grad_output[{i}] has a dtype of {gradient.dtype} and output[{i}] has a "
            f"dtype of {output.dtype}."
        )
    return gradient.to(output.dtype)


def _first_of_edge(i: int, edge: Any, gradient: Any, create: bool) -> Any:
    """The gradient to begin with at a `GradientEdge`, of whose tensor a little is known, most often."""
    metadata = graph.metadata_of(edge.node).get(edge.output_nr)
    if metadata is None:
        one = wrap(_ONE) if gradient is None else gradient
    elif gradient is None:
        _check_implicit(metadata.shape.numel(), metadata.dtype)
        one = ops.ones(metadata.shape, dtype=metadata.dtype, device=metadata.device)
    else:
        one = _fitting(i, metadata, gradient)
    return one if create else own(one)[...]


def _weights(given: Any, outputs: Sequence[Any]) -> Sequence[Any]:
    """The gradients that are given for the outputs, None for each where none are."""
    weights = [None] * len(outputs) if given is None else _listed(given)
    if len(weights) < len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(weights)} gradients")
    return weights[: len(outputs)]


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Accumulate the gradients of `tensors`, weighted with `grad_tensors`, in the leaves' `.grad` (or `inputs`')."""
    if graph.transforms():
        _refuse()
    if grad_variables is not None:
        warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2)
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. Please only "
                "use `grad_tensors`."
            )
        grad_tensors = grad_variables
    outputs = _listed(tensors)
    gradients = _weights(grad_tensors, outputs)
    keep = create_graph if retain_graph is None else retain_graph
    wanted = None if inputs is None else _targets(inputs)
    if create_graph and (not _warned or ops.is_warn_always_enabled()):
        _warned.append(True)
        warnings.warn(_CYCLE, UserWarning, stacklevel=2)
    roots = _roots(outputs, gradients, create_graph)
    root = outputs[0] if len(outputs) == 1 else tuple(outputs)
    found = graph.walk(roots, keep, create_graph, wanted, root, _accumulate)
    if graph.ended is not None and not graph.under_way():
        graph.ended(outputs[0], defined(found))


def _refuse() -> None:
    raise RuntimeError(
        "backward() called inside a functorch transform. This is not supported, please use functorch.grad or "
        "functorch.vjp instead or call backward() outside of functorch transforms."
    )


def _targets(inputs: Any) -> list[Any]:
    """The edges of tensors (or edges) of which alone the gradients are asked for; all of them keep theirs."""
    given = _listed(inputs)
    if not given:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    for each in given:
        if isinstance(each, Tensor):
            each.retain_grad()
    return [_edge(each) for each in given]


def _accumulate(come: Iterable[tuple[Any, Any]], create: bool, taken: set[int]) -> None:
    """Add gradients, raw or (with `create`) tensors, to those of the leaves that they come to, and run the hooks there.

    `taken` are the arrays whose memory has become a gradient's.
    """
    for leaf, g in come:
        try:
            hooks = leaf._hooks
        except AttributeError:
            leaf._hooks = hooks = None
        if hooks is not None:
            g = run_own(hooks, g, create)
        if g is UNDEFINED:
            if hooks is not None:
                run_accumulated(leaf, hooks, g, create)
            continue
        try:
            before = leaf._grad
        except AttributeError:
            before = None
        if leaf.__dict__ and (kind := leaf.__dict__.get("_grad_dtype")) is not None:
            g = g.to(kind) if create else wrap(g).to(kind)._array
        if create:
            leaf._grad = ops.empty_like(leaf.detach()).copy_(g) if before is None else before + g
        elif before is None:
            # The memory must be this leaf's alone, with the elements in the order in which the leaf's are.
            if not leaf._array.flags.c_contiguous:
                laid = array.module(g).empty_like(leaf._array)
                laid[...] = g
                g = laid
            elif g.__class__ is _ndarray:
                if g.base is not None or not g.flags.carray or id(g) in taken:
                    g = g.copy()
                else:
                    taken.add(id(g))
            elif not isinstance(g, np.generic):
                g = _own_copy(g, taken)
            leaf._grad = wrap(g if leaf._array.__class__ is not MetaArray else np.asarray(g).view(MetaArray))
        else:
            if isinstance(before._array, np.generic):
                before._array = before._array + g
            else:
                before._array += g
            family_of(before).stamp("backward")
        if hooks is not None:
            run_accumulated(leaf, hooks, g, create)


def _own_copy(g: Any, taken: set[int]) -> Any:
    if g.base is not None or not g.flags.c_contiguous or id(g) in taken:
        return g.copy()
    taken.add(id(g))
    return g


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of `outputs`, weighted with `grad_outputs`, by `inputs`, one each.

    RuntimeError for an input that the outputs do not depend on, unless `allow_unused` (then None) or
    `materialize_grads` (then zeros). With `is_grads_batched` the weights have a leading axis, and so do the results.
    """
    results, sources = _listed(outputs), _listed(inputs)
    if not sources:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    weights = _weights(grad_outputs, results)
    keep = create_graph if retain_graph is None else retain_graph
    unused = materialize_grads if allow_unused is None else allow_unused
    if is_grads_batched:
        return _batched(results, sources, weights, keep, create_graph, unused)
    for i, each in enumerate(results):
        if isinstance(each, Tensor) and not each._requires_grad:
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
    for source in sources:
        if isinstance(source, Tensor) and not source._requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    edges = [_edge(t) for t in sources]
    root = results[0] if len(results) == 1 else tuple(results)
    found = graph.walk(_roots(results, weights, create_graph), keep, create_graph, edges, root)
    gradients = []
    for source, edge in zip(sources, edges, strict=True):
        if edge in found:
            g = found[edge]
            gradients.append(g if create_graph else wrap(array.as_there(fresh(g), getattr(source, "_array", g))))
        elif materialize_grads and not isinstance(source, Tensor):
            raise RuntimeError("materialize_grads cannot be used when the given input is a GradientEdge")
        elif materialize_grads:
            zeros = wrap(np.zeros_like(source._array))
            zeros._requires_grad = create_graph
            gradients.append(zeros)
        elif unused:
            gradients.append(None)
        else:
            raise RuntimeError(
                f"The differentiated Tensor at index {len(gradients)} appears to not have been used in the graph. Set "
                "allow_unused=True if this is the desired behavior."
            )
    return tuple(gradients)


def fresh(g: Any) -> Any:
    """A raw gradient in memory of its own."""
    return g if isinstance(g, np.generic) or (g.base is None and g.flags.writeable) else g.copy("K")


def _batched(results: Any, sources: Any, weights: Any, keep: bool, create: bool, unused: bool) -> tuple[Any, ...]:
    for i, (result, weight) in enumerate(zip(results, weights, strict=True)):
        if weight is not None and weight._array.shape[1:] != result._array.shape:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
                "dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding "
                f"output, but a mismatch was detected: grad_output[{i}] has a shape of "
                f"{Size(weight._array.shape[2:])} and output[{i}] has a shape of {result.shape}. If you only "
                "want some tensors in `grad_output` to be considered batched, consider using vmap."
            )
    if not any(weight is not None for weight in weights):
        raise ValueError(
            "vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a Tensor of "
            "dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0."
        )
    count = next(w for w in weights if w is not None)._array.shape[0]
    rows = []
    for i in range(count):
        row = [None if w is None else w[i] for w in weights]
        rows.append(grad(results, sources, row, keep or i + 1 < count, create, allow_unused=unused))
    return tuple(None if column[0] is None else ops.stack(column) for column in zip(*rows, strict=True))


def _plainly(output: Tensor, gradient: Any) -> Any:
    """The gradient to begin with in the common cases: of a single float32, or given in shape and dtype; else None."""
    value = output._array
    if gradient is None:
        return _ONE if value.__class__ is np.float32 else None
    if value.__class__ is not _ndarray or gradient.__class__ is not Tensor:
        return None
    given = gradient._array
    if given.__class__ is _ndarray and given.dtype is value.dtype and given.shape == value.shape:
        return given[...]  # as in `_roots`
    return None


def tensor_backward(
    self: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """Accumulate the gradients of this tensor, weighted with `gradient`, in the `.grad` of the leaves (or `inputs`)."""
    if inputs is None and not create_graph and self._requires_grad and (first := _plainly(self, gradient)) is not None:
        # What nearly every step of a training asks for, past what it does not need.
        if graph.transforms():
            _refuse()
        roots = ((self._node or self, first),)
        found = graph.walk(roots, bool(retain_graph), False, None, self, _accumulate)
        if graph.ended is not None and not graph.under_way():
            graph.ended(self, defined(found))
        return
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


tensor_backward.__name__, tensor_backward.__qualname__ = "backward", "Tensor.backward"

__all__ = ["backward", "grad"]
