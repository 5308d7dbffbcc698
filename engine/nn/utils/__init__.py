"""What is done to the parameters of a whole model at once, to those of a module, and batches of sequences (`rnn`)."""

from __future__ import annotations

import importlib
from typing import Any

# Imported when first asked for: functions by the file that they stand in.
_LATER = {
    name: home
    for home, names in {
        "clipping": "clip_grad_norm clip_grad_norm_ clip_grad_value_ clip_grads_with_norm_ get_total_norm",
        "fusion": "fuse_conv_bn_eval fuse_conv_bn_weights fuse_linear_bn_eval fuse_linear_bn_weights",
        "init": "skip_init",
        "memory_format": "convert_conv2d_weight_memory_format convert_conv3d_weight_memory_format",
        "spectral_norm_hook": "remove_spectral_norm spectral_norm",
        "vectors": "parameters_to_vector vector_to_parameters",
        "weight_norm_hook": "remove_weight_norm weight_norm",
    }.items()
    for name in names.split()
}
_PARTS = ("clip_grad", "convert_parameters", "parametrizations", "parametrize", "prune", "rnn", "stateless")
__all__ = [*_LATER, *_PARTS]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = globals()[name] = getattr(importlib.import_module(f"engine.nn.utils.{_LATER[name]}"), name)
        return value
    if name in (*_PARTS, "fusion", "init", "memory_format"):
        return importlib.import_module(f"engine.nn.utils.{name}")
    raise AttributeError(f"module 'torch.nn.utils' has no attribute '{name}'", name=name)
