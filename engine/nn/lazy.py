"""Lazy modules: layers that learn the number of their input features at their first call."""

from __future__ import annotations

from typing import Any

from engine.modes import no_grad
from engine.nn.batch_norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from engine.nn.conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from engine.nn.instance_norm import InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from engine.nn.linear import Linear
from engine.nn.uninitialized import UninitializedBuffer, UninitializedParameter, is_lazy
from engine.places import placed


@placed
class LazyModuleMixin:
    """Mixed into a module class before it: the first call runs `initialize_parameters` with its arguments.

    Then the module's class becomes `cls_to_become`, where that is not None.
    """

    cls_to_become: type[Any] | None = None

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._load_hook = self.register_load_state_dict_pre_hook(_shaped_by_state)
        self._initialize_hook = self.register_forward_pre_hook(_shaped_by_input, with_kwargs=True)

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Give the parameters their shapes from the arguments of the first call; to be overridden."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self: Any) -> bool:
        """Whether a parameter or buffer has no shape yet."""
        return any(is_lazy(value) for value in (*self._parameters.values(), *self._buffers.values()))

    def _save_to_state_dict(self: Any, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        for name, value in (*self._parameters.items(), *self._buffers.items()):
            if value is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = value if keep_vars or is_lazy(value) else value.detach()

    def _infer_parameters(self: Any, module: Any, args: Any, kwargs: Any = None) -> None:
        _shaped_by_input(module, args, kwargs)


def _shaped_by_input(module: Any, args: Any, kwargs: Any = None) -> None:
    """The hook before the first `forward`."""
    module.initialize_parameters(*args, **(kwargs or {}))
    if module.has_uninitialized_params():
        raise RuntimeError(f"module {module._get_name()} has not been fully initialized")
    module._initialize_hook.remove()
    module._load_hook.remove()
    del module._initialize_hook, module._load_hook
    if module.cls_to_become is not None:
        module.__class__ = module.cls_to_become


def _shaped_by_state(module: Any, state: Any, prefix: str, *_: Any) -> None:
    """The hook before a state is loaded: its tensors have the shapes."""
    for name, value in (*module._parameters.items(), *module._buffers.items()):
        given = state.get(prefix + name)
        if is_lazy(value) and given is not None and not is_lazy(given):
            with no_grad():
                value.materialize(given.shape)


class LazyLinear(LazyModuleMixin, Linear):
    """`Linear` that takes `in_features` from its first input."""

    cls_to_become = Linear

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(0, 0, False)
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        self.out_features = out_features
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self) -> None:
        """Draw the parameters anew, if they have shapes."""
        if not self.has_uninitialized_params() and self.in_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:
        """Take the shapes from an input (..., in_features)."""
        if self.has_uninitialized_params():
            self.in_features = input.shape[-1]
            _materialized(self, (self.out_features, self.in_features), self.out_features)
        elif self.in_features == 0:
            self.in_features = input.shape[-1]


def _materialized(module: Any, shape: tuple[int, ...], out: int) -> None:
    """Give weight and bias their shapes, and draw them."""
    with no_grad():
        module.weight.materialize(shape)
        if module.bias is not None:
            module.bias.materialize((out,))
        module.reset_parameters()


class _LazyConv(LazyModuleMixin):
    """What lazy convolutions have: they take `in_channels` from their first input."""

    _options: tuple[str, ...] = ()
    weight: Any
    bias: Any

    def __init__(self: Any, out_channels: int, kernel_size: Any, *args: Any, **kwargs: Any) -> None:
        options = {**dict(zip(self._options, args, strict=False)), **kwargs}
        if unknown := [name for name in options if name not in self._options] or len(args) > len(self._options):
            raise TypeError(f"{type(self).__name__}.__init__() got unexpected arguments {unknown}")
        bias = options.pop("bias", True)
        place = {"device": options.pop("device", None), "dtype": options.pop("dtype", None)}
        super().__init__(0, 0, kernel_size, bias=False, **options)
        self.weight = UninitializedParameter(**place)
        self.out_channels = out_channels
        if bias:
            self.bias = UninitializedParameter(**place)

    def reset_parameters(self: Any) -> None:
        """Draw the parameters anew, if they have shapes."""
        if not self.has_uninitialized_params() and self.in_channels != 0:
            super().reset_parameters()  # type: ignore[misc]

    def initialize_parameters(self: Any, input: Any, *args: Any, **kwargs: Any) -> None:
        """Take the shapes from an input (N, in_channels, *space), or one without N."""
        if not self.has_uninitialized_params():
            return
        if input.ndim not in (self.axes + 1, self.axes + 2):
            raise RuntimeError(
                f"Expected {self.axes + 1}D (unbatched) or {self.axes + 2}D (batched) input to {type(self).__name__}, "
                f"but got input of size: {input.shape}"
            )
        self.in_channels = input.shape[-self.axes - 1]
        if self.in_channels % self.groups:
            raise ValueError("in_channels must be divisible by groups")
        pair = (self.in_channels, self.out_channels // self.groups)
        if not self.transposed:
            pair = (self.out_channels, self.in_channels // self.groups)
        _materialized(self, (*pair, *self.kernel_size), self.out_channels)


class _LazyConvolution(_LazyConv):
    _options = ("stride", "padding", "dilation", "groups", "bias", "padding_mode", "device", "dtype")


class _LazyTransposed(_LazyConv):
    _options = ("stride", "padding", "output_padding", "groups", "bias", "dilation", "padding_mode", "device", "dtype")


class LazyConv1d(_LazyConvolution, Conv1d):
    """`Conv1d` that takes `in_channels` from its first input."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyConvolution, Conv2d):
    """`Conv2d` that takes `in_channels` from its first input."""

    cls_to_become = Conv2d


class LazyConv3d(_LazyConvolution, Conv3d):
    """`Conv3d` that takes `in_channels` from its first input."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyTransposed, ConvTranspose1d):
    """`ConvTranspose1d` that takes `in_channels` from its first input."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyTransposed, ConvTranspose2d):
    """`ConvTranspose2d` that takes `in_channels` from its first input."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyTransposed, ConvTranspose3d):
    """`ConvTranspose3d` that takes `in_channels` from its first input."""

    cls_to_become = ConvTranspose3d


class _LazyNorm(LazyModuleMixin):
    """What lazy normalizations have: they take `num_features` from their first input."""

    def __init__(
        self: Any,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        place = {"device": device, "dtype": dtype}
        super().__init__(0, eps, momentum, False, False, **place)
        self.affine = affine
        self.track_running_stats = track_running_stats
        if affine:
            self.weight = UninitializedParameter(**place)
            if bias:
                self.bias = UninitializedParameter(**place)
        if track_running_stats:
            self.running_mean = UninitializedBuffer(**place)
            self.running_var = UninitializedBuffer(**place)
            self.num_batches_tracked = _counter(device)

    def reset_parameters(self: Any) -> None:
        """Ones and zeros, if the parameters have shapes."""
        if not self.has_uninitialized_params() and self.num_features != 0:
            super().reset_parameters()  # type: ignore[misc]

    def initialize_parameters(self: Any, input: Any) -> None:
        """Take the shapes from an input (N, num_features, ...)."""
        if not self.has_uninitialized_params():
            return
        self.num_features = input.shape[1]
        for held in (self.weight, self.bias, self.running_mean, self.running_var):
            if held is not None and is_lazy(held):
                held.materialize((self.num_features,))
        self.reset_parameters()


def _counter(device: Any) -> Any:
    import engine

    return engine.tensor(0, dtype=engine.int64, device=device)


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """`BatchNorm1d` that takes `num_features` from its first input."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """`BatchNorm2d` that takes `num_features` from its first input."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """`BatchNorm3d` that takes `num_features` from its first input."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """`InstanceNorm1d` that takes `num_features` from its first input."""

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """`InstanceNorm2d` that takes `num_features` from its first input."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """`InstanceNorm3d` that takes `num_features` from its first input."""

    cls_to_become = InstanceNorm3d
