"""The module: a function with parameters, and the root of a tree of such."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, Self

from engine import array, graph
from engine.hooks import RemovableHandle
from engine.nn import backward_hooks
from engine.nn.holder import Holder
from engine.nn.state import new_state_hooks
from engine.tensor import Tensor

# Hooks on every module, as `nn.modules.module.register_module_forward_hook` sets them.
everywhere_before: dict[int, Callable[..., Any]] = {}
everywhere_after: dict[int, Callable[..., Any]] = {}


class Module(Holder):
    """Base of all layers and models. A subclass makes its parts in `__init__` and says in `forward` what it computes.

    Parameters, buffers and modules that are assigned as attributes are registered under the attribute's name; calling
    the module calls `forward` between its hooks.
    """

    training: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or kwargs:
            raise TypeError(f"{type(self).__name__}.__init__() got unexpected arguments {args or kwargs}")
        # Past our own __setattr__, which looks into the tables that are made here.
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _modules={},
            _not_saved=set(),
            _forward_pre_hooks={},
            _forward_hooks={},
            _backward_hooks={},
            _backward_pre_hooks={},
            _state_hooks=new_state_hooks(),
        )

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; to be overridden."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    # ---- the call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if graph.watch is None and not (
            self._forward_hooks
            or self._forward_pre_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
            or everywhere_before
            or everywhere_after
        ):
            return self.forward(*args, **kwargs) if kwargs else self.forward(*args)
        watcher = graph.watch
        if watcher is None:
            return self._call_with_hooks(args, kwargs)
        watcher.entered(self)
        try:
            return self._call_with_hooks(args, kwargs)
        finally:
            watcher.left(self)

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        done = False
        try:
            for hook, with_kwargs, _ in (*_plain(everywhere_before), *self._forward_pre_hooks.values()):
                replaced = hook(self, args, kwargs) if with_kwargs else hook(self, args)
                if replaced is None:
                    continue
                if with_kwargs:
                    args, kwargs = replaced
                else:
                    args = replaced if isinstance(replaced, tuple) else (replaced,)
            back = backward_hooks.begin(self, args)
            out = self.forward(*(args if back is None else back.args), **kwargs)
            done = True
            for hook, with_kwargs, _ in (*_plain(everywhere_after), *self._forward_hooks.values()):
                replaced = hook(self, args, kwargs, out) if with_kwargs else hook(self, args, out)
                out = out if replaced is None else replaced
            return out if back is None else back.end(out)
        finally:
            if not done:
                for hook, with_kwargs, always in self._forward_hooks.values():
                    if always:
                        hook(self, args, kwargs, None) if with_kwargs else hook(self, args, None)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before `forward`; what it returns replaces the arguments."""
        return _added(self._forward_pre_hooks, (hook, with_kwargs, False), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after `forward`; what it returns replaces the output."""
        return _added(self._forward_hooks, (hook, with_kwargs, always_call), prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` on the way back; what it returns replaces `grad_input`."""
        return _added(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` on the way back; what it returns replaces `grad_output`."""
        return _added(self._backward_pre_hooks, hook, prepend)

    register_backward_hook = register_full_backward_hook

    # ---- the whole tree

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """The module itself, after `fn` was called with every module below it and then with it."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        if recurse:
            for module in self.children():
                module._apply(fn)
        for parameter in self._parameters.values():
            if parameter is not None:
                gradient = parameter.grad
                parameter.data = fn(parameter.data)
                if gradient is not None:
                    parameter._grad = fn(gradient.data)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """The module itself, its parameters and buffers moved to a device, a floating-point type, or as a tensor is."""
        place, kind = _destination(args, kwargs)

        def moved(tensor: Tensor) -> Any:
            real = tensor.is_floating_point() or tensor.is_complex()
            return tensor.to(device=place, dtype=kind if real else None)

        return self._apply(moved)

    def _cast(self, method: str) -> Self:
        return self._apply(lambda t: getattr(t, method)() if t.is_floating_point() else t)

    def float(self) -> Self:
        """The module itself, its floating-point tensors made float32."""
        return self._cast("float")

    def double(self) -> Self:
        """The module itself, its floating-point tensors made float64."""
        return self._cast("double")

    def half(self) -> Self:
        """The module itself, its floating-point tensors made float16."""
        return self._cast("half")

    def type(self, dst_type: Any) -> Self:
        """The module itself, all its tensors made `dst_type`."""
        return self._apply(lambda t: t.type(dst_type))

    def cpu(self) -> Self:
        """The module itself, moved to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: Any = None) -> Self:
        """The module itself, moved to a GPU."""
        return self._apply(lambda t: t.cuda(device))

    def train(self, mode: bool = True) -> Self:
        """The module itself and all below it in training mode, in which dropout drops."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """The module itself and all below it out of training mode."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """The module itself, its parameters learning or frozen."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or make them zero."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                if set_to_none:
                    parameter.grad = None
                else:
                    parameter.grad = parameter.grad.detach().zero_()

    # ---- its text

    def extra_repr(self) -> str:
        """What stands in the brackets of the module's line; to be overridden."""
        return ""

    def _get_name(self) -> str:
        return self.__class__.__name__

    def __repr__(self) -> str:
        extra = self.extra_repr().split("\n") if self.extra_repr() else []
        below = [f"({name}): {indented(repr(module))}" for name, module in self._modules.items()]
        if len(extra) == 1 and not below:
            return f"{self._get_name()}({extra[0]})"
        return bracketed(self._get_name(), extra + below)


def bracketed(name: str, lines: list[str]) -> str:
    """`name(...)` with each line on its own, moved in by two."""
    inner = "\n  ".join(lines)
    return f"{name}(\n  {inner}\n)" if lines else f"{name}()"


def indented(text: str) -> str:
    """The text with all lines but the first moved in by two."""
    return text.replace("\n", "\n  ")


def _destination(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """The device and the dtype, or None for each, that the arguments of `Module.to` name."""
    place, kind = kwargs.get("device"), kwargs.get("dtype")
    for given in (*args, kwargs.get("tensor")):
        if isinstance(given, Tensor):
            place, kind = given.device, given.dtype
        elif isinstance(given, array.dtype):
            kind = given
        elif given is not None and not isinstance(given, bool):
            place = given
    if kind is not None and not (kind.is_floating_point or kind.is_complex):
        raise TypeError(f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={kind}")
    return place, kind


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, args)` before the `forward` of every module."""
    return _added(everywhere_before, hook, False)


def register_module_forward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, args, output)` after the `forward` of every module."""
    return _added(everywhere_after, hook, False)


def _plain(hooks: dict[int, Callable[..., Any]]) -> Iterator[tuple[Callable[..., Any], bool, bool]]:
    return ((hook, False, False) for hook in list(hooks.values()))


def _added(table: dict[int, Any], entry: Any, prepend: bool) -> RemovableHandle:
    handle = RemovableHandle(table)
    if prepend:
        later = OrderedDict(table)
        table.clear()
        table[handle.id] = entry
        table.update(later)
    else:
        table[handle.id] = entry
    return handle
