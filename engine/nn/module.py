"""The module: a function with parameters, and the root of a tree of such."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Self, TypeVar

from engine import graph
from engine.meta import NO_DATA
from engine.nn.hooked import (
    Hooked,
    everywhere,
    register_module_backward_hook,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from engine.nn.registered import (
    register_module_buffer_registration_hook,
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from engine.tensor import Tensor

__all__ = [
    "Module",
    "bracketed",
    "indented",
    "register_module_backward_hook",
    "register_module_buffer_registration_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
    "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]

T_destination = TypeVar("T_destination", bound=dict[str, Any])

_HOOKS = (
    "_backward_pre_hooks", "_backward_hooks", "_forward_hooks", "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called", "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs", "_state_dict_hooks",
    "_state_dict_pre_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
)  # fmt: skip


class Module(Hooked):
    """Base of all layers and models. A subclass makes its parts in `__init__` and says in `forward` what it computes.

    Parameters, buffers and modules that are assigned as attributes are registered under the attribute's name; calling
    the module calls `forward` between its hooks.
    """

    training: bool
    T_destination = T_destination
    dump_patches: bool = False
    call_super_init: bool = False  # whether `__init__` hands its arguments on to the next class

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init:
            if kwargs:
                name = next(iter(kwargs))
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument '{name}'")
            if args:
                count = len(args) + 1
                raise TypeError(f"{type(self).__name__}.__init__() takes 1 positional argument but {count} were given")
        # Past our own __setattr__, which looks into the tables that are made here.
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _non_persistent_buffers_set=set(),
            _modules={},
            _is_full_backward_hook=None,
            **{name: OrderedDict() for name in _HOOKS},
        )
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name in _HOOKS:
            self.__dict__.setdefault(name, OrderedDict())
        self.__dict__.setdefault("_non_persistent_buffers_set", set())
        self.__dict__.setdefault("_is_full_backward_hook", None)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; to be overridden."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    # ---- the call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if graph.watch is None and not (
            self._backward_hooks
            or self._backward_pre_hooks
            or self._forward_hooks
            or self._forward_pre_hooks
            or everywhere
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

    _call_impl = _wrapped_call_impl = __call__

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile the module's `forward`: accepted as `torch.compile` is, and done eagerly as ever."""
        import engine

        engine.compile(self, *args, **kwargs)

    # ---- the whole tree

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """The module itself, after `fn` was called with every module below it and then with it."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        from engine.nn.conversion import convert

        if recurse:
            for module in self.children():
                module._apply(fn)
        for name, parameter in self._parameters.items():
            if parameter is not None:
                convert(self, name, fn)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """The module itself, its parameters and buffers moved to a device, a floating-point type, or as a tensor is.

        With `memory_format` those of four and five axes are laid out so.
        """
        from engine.nn.conversion import destination

        place, kind, layout = destination(args, kwargs)

        def moved(tensor: Tensor) -> Any:
            real = tensor.is_floating_point() or tensor.is_complex()
            laid = layout if tensor.ndim in (4, 5) else None
            try:
                return tensor.to(device=place, dtype=kind if real else None, memory_format=laid)
            except NotImplementedError as error:
                if str(error) != NO_DATA:
                    raise
                raise NotImplementedError(
                    f"{NO_DATA} Please use torch.nn.Module.to_empty() instead of torch.nn.Module.to() when moving "
                    "module from meta to a different device."
                ) from None

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

    def bfloat16(self) -> Self:
        """The module itself, its floating-point tensors made bfloat16."""
        return self._cast("bfloat16")

    def type(self, dst_type: Any) -> Self:
        """The module itself, all its tensors made `dst_type`."""
        return self._apply(lambda t: t.type(dst_type))

    def to_empty(self, *, device: Any, recurse: bool = True) -> Self:
        """The module itself on a device, the values of its tensors not kept."""
        return self._apply(lambda t: t.new_empty(t.shape, device=device), recurse)

    def share_memory(self) -> Self:
        """The module itself; there is one process, to which all memory is."""
        for each in (*self.parameters(), *self.buffers()):
            if hasattr(each, "materialize"):
                each.share_memory_()  # which refuses
        return self._apply(lambda t: t.share_memory_())

    def cpu(self) -> Self:
        """The module itself, moved to the CPU."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: Any = None) -> Self:
        """The module itself, moved to a GPU."""
        return self._apply(lambda t: t.cuda(device))

    def xpu(self, device: Any = None) -> Self:
        """The module itself on an Intel GPU, of which there is none."""
        raise AssertionError("Torch not compiled with XPU enabled")

    def ipu(self, device: Any = None) -> Self:
        """The module itself on a Graphcore IPU, of which there is none."""
        raise RuntimeError("PyTorch is not linked with support for ipu devices")

    def mtia(self, device: Any = None) -> Self:
        """The module itself on a Meta accelerator, of which there is none."""
        raise AssertionError(
            "Torch not compiled with MTIA enabled. Ensure you have `import "
            "mtia.host_runtime.torch_mtia.dynamic_library` in your python src file and include "
            "`//mtia/host_runtime/torch_mtia:torch_mtia` as your target dependency!"
        )

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
