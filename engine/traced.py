"""What a tensor knows of the graph: whether it needs a gradient, which node made it, its hooks, its gradient."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self
from weakref import ref

from engine import graph
from engine.array import OF_NUMPY, TITLES
from engine.family import Family, InferenceFamily, base_of, family_of, made_by, own
from engine.hooks import Hooks, RemovableHandle, hooks_of_leaf
from engine.meta import MetaArray

if TYPE_CHECKING:
    from engine.methods import Methods
    from engine.tensor import Tensor
else:
    Methods = object  # the ops, which `engine.bind` puts on the class, as the type checker sees them

_NOT_A_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
    "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, "
    "use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the "
    "leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information."
)


_IN_C = {
    "Half": "c10::Half", "BFloat16": "c10::BFloat16", "ComplexFloat": "c10::complex<float>",
    "ComplexDouble": "c10::complex<double>",
}  # fmt: skip


def _in_c(kind: Any) -> str:
    """The name of a dtype in C++."""
    return _IN_C.get(TITLES[kind], TITLES[kind].lower())


class _Fixed(property):
    """A property of which PyTorch says so if it is set or deleted."""

    def _refuse(self, tensor: Any, value: Any = None) -> None:
        assert self.fget is not None
        raise AttributeError(f"attribute '{self.fget.__name__}' of 'torch._C.TensorBase' objects is not writable")

    __set__ = __delete__ = _refuse


class Traced(Methods):
    """The half of a tensor that belongs to the graph."""

    __slots__ = ()

    _array: Any
    _family: Family | None
    _grad: Any
    _hooks: Hooks | None
    _node: Any
    _requires_grad: bool

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if not isinstance(flag, bool):
            raise RuntimeError("requires_grad must be a bool")
        if flag and self._array.dtype.kind not in "fcV":
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        if flag and not graph.inferring() and isinstance(self._family, InferenceFamily):
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        if self._node.__class__ is graph.Unrecorded:
            if flag:
                self._node = None
            return
        if self._node is not None:
            hint = (
                " If you want to use a computed variable in a subgraph that doesn't require differentiation use "
                "var_no_grad = var.detach()."
            )
            raise RuntimeError(f"you can only change requires_grad flags of leaf variables.{'' if flag else hint}")
        self._requires_grad = bool(flag)

    @requires_grad.deleter
    def requires_grad(self) -> None:
        raise RuntimeError("requires_grad must be a bool")

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """The tensor itself, with `requires_grad` set."""
        if graph.transforms():
            raise RuntimeError(
                "You are attempting to call Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* "
                "APIs) inside of a function being transformed by a functorch transform. This is unsupported, please "
                "attempt to use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call "
                "requires_grad_() outside of a function being transformed instead."
            )
        if not isinstance(requires_grad, bool):
            kind = type(requires_grad).__name__
            raise TypeError(f"requires_grad_(): argument 'requires_grad' (position 1) must be bool, not {kind}")
        if requires_grad and self._array.dtype.kind not in "fcV":
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        if not requires_grad or self._node is None or self.is_leaf:  # what was computed needs one already
            self.requires_grad = requires_grad
        return self

    @property
    def grad(self) -> Any:
        """The gradient that backward() has accumulated, None before; a warning for a tensor that does not keep one."""
        g = getattr(self, "_grad", None)
        if g is None and self._node is not None and not self.retains_grad and not self.is_leaf:
            warnings.warn(_NOT_A_LEAF, UserWarning, stacklevel=2)
        return g

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Traced):
                raise TypeError(
                    f"assigned grad expected to be a Tensor or None but got grad of type {type(value).__name__}"
                )
            if value is self:
                raise RuntimeError("can't assign Variable as its own grad")
            if value._array.shape != self._array.shape:
                raise RuntimeError(
                    f"attempting to assign a gradient of size '{list(value._array.shape)}' to a tensor of size "
                    f"'{list(self._array.shape)}'. Please ensure that the gradient and the tensor are the same size"
                )
            expected = self.__dict__.get("_grad_dtype", OF_NUMPY[self._array.dtype])
            if expected is not None and value.dtype != expected:
                raise RuntimeError(
                    f"attempting to assign a gradient with dtype '{_in_c(value.dtype)}' to a tensor with "
                    f"grad_dtype '{TITLES[expected]}'. The gradient must match the tensor's grad_dtype (defaults to "
                    "the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None "
                    "to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its "
                    "gradient may break downstream systems that assume they match."
                )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def grad_dtype(self) -> Any:
        """The dtype of the gradient of a leaf; None where it may be any."""
        if self._node is not None:
            raise RuntimeError("grad_dtype can only be accessed on leaf tensors.")
        return self.__dict__.get("_grad_dtype", OF_NUMPY[self._array.dtype])

    @grad_dtype.setter
    def grad_dtype(self, kind: Any) -> None:
        if self._node is not None:
            raise RuntimeError("grad_dtype can only be set on leaf tensors.")
        before = getattr(self, "_grad", None)
        if before is not None and kind is not None and before.dtype != kind:
            raise RuntimeError(
                f"Cannot set grad_dtype to '{TITLES[kind]}' because there is already a gradient with dtype "
                f"'{_in_c(before.dtype)}'. Please clear the gradient (.grad = None) before changing "
                "grad_dtype, or ensure the new grad_dtype matches the existing gradient's dtype."
            )
        self.__dict__["_grad_dtype"] = kind

    @_Fixed
    def grad_fn(self) -> Any:
        """The node that made the tensor, None for a leaf."""
        if self.is_leaf:
            return None
        made = made_by(self)
        if made is not None and made[4] != self._family.version:  # type: ignore[union-attr]
            from engine.views_anew import anew

            anew(self, made)  # type: ignore[arg-type]
        return graph.shown(graph.known(self)[0])

    @_Fixed
    def is_leaf(self) -> bool:
        """Whether no recorded op made it."""
        return not self._node or self._node.__class__ is graph.Unrecorded

    @property
    def output_nr(self) -> int:
        """Which of its node's results it is."""
        return graph.function_of(self._node)[1] if self._node is not None else 0

    @property
    def _version(self) -> int:
        if isinstance(self._family, InferenceFamily):
            raise RuntimeError("Inference tensors do not track version counter.")
        return 0 if self._family is None else self._family.version

    def is_inference(self) -> bool:
        """Whether it was made in inference mode, or is a view of what was."""
        return isinstance(self._family, InferenceFamily)

    @property
    def _base(self) -> Tensor | None:
        return base_of(self)

    def _is_view(self) -> bool:
        return made_by(self) is not None

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad()` was called."""
        if self._node is None or self._node.hooks is None:
            return False
        return any(reference() is self for reference in self._node.hooks.retained)

    def retain_grad(self) -> None:
        """Let backward() keep the gradient of a tensor that is no leaf."""
        if not self._requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if graph.transforms():
            raise RuntimeError(
                "You are attempting to call Tensor.retain_grad() inside of a function being transformed by a functorch "
                "transform. This is unsupported, please attempt to use the functorch transforms (e.g. grad, vjp, "
                "jacrev, jacfwd, hessian) or call retain_grad() outside of a function being transformed instead."
            )
        if not self.is_leaf and not self.retains_grad:
            graph.hooks_at(self._node).retained.append(ref(self))

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call `hook(gradient)` on the way back; what it returns, if anything, replaces the gradient."""
        if not self._requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        return self._own_hooks().add("before", hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook(leaf)` each time its `.grad` has been accumulated."""
        if not self._requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        if self._node is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        return self._own_hooks().add("accumulated", hook)

    def _own_hooks(self) -> Hooks:
        if self._node is not None:
            return graph.hooks_at(self._node)
        hooks = getattr(self, "_hooks", None)
        return hooks_of_leaf(self) if hooks is None else hooks

    def detach(self) -> Tensor:
        """The same memory outside the graph."""
        from engine.tensor import wrap

        alias = wrap(own(self))
        alias._family = family_of(self)
        if graph.marks is not None and "_batched" in self.__dict__:
            graph.marks.copy(self, alias)
        return alias

    def detach_(self) -> Self:
        """The tensor itself, taken out of the graph."""
        if made_by(self) is not None:
            raise RuntimeError(
                "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
                "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence "
                "detach_() cannot be called on these gradients. To fix this error, please refer to the "
                "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
            )
        self._node = None
        self._requires_grad = False
        if graph.duals is not None:
            self.__dict__.pop("_tangents", None)
        return self

    @property
    def data(self) -> Tensor:
        """The same memory outside the graph, and without a say in the check for changed values."""
        from engine.tensor import wrap

        return wrap(own(self))

    @data.setter
    def data(self, value: Tensor) -> None:
        if not isinstance(value, Traced):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if (value._array.__class__ is MetaArray) is not (self._array.__class__ is MetaArray):
            raise RuntimeError(
                "Attempted to call `variable.set_data(tensor)`, but `variable` and `tensor` have incompatible tensor "
                "type."
            )
        if self._requires_grad and value._array.dtype.kind not in "fcV":
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        self._array = own(value)

    @data.deleter
    def data(self) -> None:
        raise RuntimeError("Deleting tensor data is not allowed. Delete tensor instead!")

    @property
    def volatile(self) -> bool:
        """False, with a warning: what it meant is long gone."""
        warnings.warn("volatile was removed (Variable.volatile is always False)", UserWarning, stacklevel=2)
        return False
