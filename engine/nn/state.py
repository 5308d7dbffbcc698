"""A module's state: its parameters and buffers as a flat dictionary, out and back in."""

from __future__ import annotations

import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.hooks import RemovableHandle
from engine.modes import no_grad
from engine.nn.tree import Tree

if TYPE_CHECKING:
    from engine.nn.module import Module

_EXTRA_STATE_KEY_SUFFIX = "_extra_state"
_NOTHING = (
    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new values, if "
    "incompatible_keys need to be modified, it should be done inplace."
)
_BY_PLACE = (
    "Positional args are being deprecated, use kwargs instead. Refer to "
    "https://pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.state_dict for details."
)
_TO_META = (
    "for {}: copying from a non-meta parameter in the checkpoint to a meta parameter in the current model, which is a "
    "no-op. (Did you mean to pass `assign=True` to assign items in the state dictionary to their corresponding key in "
    "the module instead of copying them in place?)"
)


class _IncompatibleKeys(NamedTuple):
    """The names that the module lacks in a state, and those that the state has and the module does not."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not (self.missing_keys or self.unexpected_keys):
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class State(Tree):
    """`state_dict` and `load_state_dict`, with the hooks and overrides that PyTorch gives them."""

    _version: int = 1
    _state_dict_hooks: dict[int, Callable[..., Any]]
    _state_dict_pre_hooks: dict[int, Callable[..., Any]]
    _load_state_dict_pre_hooks: dict[int, Callable[..., Any]]
    _load_state_dict_post_hooks: dict[int, Callable[..., Any]]

    def get_extra_state(self) -> Any:
        """What a subclass wants saved beside its tensors; to be overridden together with `set_extra_state`."""
        raise RuntimeError("Reached a code path in Module.get_extra_state() that should never be called.")

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` returned."""
        raise RuntimeError("Reached a code path in Module.set_extra_state() that should never be called.")

    def state_dict(self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Dotted names and tensors of all parameters and saved buffers, sharing memory with the module.

        They are detached unless `keep_vars`. `_metadata` of the result names each module's version.
        """
        if args:
            warnings.warn(_BY_PLACE, FutureWarning, stacklevel=2)
            given = dict(zip(("destination", "prefix", "keep_vars"), args, strict=False))
            return self.state_dict(**{"destination": destination, "prefix": prefix, "keep_vars": keep_vars, **given})
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in list(self._state_dict_pre_hooks.values()):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in list(self._state_dict_hooks.values()):
            replaced = hook(self, destination, prefix, metadata)
            if replaced is not None and getattr(hook, "_from_public_api", False):
                raise RuntimeError("state_dict post-hook must return None")
            destination = destination if replaced is None else replaced
        return destination

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        for held in (self._parameters, self._buffers):
            for name, value in held.items():
                if value is not None and name not in self._non_persistent_buffers_set:
                    destination[prefix + name] = value if keep_vars else value.detach()
        if type(self).get_extra_state is not State.get_extra_state:
            destination[prefix + _EXTRA_STATE_KEY_SUFFIX] = self.get_extra_state()

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Copy a state into the module (with `assign`, put its tensors in the place of the module's).

        Returns the missing and unexpected names; with `strict` there may be none. RuntimeError that lists all faults.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        metadata = getattr(state_dict, "_metadata", {})
        state = OrderedDict(state_dict)
        keys = _IncompatibleKeys([], [])
        faults: list[str] = []

        _load(self, state, "", metadata, assign, keys, faults)  # type: ignore[arg-type]
        if strict:
            if keys.unexpected_keys:
                faults.insert(0, f"Unexpected key(s) in state_dict: {_quoted(keys.unexpected_keys)}. ")
            if keys.missing_keys:
                faults.insert(0, f"Missing key(s) in state_dict: {_quoted(keys.missing_keys)}. ")
        if faults:
            listed = "\n\t".join(faults)
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{listed}")
        return keys

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load what this one module holds; a subclass that changed its names overrides it."""
        for hook in list(self._load_state_dict_pre_hooks.values()):
            hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        saved = {n: b for n, b in self._buffers.items() if n not in self._non_persistent_buffers_set}
        for name, value in (*self._parameters.items(), *saved.items()):
            if value is None:
                continue
            key = prefix + name
            if key not in state_dict:
                missing_keys.append(key)
            else:
                assign = local_metadata.get("assign_to_params_buffers", False)
                fault = self._load_one(name, key, state_dict[key], assign)
                if fault is not None:
                    error_msgs.append(fault)
        takes_extra = type(self).set_extra_state is not State.set_extra_state
        if takes_extra:
            if prefix + _EXTRA_STATE_KEY_SUFFIX in state_dict:
                self.set_extra_state(state_dict[prefix + _EXTRA_STATE_KEY_SUFFIX])
            else:
                missing_keys.append(prefix + _EXTRA_STATE_KEY_SUFFIX)
        for key in state_dict:
            if key.startswith(prefix) and key != prefix + _EXTRA_STATE_KEY_SUFFIX:
                first, *rest = key[len(prefix) :].split(".", 1)
                known = first in self._modules if rest else first in self._parameters or first in saved
                if not known:
                    unexpected_keys.append(key)
            elif key == prefix + _EXTRA_STATE_KEY_SUFFIX and not takes_extra:
                unexpected_keys.append(key)

    def _load_one(self, name: str, key: str, given: Any, assign: bool) -> str | None:
        """Load one tensor; the sentence of the fault if it does not fit."""
        from engine.__future__ import get_swap_module_params_on_conversion
        from engine.tensor import Tensor
        from engine.utils import swap_tensors

        mine: Any = self._parameters[name] if name in self._parameters else self._buffers[name]
        if not isinstance(given, Tensor):
            return (
                f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from '
                f"checkpoint but received {type(given)}"
            )
        if hasattr(mine, "materialize"):  # it has no shape yet
            if hasattr(given, "materialize"):
                return None
            return (
                f'While copying the parameter named "{key}", whose dimensions in the model are {mine.data.shape} and '
                f"whose dimensions in the checkpoint are {given.shape}, an exception occurred : ('an uninitialized "
                "parameter takes no values',)."
            )
        if hasattr(given, "materialize"):
            return str(given.shape)  # raises
        if mine.ndim == 0 and tuple(given.shape) == (1,):
            given = given.reshape(())  # what PyTorch before 0.4 saved for a number
        if tuple(given.shape) != tuple(mine.shape):
            return (
                f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, the shape in "
                f"current model is {mine.shape}."
            )
        swaps = get_swap_module_params_on_conversion()
        if not assign and mine.is_meta and not given.is_meta:
            warnings.warn(_TO_META.format(key), UserWarning, stacklevel=2)
        try:
            with no_grad():
                if swaps:
                    swap_tensors(mine, _as_held(mine, _remapped(mine, given, assign)))
                elif assign:
                    setattr(self, name, _as_held(mine, given))
                else:
                    mine.copy_(given)
        except Exception as error:
            action = "swapping" if swaps else "copying"
            return (
                f'While {action} the parameter named "{key}", whose dimensions in the model are {mine.shape} and whose '
                f"dimensions in the checkpoint are {given.shape}, an exception occurred : {error.args}."
            )
        return None

    # ---- hooks

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before the state is taken."""
        return _added(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Any) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` with the state, to change it in place."""
        hook._from_public_api = True
        return _added(self._state_dict_hooks, hook)

    def _register_state_dict_hook(self, hook: Any) -> RemovableHandle:
        if getattr(hook, "_from_public_api", False):
            raise RuntimeError(
                "Cannot register the same function as the state dict post hook that was previously registered via "
                "register_state_dict_post_hook"
            )
        return _added(self._state_dict_hooks, hook)

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> RemovableHandle:
        return _added(self._load_state_dict_pre_hooks, WithModule(hook, self) if with_module else hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, metadata, strict, missing, unexpected, faults)` before loading."""
        return self._register_load_state_dict_pre_hook(hook, with_module=True)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` after loading, to change the keys in place."""
        return _added(self._load_state_dict_post_hooks, hook)


class WithModule:
    """A hook that is handed its module first. It does not keep the module, which holds the hook, alive."""

    def __init__(self, hook: Callable[..., Any], module: Any) -> None:
        self.hook = hook
        self.module = weakref.ref(module)

    def __call__(self, *args: Any) -> Any:
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args)

    def __getstate__(self) -> dict[str, Any]:
        return {"hook": self.hook, "module": self.module()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]


def _load(
    module: Module, state: dict[str, Any], prefix: str, metadata: Any, assign: bool, keys: Any, faults: list[str]
) -> None:
    """Load a module and those below it, each of which sees its own part of the state only."""
    local = dict(metadata.get(prefix[:-1], {}))
    if assign:
        local["assign_to_params_buffers"] = True
    module._load_from_state_dict(state, prefix, local, True, keys.missing_keys, keys.unexpected_keys, faults)
    for name, child in module._modules.items():
        if child is not None:
            below = f"{prefix}{name}."
            part = {key: value for key, value in state.items() if key.startswith(below)}
            _load(child, part, below, metadata, assign, keys, faults)
    for hook in list(module._load_state_dict_post_hooks.values()):
        if hook(module, keys) is not None:
            raise AssertionError(_NOTHING)


def _remapped(mine: Any, given: Any, assign: bool) -> Any:
    """What a tensor of a state becomes where the module's is to be swapped for it."""
    new = mine.module_load(given, assign=assign)
    if new is mine or new is given:
        raise RuntimeError(
            "module_load returned one of self or other, please .detach() the result if returning one of the inputs in "
            "module_load"
        )
    return new


def _as_held(mine: Any, given: Any) -> Any:
    """A tensor that is to stand in the place of another: a parameter if that is one."""
    from engine.nn.parameter import Parameter

    if not isinstance(mine, Parameter):
        return given
    if isinstance(given, Parameter):
        return given.requires_grad_(mine.requires_grad)
    return Parameter(given, requires_grad=mine.requires_grad)


def _added(table: dict[int, Callable[..., Any]], hook: Callable[..., Any]) -> RemovableHandle:
    handle = RemovableHandle(table)
    table[handle.id] = hook
    return handle


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)
