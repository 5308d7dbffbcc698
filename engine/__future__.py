"""Switches for how modules take on other tensors: `torch.__future__`."""

from __future__ import annotations

_switches = {"overwrite": False, "swap": False}


def set_overwrite_module_params_on_conversion(value: bool) -> None:
    """Say whether `Module.to` and the like put new parameters in the place of the old."""
    _switches["overwrite"] = value


def get_overwrite_module_params_on_conversion() -> bool:
    """What `set_overwrite_module_params_on_conversion` set."""
    return _switches["overwrite"]


def set_swap_module_params_on_conversion(value: bool) -> None:
    """Say whether `Module.to` and `load_state_dict` leave parameters who they are, and give them other contents."""
    _switches["swap"] = value


def get_swap_module_params_on_conversion() -> bool:
    """What `set_swap_module_params_on_conversion` set."""
    return _switches["swap"]
