"""What PyTorch says of a saved tensor that has been changed since, or that may not be saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import array, graph
from engine.family import InferenceFamily, family_of

if TYPE_CHECKING:
    from engine.tensor import Tensor


def unsaved() -> RuntimeError:
    """The error of an op that would have to save what was made in inference mode."""
    return RuntimeError(
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
        "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use "
        "it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
    )


def modified(tensor: Tensor, node: graph.Node) -> RuntimeError:
    """The error of a node that saved a tensor which has been changed since."""
    if isinstance(tensor._family, InferenceFamily):
        return unsaved()
    by = tensor._family.changed_by if tensor._family is not None else ""
    title = array.TITLES[array.OF_NUMPY[tensor._array.dtype]]
    shape, origin = tensor._array.shape, _origin(tensor)
    if _turned(tensor, node):
        shape, origin = shape[::-1], "output 0 of AsStridedBackward0" if tensor._requires_grad else None
    versions = family_of(tensor).versions(node.number)
    anomaly = getattr(graph.check, "on", False)
    return RuntimeError(graph.stale(title, shape, origin, versions, node.name(), by, anomaly))


def _origin(tensor: Tensor) -> str | None:
    """The node that made it, which for a view is a new one where its base was changed without recording."""
    if tensor.grad_fn is None:
        return None
    function, index = graph.function_of(tensor._node)
    return f"output {index} of {function.name()}"


def _turned(tensor: Tensor, node: Any) -> bool:
    """Whether it is the weight of a linear layer, of which PyTorch saves the transpose, a view."""
    return node.op is not None and node.op.name == "linear" and tensor is node.weight and tensor._array.ndim == 2
