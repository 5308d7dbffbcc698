"""What modules take from states old and new, what their hooks keep alive, and how buffers are marked."""

import gc
import pickle
import weakref


def nothing(*args, **kwargs):
    """A hook that a pickle can name."""


def run(torch, page):
    show, said = page.show, page.said
    nn = torch.nn
    # states
    batch = nn.BatchNorm2d(3)
    state = batch.state_dict()
    del state["num_batches_tracked"]
    said(lambda: batch.load_state_dict(state))
    state._metadata[""]["version"] = 1
    said(lambda: type(batch.load_state_dict(state)).__name__)
    said(lambda: nn.Sequential(batch).load_state_dict({"0.weight": torch.ones(2), "x": 1}))
    frozen = nn.Linear(2, 2)
    taken = {name: nn.Parameter(torch.ones(value.shape), False) for name, value in frozen.state_dict().items()}
    frozen.load_state_dict(taken, assign=True)
    show([p.requires_grad for p in frozen.parameters()], frozen.weight is taken["weight"])
    # hooks
    module = nn.Linear(2, 2)
    module._register_load_state_dict_pre_hook(nothing, True)
    show(type(pickle.loads(pickle.dumps(module))).__name__)
    gc.disable()
    there = weakref.ref(module)
    del module
    show(there() is None)
    gc.enable()
    module = nn.Identity()
    handle = module.register_forward_hook(nothing)
    show(handle.id in handle.hooks_dict_ref())
    handle.remove()
    show(len(handle.hooks_dict_ref()))
    x = torch.ones(2, 2, requires_grad=True)

    def short(module, given, taken):
        return given[:-1]

    module = nn.Sigmoid()
    with module.register_backward_hook(short):
        said(lambda: module(x).sum().backward())
    module = nn.Linear(2, 2)
    module.register_full_backward_pre_hook(lambda module, taken: taken[0] * 0)
    said(lambda: module(x).sum().backward())

    class Three(nn.Module):
        def forward(self, a, b, c):
            show(a.requires_grad, b.requires_grad, c.requires_grad)
            return a.sum() + b.sum() + c.sum()

    module = Three()
    module.register_full_backward_hook(lambda module, given, taken: show(given))
    module(x, x.detach(), x).backward()
    names = []
    with nn.modules.module.register_module_parameter_registration_hook(lambda m, name, p: names.append(name)):
        nn.Linear(2, 2, bias=False)
    show(names)
    # buffers
    module = nn.Module()
    module.kept, module.lost = nn.Buffer(torch.ones(2)), nn.Buffer(torch.zeros(2), persistent=False)
    show(module.kept, type(module.kept), isinstance(module.kept, nn.Buffer), isinstance(torch.ones(1), nn.Buffer))
    show(list(module.state_dict()), list(dict(module.named_buffers())))
    module.kept = nn.parameter.UninitializedBuffer()
    show(list(module._buffers), isinstance(module.kept, nn.Buffer))
    # what is made of a system of equations and of a distribution can be pickled
    lower = torch.tensor([[2.0, 0.0], [0.5, 1.0]])
    show(pickle.loads(pickle.dumps(torch.linalg.solve_triangular(lower, torch.eye(2), upper=False))))
