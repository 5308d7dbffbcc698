"""Loading a state part by part, and by swapping the tensors of a module for those of a subclass."""

from __future__ import annotations

from typing import Any


def run(torch: Any, page: Any) -> None:
    """What each module sees of a state, and what it then holds."""
    nn = torch.nn
    seen: list[tuple[str, list[str]]] = []

    class Watched(nn.Linear):
        def _load_from_state_dict(self, state_dict: Any, prefix: str, *args: Any) -> None:
            seen.append((prefix, list(state_dict)))
            super()._load_from_state_dict(state_dict, prefix, *args)

    model = nn.Sequential(Watched(2, 2), nn.Sequential(Watched(2, 1, bias=False)))
    model.load_state_dict(model.state_dict())
    page.show(seen)

    x = torch.zeros(2)
    page.show(x.module_load(torch.ones(2)), x, x.module_load(torch.full((2,), 3.0), assign=True), x)

    future = page.part("__future__")
    future.set_swap_module_params_on_conversion(True)
    try:
        for assign in (False, True):
            layer = nn.Linear(2, 1)
            held, memory = layer.weight, layer.weight.data_ptr()
            layer.weight.requires_grad_(False)
            given = {"weight": torch.tensor([[5.0, 6.0]]), "bias": torch.tensor([7.0])}
            layer.load_state_dict(given, assign=assign)
            page.show(layer.weight is held, layer.weight.data_ptr() == memory, layer.weight, layer.bias)
        layer = nn.Linear(2, 1)
        page.said(lambda: layer.load_state_dict({"weight": torch.ones(1, 2), "bias": torch.ones(2)}))

        class Still(torch.Tensor):
            def module_load(self, other: Any, assign: bool = False) -> Any:
                return other

        layer.weight = nn.Parameter(torch.ones(1, 2).as_subclass(Still))
        page.said(lambda: layer.load_state_dict({"weight": torch.ones(1, 2), "bias": torch.ones(1)}))
    finally:
        future.set_swap_module_params_on_conversion(False)
