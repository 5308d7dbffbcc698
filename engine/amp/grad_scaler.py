"""The scaler of losses, which keeps gradients of a short dtype from vanishing."""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from typing import Any

import engine
from engine import array
from engine.modes import no_grad
from engine.places import Placed
from engine.tensor import Tensor

_READY, _UNSCALED, _STEPPED = "ready", "unscaled", "stepped"


def _fresh() -> dict[str, Any]:
    """What is known of an optimizer since the last update."""
    return {"stage": _READY, "found_inf_per_device": {}}


class GradScaler(Placed):
    """Multiplies the loss by a scale, divides the gradients by it before the step, and skips a step of infinities.

    After a step that was skipped the scale is multiplied by `backoff_factor`; after `growth_interval` steps without
    one by `growth_factor`. Micikevicius and others, 2018.
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._device = device
        self._enabled = enabled
        if enabled and device == "cuda" and not array.gpus():
            warnings.warn("torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.", stacklevel=2)
            self._enabled = False
        if not self._enabled:
            return
        if not growth_factor > 1.0:
            raise AssertionError("The growth factor must be > 1.0.")
        if not backoff_factor < 1.0:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._init_scale = init_scale
        self._scale: Any = None
        self._growth_factor = growth_factor
        self._backoff_factor = backoff_factor
        self._growth_interval = growth_interval
        self._init_growth_tracker = 0
        self._growth_tracker: Any = None
        self._per_optimizer_states: dict[int, dict[str, Any]] = defaultdict(_fresh)

    def _begin(self) -> None:
        self._scale = engine.full((), self._init_scale, dtype=engine.float32, device=self._device)
        self._growth_tracker = engine.full((), self._init_growth_tracker, dtype=engine.int32, device=self._device)

    def _check(self, name: str) -> Any:
        if self._scale is None:
            raise AssertionError(
                f"Attempted {name} but _scale is None.  This may indicate your script did not use "
                "scaler.scale(loss or outputs) earlier in the iteration."
            )
        return self._scale

    def scale(self, outputs: Any) -> Any:
        """The tensor, or the tensors of an iterable, multiplied by the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            if self._scale is None:
                self._begin()
            return outputs * self._scale.to(device=outputs.device)
        if isinstance(outputs, (list, tuple)):
            return type(outputs)([self.scale(each) for each in outputs])
        if hasattr(outputs, "__iter__"):
            return map(self.scale, outputs)
        raise ValueError("outputs must be a Tensor or an iterable of Tensors")

    @no_grad()
    def _unscale_grads_(self, optimizer: Any, inv_scale: Any, allow_fp16: bool) -> dict[Any, Any]:
        """Divide the gradients by the scale: for each device, 1 if one was not finite, else 0."""
        found: dict[Any, Any] = {}
        for group in optimizer.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                if not allow_fp16 and p.grad.dtype is engine.float16:
                    raise ValueError("Attempting to unscale FP16 gradients.")
                bad = found.setdefault(p.device, engine.zeros((), dtype=engine.float32, device=p.device))
                if not bool(p.grad.isfinite().all()):
                    bad.fill_(1.0)
                p.grad.detach().mul_(inv_scale.to(p.device))
        return found

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients by the scale now, so that they can be clipped before the step."""
        if not self._enabled:
            return
        scale = self._check("unscale_")
        known = self._per_optimizer_states[id(optimizer)]
        if known["stage"] is _UNSCALED:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        if known["stage"] is _STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        inverse = scale.double().reciprocal().float()
        known["found_inf_per_device"] = self._unscale_grads_(optimizer, inverse, False)
        known["stage"] = _UNSCALED

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """A step of the optimizer with the gradients as they are without the scale, unless one is not finite."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        self._check("step")
        known = self._per_optimizer_states[id(optimizer)]
        if known["stage"] is _STEPPED:
            raise RuntimeError("step() has already been called since the last update().")
        if known["stage"] is _READY:
            self.unscale_(optimizer)
        found = known["found_inf_per_device"]
        if not found:
            raise AssertionError("No inf checks were recorded for this optimizer.")
        result = None
        if not any(bool(each) for each in found.values()):
            result = optimizer.step(*args, **kwargs)
        known["stage"] = _STEPPED
        return result

    def update(self, new_scale: Any = None) -> None:
        """Set the scale for the next steps by what the last ones found, or as told."""
        if not self._enabled:
            return
        scale = self._check("update")
        if new_scale is not None:
            scale.fill_(new_scale.item() if isinstance(new_scale, Tensor) else new_scale)
        else:
            found = [
                each for known in self._per_optimizer_states.values() for each in known["found_inf_per_device"].values()
            ]
            if not found:
                raise AssertionError("No inf checks were recorded prior to update.")
            self._adapt(any(bool(each) for each in found))
        self._per_optimizer_states = defaultdict(_fresh)

    def _adapt(self, found_inf: bool) -> None:
        if found_inf:
            self._scale.fill_(self._scale.item() * self._backoff_factor)
            self._growth_tracker.fill_(0)
            return
        well = self._growth_tracker.item() + 1
        if well == self._growth_interval:
            larger = self._scale * self._growth_factor
            if math.isfinite(larger.item()):
                self._scale.copy_(larger)
            well = 0
        self._growth_tracker.fill_(well)

    # ---- what it is set to

    def get_scale(self) -> float:
        """The scale; 1.0 where it is disabled."""
        if not self._enabled:
            return 1.0
        return self._init_scale if self._scale is None else self._scale.item()

    def get_growth_factor(self) -> float:
        """What the scale is multiplied by after enough good steps."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Set it."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """What the scale is multiplied by after a step that was skipped."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Set it."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """How many good steps are enough."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Set it."""
        self._growth_interval = new_interval

    def _get_growth_tracker(self) -> int:
        if not self._enabled:
            return 0
        return self._init_growth_tracker if self._growth_tracker is None else self._growth_tracker.item()

    def is_enabled(self) -> bool:
        """Whether it does anything."""
        return self._enabled

    # ---- saving

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on later; {} where it is disabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._get_growth_tracker(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take on a saved state; RuntimeError for that of a disabled one."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler."
            )
        self._init_scale = state_dict["scale"]
        self._growth_factor = state_dict["growth_factor"]
        self._backoff_factor = state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        self._init_growth_tracker = state_dict["_growth_tracker"]
        if self._scale is not None:
            self._scale.fill_(state_dict["scale"])
            self._growth_tracker.fill_(state_dict["_growth_tracker"])

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        if self._enabled:
            if self._per_optimizer_states:
                raise AssertionError(
                    "A GradScaler instance may only be pickled at the beginning of an iteration, or at the end after "
                    "scaler.update()."
                )
            state.update(
                _init_scale=self.get_scale(),
                _init_growth_tracker=self._get_growth_tracker(),
                _scale=None,
                _growth_tracker=None,
            )
        return state
