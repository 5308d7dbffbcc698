"""Programs about modules, run with PyTorch to record their answers and with the engine to compare.

Each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from tests.engine.programs import Programs, said
from tests.engine.programs_images import on_images

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


def layers(torch) -> dict[str, Any]:
    """Modules by a name, made after one seed."""
    nn = torch.nn
    torch.manual_seed(3)
    return {
        "Linear": nn.Linear(3, 4),
        "Linear without bias": nn.Linear(20, 30, bias=False),
        "Linear float64": nn.Linear(7, 5, dtype=torch.float64),
        "Bilinear": nn.Bilinear(2, 3, 4),
        "Embedding": nn.Embedding(6, 4),
        "Embedding with padding": nn.Embedding(6, 4, padding_idx=-2),
        "LayerNorm": nn.LayerNorm(4),
        "LayerNorm of two axes": nn.LayerNorm((2, 4), eps=1e-3, bias=False),
        "LayerNorm plain": nn.LayerNorm(4, elementwise_affine=False),
        "PReLU": nn.PReLU(3),
        "Sequential": nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 4), nn.Tanh())),
        "Sequential by name": nn.Sequential(OrderedDict(first=nn.Linear(3, 4), act=nn.GELU())),
        "ModuleList": nn.ModuleList([nn.Linear(2, 2) for _ in range(3)] + [nn.Linear(2, 3)]),
        "ModuleDict": nn.ModuleDict({"a": nn.Linear(2, 2), "b": nn.Dropout(0.1)}),
        "ParameterList": nn.ParameterList([torch.ones(2, 3), torch.zeros(4)]),
        "ParameterDict": nn.ParameterDict({"w": torch.ones(2, 3)}),
        "empty": nn.Sequential(),
        "Conv1d": nn.Conv1d(2, 3, 2, stride=2),
        "Conv2d": nn.Conv2d(2, 4, (3, 2), padding=(1, 0)),
        "Conv2d in groups": nn.Conv2d(2, 4, 3, stride=(2, 1), padding=1, dilation=2, groups=2, bias=False),
        "Conv2d same": nn.Conv2d(2, 3, (2, 3), padding="same"),
        "Conv2d circular": nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"),
        "Conv2d reflect": nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="reflect"),
        "Conv3d": nn.Conv3d(2, 2, 2),
        "ConvTranspose1d": nn.ConvTranspose1d(2, 3, 3, stride=2, padding=1, output_padding=1),
        "ConvTranspose2d": nn.ConvTranspose2d(2, 4, (3, 2), stride=(2, 1), groups=2, dilation=(1, 2)),
        "BatchNorm1d": nn.BatchNorm1d(2),
        "BatchNorm2d": nn.BatchNorm2d(2, momentum=None),
        "BatchNorm2d plain": nn.BatchNorm2d(2, affine=False, track_running_stats=False),
    }


@program
def first_weights(torch):
    return {
        name: {key: value.detach().double().reshape(-1).tolist() for key, value in module.state_dict().items()}
        for name, module in layers(torch).items()
    }


@program
def texts(torch):
    nn = torch.nn
    more = [
        nn.Identity(), nn.Flatten(), nn.Unflatten(1, (2, 3)), nn.Dropout(0.2), nn.Dropout(inplace=True), nn.ReLU(),
        nn.ReLU(inplace=True), nn.ReLU6(), nn.LeakyReLU(0.2), nn.LeakyReLU(0.1, inplace=True), nn.ELU(), nn.CELU(),
        nn.SELU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Mish(), nn.Softplus(), nn.Softsign(), nn.Hardtanh(),
        nn.Hardsigmoid(), nn.Hardswish(), nn.Tanh(), nn.Tanhshrink(), nn.Sigmoid(), nn.LogSigmoid(), nn.Softmax(1),
        nn.Softmin(0), nn.LogSoftmax(dim=-1), nn.GLU(), nn.Hardshrink(), nn.Softshrink(0.3), nn.Threshold(0.1, 20),
        nn.RReLU(), nn.MSELoss(), nn.CrossEntropyLoss(), nn.SmoothL1Loss(), nn.BCEWithLogitsLoss(), nn.KLDivLoss(),
    ]  # fmt: skip
    return [repr(module) for module in [*layers(torch).values(), *more]]


@program
def names(torch):
    made = layers(torch)
    return {
        name: {
            "state": list(module.state_dict()),
            "parameters": [n for n, _ in module.named_parameters()],
            "modules": [n for n, _ in module.named_modules()],
            "children": [n for n, _ in module.named_children()],
            "shapes": [list(p.shape) for p in module.parameters()],
        }
        for name, module in made.items()
    }


@program
def shared_and_buffers(torch):
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(2, 2)
            self.b = self.a
            self.register_buffer("mean", torch.zeros(2))
            self.register_buffer("scratch", torch.ones(1), persistent=False)
            self.w = nn.Parameter(torch.ones(2))
            self.register_parameter("none", None)
            self.plain = 3

        def forward(self, x):
            return self.b(self.a(x)) * self.w

    net = Net()
    return {
        "text": repr(net),
        "state": list(net.state_dict()),
        "parameters": [n for n, _ in net.named_parameters()],
        "all": [n for n, _ in net.named_parameters(remove_duplicate=False)],
        "buffers": [n for n, _ in net.named_buffers()],
        "modules": [n for n, _ in net.named_modules()],
        "training": [m.training for m in net.eval().modules()],
        "submodule": repr(net.get_submodule("a")),
        "kinds": [type(net.get_parameter("a.weight")).__name__, type(net.mean).__name__],
        "frozen": [p.requires_grad for p in net.requires_grad_(False).parameters()],
        "double": [str(t.dtype) for t in net.double().state_dict().values()],
    }


@program
def initializers(torch):
    init = torch.nn.init
    torch.manual_seed(5)
    fills = {
        "uniform": lambda t: init.uniform_(t, -1, 2),
        "normal": lambda t: init.normal_(t, 1, 3),
        "trunc_normal": lambda t: init.trunc_normal_(t, std=0.5),
        "trunc_normal of a tail": lambda t: init.trunc_normal_(t, std=0.5, a=0.6, b=2),
        "constant": lambda t: init.constant_(t, 0.25),
        "eye": lambda t: init.eye_(t),
        "xavier_uniform": lambda t: init.xavier_uniform_(t, gain=2),
        "xavier_normal": lambda t: init.xavier_normal_(t),
        "kaiming_uniform": lambda t: init.kaiming_uniform_(t, nonlinearity="relu"),
        "kaiming_normal": lambda t: init.kaiming_normal_(t, a=0.1, mode="fan_out"),
        "orthogonal": lambda t: init.orthogonal_(t, gain=0.5),
        "sparse": lambda t: init.sparse_(t, 0.4),
    }
    answers = {}
    for shape in ((5, 7), (7, 5), (3, 3)):
        for name, fill in fills.items():
            answers[f"{name} {shape}"] = fill(torch.empty(shape)).tolist()
    answers["dirac"] = init.dirac_(torch.empty(4, 2, 3), 2).tolist()
    answers["xavier of four axes"] = init.xavier_uniform_(torch.empty(2, 3, 2, 2)).tolist()
    answers["gains"] = [init.calculate_gain(n) for n in ("linear", "tanh", "relu", "leaky_relu", "selu", "sigmoid")]
    return answers


@program
def forward_and_back(torch):
    """Values and gradients of layers without weights, of the layers above, and of losses."""
    nn = torch.nn
    plain = [
        nn.Identity(), nn.Flatten(), nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(0.7), nn.CELU(0.7), nn.SELU(),
        nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Mish(), nn.Softplus(2, 3), nn.Softsign(), nn.Hardtanh(-0.5, 0.3),
        nn.Hardsigmoid(), nn.Hardswish(), nn.Tanh(), nn.Tanhshrink(), nn.Sigmoid(), nn.LogSigmoid(), nn.Softmax(1),
        nn.Softmin(0), nn.LogSoftmax(dim=-1), nn.GLU(), nn.Hardshrink(), nn.Softshrink(0.3), nn.Threshold(0.1, 20),
        nn.PReLU(), nn.Dropout(0.4), nn.Dropout(0.4).eval(), nn.RReLU(), nn.RReLU().eval(),
    ]  # fmt: skip
    answers = {}
    made = layers(torch)
    torch.manual_seed(11)
    data = torch.randn(3, 4)
    cases = [(f"{module!r} {module.training}", module, data * 2) for module in plain]
    cases += [
        ("Linear", made["Linear"], torch.randn(5, 3)),
        ("Linear of three axes", made["Linear"], torch.randn(2, 5, 3)),
        ("Linear of a vector", made["Linear"], torch.randn(3)),
        ("LayerNorm", made["LayerNorm"], torch.randn(5, 4)),
        ("LayerNorm of two axes", made["LayerNorm of two axes"], torch.randn(3, 2, 4)),
        ("LayerNorm plain", made["LayerNorm plain"], torch.randn(5, 4)),
        ("Sequential", made["Sequential"], torch.randn(5, 3)),
    ]
    for name, module, values in cases:
        x = values.clone().requires_grad_()
        torch.manual_seed(2)
        y = module(x)
        weights = torch.linspace(-1, 1, y.numel()).reshape(y.shape)
        (y * weights).sum().backward()
        grads = [p.grad.tolist() for p in module.parameters()]
        answers[name] = {"y": y.tolist(), "x": x.grad.tolist(), "parameters": grads}
        module.zero_grad()
    answers |= on_images(torch, made)
    for name in ("Embedding", "Embedding with padding"):
        module = made[name]
        (module(torch.tensor([[0, 4, 4], [1, 2, 4]])) ** 2).sum().backward()
        answers[name] = {"parameters": [module.weight.grad.tolist()]}
    scores, goal = torch.randn(6, 3), torch.tensor([0, 2, 1, 1, -100, 2])
    weight = torch.tensor([0.2, 1.0, 3.0])
    other = torch.rand(6, 3)
    losses = {
        "MSELoss": lambda s: nn.MSELoss()(s, other),
        "MSELoss sum": lambda s: nn.MSELoss(reduction="sum")(s, other),
        "MSELoss none": lambda s: nn.MSELoss(reduction="none")(s, other).sum(),
        "L1Loss": lambda s: nn.L1Loss()(s, other),
        "SmoothL1Loss": lambda s: nn.SmoothL1Loss(beta=0.5)(s, other),
        "HuberLoss": lambda s: nn.HuberLoss(delta=0.5)(s, other),
        "CrossEntropyLoss": lambda s: nn.CrossEntropyLoss()(s, goal),
        "CrossEntropyLoss weighted": lambda s: nn.CrossEntropyLoss(weight)(s, goal),
        "CrossEntropyLoss smoothed": lambda s: nn.CrossEntropyLoss(weight, label_smoothing=0.1)(s, goal),
        "CrossEntropyLoss of chances": lambda s: nn.CrossEntropyLoss()(s, other),
        "CrossEntropyLoss sum": lambda s: nn.CrossEntropyLoss(reduction="sum", ignore_index=1)(s[:4], goal[:4]),
        "NLLLoss": lambda s: nn.NLLLoss(weight)(s.log_softmax(1), goal),
        "BCELoss": lambda s: nn.BCELoss()(s.sigmoid(), other),
        "BCEWithLogitsLoss": lambda s: nn.BCEWithLogitsLoss(pos_weight=weight)(s, other),
        "BCEWithLogitsLoss plain": lambda s: nn.BCEWithLogitsLoss()(s, other),
        "KLDivLoss": lambda s: nn.KLDivLoss(reduction="batchmean")(s.log_softmax(1), other),
    }
    for name, loss in losses.items():
        s = scores.clone().requires_grad_()
        value = loss(s)
        value.backward()
        answers[name] = {"y": value.item(), "x": s.grad.tolist()}
    return answers


@program
def hooks(torch):
    nn, log = torch.nn, []
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    net[0].register_forward_pre_hook(lambda m, args: log.append(["before", len(args)]))
    net[0].register_forward_hook(lambda m, args, out: log.append(["after", list(out.shape)]))
    net[1].register_forward_hook(lambda m, args, out: out * 2)
    net[2].register_forward_hook(
        lambda m, args, kwargs, out: log.append(["kwargs", list(kwargs)]), with_kwargs=True, prepend=True
    )
    net[2].register_full_backward_hook(
        lambda m, grad_in, grad_out: log.append(["back", grad_in[0].tolist(), grad_out[0].tolist()])
    )
    net[0].register_full_backward_hook(lambda m, grad_in, grad_out: log.append(["back", grad_in[0], len(grad_out)]))
    handle = net.register_full_backward_pre_hook(lambda m, grad_out: (grad_out[0] * 10,))
    x = torch.tensor([[1.0, 2.0]])
    y = net(x)
    y.sum().backward()
    log.append(net[0].weight.grad.tolist())
    handle.remove()
    net.zero_grad()
    net(x).sum().backward()
    log.append(net[0].weight.grad.tolist())
    return log


@program
def loading(torch):
    nn = torch.nn
    torch.manual_seed(1)
    net, other = nn.Sequential(nn.Linear(2, 2), nn.PReLU()), nn.Sequential(nn.Linear(2, 2), nn.PReLU())
    answers = [str(net.load_state_dict(other.state_dict())), net[0].weight.tolist()]
    state = other.state_dict()
    del state["0.bias"]
    state["2.weight"] = torch.ones(1)
    answers.append(said(lambda: net.load_state_dict(state)))
    answers.append(str(net.load_state_dict(state, strict=False)))
    state = other.state_dict()
    state["0.weight"] = torch.ones(3, 2)
    answers.append(said(lambda: net.load_state_dict(state)))
    before = net[0].weight
    net.load_state_dict(other.state_dict(), assign=True)
    answers.append([net[0].weight is before, type(net[0].weight).__name__, net[0].weight.requires_grad])
    return answers


@program
def sentences(torch):
    nn = torch.nn

    class Early(nn.Module):
        def __init__(self):
            self.a = nn.Linear(1, 1)

    net = nn.Sequential(nn.Linear(2, 2))
    calls = [
        lambda: Early(),
        lambda: net.missing,
        lambda: setattr(net[0], "weight", torch.ones(2, 2)),
        lambda: setattr(net, "0", 5),
        lambda: net.register_parameter("a.b", None),
        lambda: net.register_buffer("", None),
        lambda: net.register_buffer("x", 3),
        lambda: net.add_module("m", 3),
        lambda: net.register_buffer("forward", None),
        lambda: net.get_submodule("7"),
        lambda: net.get_parameter("0.nothing"),
        lambda: net[4],
        lambda: net.train("yes"),
        lambda: net.to(torch.int64),
        lambda: nn.Dropout(1.5),
        lambda: nn.Module()(1),
        lambda: nn.init.kaiming_uniform_(torch.empty(3)),
        lambda: nn.init.xavier_normal_(torch.empty(3)),
        lambda: nn.Parameter(torch.tensor([1])),
        lambda: nn.ParameterList([])(),
        lambda: nn.Conv2d(1, 2, 3)(torch.zeros(1, 3, 8, 8)),
        lambda: nn.Conv2d(1, 2, 3)(torch.zeros(1, 1, 2, 8)),
        lambda: nn.Conv2d(1, 2, 3)(torch.zeros(8, 8)),
        lambda: nn.Conv2d(3, 2, 3, groups=2),
        lambda: nn.Conv2d(2, 2, 3, stride=2, padding="same"),
        lambda: nn.MaxPool2d(2, padding=2)(torch.zeros(1, 1, 4, 4)),
        lambda: nn.MaxPool2d(5)(torch.zeros(1, 1, 4, 4)),
        lambda: nn.BatchNorm2d(2)(torch.zeros(2, 2)),
        lambda: nn.BatchNorm1d(2)(torch.zeros(1, 2)),
    ]
    return [said(call) for call in calls]


@program
def gradients_of_a_model(torch):
    nn = torch.nn
    torch.manual_seed(4)
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    x = torch.randn(8, 3)
    answers = {}

    def back():
        net.zero_grad()
        (net(x) ** 2).sum().backward()

    def grads():
        return [p.grad.tolist() for p in net.parameters()]

    back()
    answers["norm"] = [nn.utils.clip_grad_norm_(net.parameters(), 0.5).item(), grads()]
    back()
    answers["norm inf"] = [nn.utils.clip_grad_norm_(net.parameters(), 0.5, norm_type=float("inf")).item(), grads()]
    back()
    nn.utils.clip_grad_value_(net.parameters(), 0.3)
    answers["value"] = grads()
    vector = nn.utils.parameters_to_vector(net.parameters())
    answers["vector"] = vector.tolist()
    nn.utils.vector_to_parameters(vector.detach() * 2, net.parameters())
    answers["twice"] = net(x).tolist()
    return answers
