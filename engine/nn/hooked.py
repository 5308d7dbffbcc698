"""A module's hooks: on its call, on the way back, and on every module's; and the call that runs them."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from engine.hooks import RemovableHandle
from engine.nn.holder import Holder

# Hooks on the call of every module: id -> (kind, hook, with_kwargs, always_call), kinds as in `of_everywhere`.
everywhere: dict[int, tuple[str, Callable[..., Any], bool, bool]] = {}

_BOTH = (
    "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only one of them."
)
_SILENCED = (
    "module forward hook with ``always_call=True`` raised an exception that was silenced as another error was raised "
    "in forward: "
)


def of_everywhere(kind: str) -> Iterator[tuple[int, Callable[..., Any], bool, bool]]:
    """The hooks on every module of a kind: "before", "after", "back", "back_first" or "old_back"."""
    return ((key, *rest) for key, (what, *rest) in list(everywhere.items()) if what == kind)  # type: ignore[misc]


class Hooked(Holder):
    """Hooks are called in the order in which they were registered, those on every module first."""

    _forward_hooks: dict[int, Callable[..., Any]]
    _forward_hooks_with_kwargs: dict[int, bool]
    _forward_hooks_always_called: dict[int, bool]
    _forward_pre_hooks: dict[int, Callable[..., Any]]
    _forward_pre_hooks_with_kwargs: dict[int, bool]
    _backward_hooks: dict[int, Callable[..., Any]]
    _backward_pre_hooks: dict[int, Callable[..., Any]]
    _is_full_backward_hook: bool | None
    forward: Callable[..., Any]

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from engine.nn import backward_hooks

        ran: set[int] = set()
        out: Any = None
        try:
            args, kwargs = self._before(args, kwargs)
            back = backward_hooks.begin(self, args)
            out = self.forward(*(args if back is None else back.args), **kwargs)
            for key, hook, with_kwargs, _ in self._after():
                ran.add(key)
                replaced = hook(self, args, kwargs, out) if with_kwargs else hook(self, args, out)
                out = out if replaced is None else replaced
            if back is not None:
                out = back.end(out)
            backward_hooks.begin_old(self, args, out)
            return out
        except Exception:
            for key, hook, with_kwargs, always in self._after():
                if always and key not in ran:
                    try:
                        replaced = hook(self, args, kwargs, out) if with_kwargs else hook(self, args, out)
                        out = out if replaced is None else replaced
                    except Exception as error:
                        which = "global " if key in everywhere else ""
                        warnings.warn(f"{which}{_SILENCED}{error}", stacklevel=2)
            raise

    def _before(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments after the hooks before `forward`."""
        own = [(hook, key in self._forward_pre_hooks_with_kwargs) for key, hook in self._forward_pre_hooks.items()]
        for hook, with_kwargs in [*((hook, False) for _, hook, _, _ in of_everywhere("before")), *own]:
            replaced = hook(self, args, kwargs) if with_kwargs else hook(self, args)
            if replaced is None:
                continue
            if not with_kwargs:
                args = replaced if isinstance(replaced, tuple) else (replaced,)
            elif isinstance(replaced, tuple) and len(replaced) == 2:
                args, kwargs = replaced
            else:
                raise RuntimeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {replaced}."
                )
        return args, kwargs

    def _after(self) -> Iterator[tuple[int, Callable[..., Any], bool, bool]]:
        yield from of_everywhere("after")
        for key, hook in list(self._forward_hooks.items()):
            yield key, hook, key in self._forward_hooks_with_kwargs, key in self._forward_hooks_always_called

    # ---- registering

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before `forward`; what it returns replaces the arguments."""
        handle = added(self._forward_pre_hooks, hook, prepend, self._forward_pre_hooks_with_kwargs)
        if with_kwargs:
            self._forward_pre_hooks_with_kwargs[handle.id] = True
        return handle

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after `forward`; what it returns replaces the output."""
        more = self._forward_hooks_with_kwargs, self._forward_hooks_always_called
        handle = added(self._forward_hooks, hook, prepend, *more)
        if with_kwargs:
            self._forward_hooks_with_kwargs[handle.id] = True
        if always_call:
            self._forward_hooks_always_called[handle.id] = True
        return handle

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` on the way back; what it returns replaces `grad_input`."""
        if self._is_full_backward_hook is False:
            raise RuntimeError(_BOTH)
        self._is_full_backward_hook = True
        return added(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_output)` on the way back; what it returns replaces `grad_output`."""
        return added(self._backward_pre_hooks, hook, prepend)

    def register_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` of the module's last operation: the old kind of hook."""
        if self._is_full_backward_hook is True:
            raise RuntimeError(_BOTH)
        self._is_full_backward_hook = False
        return added(self._backward_hooks, hook, False)


def added(table: dict[int, Any], entry: Any, prepend: bool, *more: dict[int, Any]) -> RemovableHandle:
    """Put a hook into its table; the handle takes it out of that and of the tables of its settings."""
    handle = RemovableHandle(table, more)
    if prepend:
        later = OrderedDict(table)
        table.clear()
        table[handle.id] = entry
        table.update(later)
    else:
        table[handle.id] = entry
    return handle


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, args)` before the `forward` of every module."""
    return added(everywhere, ("before", hook, False, False), False)


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call `hook(module, args, output)` after the `forward` of every module."""
    return added(everywhere, ("after", hook, with_kwargs, always_call), False)


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_output)` on the way back through every module."""
    return added(everywhere, ("back_first", hook, False, False), False)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` on the way back through every module."""
    if any(of_everywhere("old_back")):
        raise RuntimeError(_BOTH.replace("on a single Module", "as a global Module hook"))
    return added(everywhere, ("back", hook, False, False), False)


def register_module_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, grad_input, grad_output)` of every module's last operation: the old kind of hook."""
    if any(of_everywhere("back")):
        raise RuntimeError(_BOTH.replace("on a single Module", "as a global Module hook"))
    return added(everywhere, ("old_back", hook, False, False), False)
