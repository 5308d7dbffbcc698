"""What `Module.to` takes and refuses, and which parameters and gradients a conversion leaves who they are."""


def run(torch, page):
    nn, said = torch.nn, page.said
    net = nn.Linear(2, 2)
    for args, kwargs in (
        (("cpu", True), {}), ((None, True), {}), (({},), {"non_blocking": True}), (("cpu", torch.tensor(3)), {}),
        ((3,), {"foo": 1, "bar": "x"}), ((), {"zz": 1, "aa": 2}), (("cpu",), {"dtype": 3}), (("cpu",), {"copy": True}),
        ((torch.float32, True, False), {}), ((torch.zeros(1), torch.float32), {}), ((), {"device": 3.5}),
        ((), {"device": "cpu", "tensor": torch.zeros(1)}), (("cpu", torch.float32, False, False, 1), {}),
        ((torch.float16,), {"device": "cpu"}), ((torch.float16,), {"dtype": torch.float32}), ((None, None, True), {}),
        (("cpu",), {"non_blocking": 1}), (("cpu",), {"memory_format": 1}), ((int,), {}), ((float,), {}),
        ((torch.complex64,), {}), (("cpu:0",), {}), ((), {"tensor": torch.zeros(1)}),
    ):  # fmt: skip
        try:
            page.show(nn.Linear(2, 2).to(*args, **kwargs).weight.dtype)
        except (TypeError, RuntimeError) as error:
            page.show(type(error).__name__, str(error).splitlines()[0])
    said(lambda: net.to(torch.complex64))
    for name in ("ipu", "xpu", "mtia"):
        said(getattr(net, name))
    said(lambda: [p.untyped_storage().is_shared() for p in nn.Linear(2, 2).share_memory().parameters()])

    def converted(change):
        layer = nn.Linear(2, 2)
        layer(torch.ones(1, 2)).sum().backward()
        weight, grad, version = layer.weight, layer.weight.grad, layer.weight._version
        change(layer)
        now = layer.weight
        return (
            now is weight,
            now.grad is grad,
            weight.dtype,
            now.grad.dtype,
            weight._version - version,
            type(now).__name__,
        )

    changes = (
        lambda m: m.double(), lambda m: m._apply(lambda t: t.add_(1.0)), 
        lambda m: m._apply(lambda t: torch.ones(t.shape)),
        lambda m: m.load_state_dict({name: each.double() for name, each in m.state_dict().items()}),
    )  # fmt: skip
    future = torch.__future__
    for overwrite, swap in ((False, False), (True, False), (False, True)):
        future.set_overwrite_module_params_on_conversion(overwrite)
        future.set_swap_module_params_on_conversion(swap)
        try:
            for change in changes[: 3 if swap else None]:
                said(lambda change=change: converted(change))
        finally:
            future.set_overwrite_module_params_on_conversion(False)
            future.set_swap_module_params_on_conversion(False)

    class Old(nn.Module):
        def register_buffer(self, name, tensor):
            page.show("registers", name)
            super().register_buffer(name, tensor)

    old = Old()
    old.kept = nn.Buffer(torch.ones(1))
    old.kept = torch.zeros(1)
    said(lambda: setattr(old, "lost", nn.Buffer(torch.ones(1), persistent=False)))
    old.plain = 5
    said(lambda: setattr(old, "plain", nn.Buffer(torch.ones(1))))
    said(lambda: nn.ParameterList().extend(nn.Parameter(torch.ones(2))))
