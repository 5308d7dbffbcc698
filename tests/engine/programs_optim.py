"""Programs about optimizers, run with PyTorch to record their answers and with the engine to compare.

Each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.engine.programs import Programs, said, tried

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of

OPTIMIZERS: dict[str, list[dict[str, Any]]] = {
    "SGD": [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.3},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"lr": 0.1, "weight_decay": 0.1},
        {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.1, "nesterov": True},
        {"lr": 0.001, "maximize": True, "momentum": 0.9, "weight_decay": 0.01},
    ],
    "Adam": [
        {},
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-4},
        {"lr": 0.02, "weight_decay": 0.1},
        {"lr": 0.02, "amsgrad": True},
        {"lr": 0.002, "maximize": True, "weight_decay": 0.1, "amsgrad": True},
        {"lr": 0.02, "weight_decay": 0.1, "decoupled_weight_decay": True},
    ],
    "Adagrad": [{}, {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}],
    "Adadelta": [{}, {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1, "maximize": True}],
    "Adamax": [{}, {"lr": 0.02, "betas": (0.8, 0.9), "weight_decay": 0.1, "maximize": True}],
    "RMSprop": [
        {},
        {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1},
        {"lr": 0.02, "alpha": 0.9, "centered": True, "momentum": 0.5},
        {"centered": True, "maximize": True},
    ],
    "AdamW": [
        {},
        {"lr": 0.05, "weight_decay": 0.3},
        {"lr": 0.02, "amsgrad": True, "maximize": True},
    ],
}


class Task:
    """A small model and data to train it on."""

    def __init__(self, torch, dtype=None):
        nn = torch.nn
        torch.manual_seed(0)
        self.torch = torch
        self.x = torch.randn(20, 3).to(dtype or torch.float32)
        self.y = (self.x.sum(1) > 0).long() + (self.x[:, 0] > 0.5).long()
        self.model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 3)).to(dtype or torch.float32)

    def loss(self):
        """Of the model as it is."""
        return self.torch.nn.functional.cross_entropy(self.model(self.x), self.y)

    def step(self, optimizer) -> float:
        """One step of training; the loss before it."""
        loss = self.loss()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()


def made(torch, name: str, params: Any, options: dict[str, Any]) -> Any:
    """An optimizer by name."""
    return getattr(torch.optim, name)(params, **options)


@program
def losses(torch):
    answers = {}
    for dtype in (torch.float32, torch.float64):
        for name, variants in OPTIMIZERS.items():
            for options in variants:
                task = Task(torch, dtype)
                optimizer = made(torch, name, task.model.parameters(), options)
                values = [task.step(optimizer) for _ in range(25)]
                answers[f"{name} {options} {dtype}"] = [values, task.model[0].weight.tolist()]
    return answers


@program
def texts(torch):
    task = Task(torch)
    return [
        repr(made(torch, name, task.model.parameters(), options))
        for name, variants in OPTIMIZERS.items()
        for options in variants
    ] + [repr(torch.optim.SGD([{"params": [p], "lr": 0.1 * i} for i, p in enumerate(task.model.parameters())]))]


@program
def states(torch):
    answers = {}
    for name, variants in OPTIMIZERS.items():
        for options in variants:
            task = Task(torch)
            optimizer = made(torch, name, task.model.parameters(), options)
            empty = optimizer.state_dict()
            for _ in range(3):
                task.step(optimizer)
            saved = optimizer.state_dict()
            answers[f"{name} {options}"] = {
                "before": [len(empty["state"]), str(empty["param_groups"])],
                "state": {
                    str(number): {key: value.tolist() for key, value in held.items() if value is not None}
                    for number, held in saved["state"].items()
                },
            }
    return answers


@program
def saved_and_loaded(torch):
    answers = {}
    for name, options in (("SGD", {"lr": 0.1, "momentum": 0.9}), ("Adam", {"lr": 0.05, "amsgrad": True})):
        task = Task(torch)
        optimizer = made(torch, name, task.model.parameters(), options)
        values = [task.step(optimizer) for _ in range(5)]
        state = deepcopy(optimizer.state_dict())
        weights = {key: value.clone() for key, value in task.model.state_dict().items()}
        again = Task(torch)
        again.model.load_state_dict(weights)
        other = made(torch, name, again.model.parameters(), {"lr": 0.5})
        other.load_state_dict(state)
        values += [again.step(other) for _ in range(5)]
        answers[name] = [values, str(other.param_groups[0]["lr"]), [task.step(optimizer) for _ in range(5)]]
    return answers


@program
def groups(torch):
    task = Task(torch)
    first, last = task.model[0], task.model[2]
    optimizer = torch.optim.Adam([{"params": first.parameters(), "lr": 0.05}, {"params": [last.weight]}], lr=0.01)
    values = [task.step(optimizer) for _ in range(4)]
    optimizer.add_param_group({"params": last.bias, "lr": 0.2, "betas": (0.5, 0.5)})
    values += [task.step(optimizer) for _ in range(4)]
    optimizer.param_groups[0]["lr"] = 0.0
    values += [task.step(optimizer) for _ in range(4)]
    return [values, [len(group["params"]) for group in optimizer.param_groups]]


@program
def gradients_come_and_go(torch):
    """Parameters without a gradient at some steps are left alone, with their own count of steps."""
    answers = []
    for name, options in (("SGD", {"lr": 0.1, "momentum": 0.9}), ("Adam", {"lr": 0.05})):
        task = Task(torch)
        optimizer = made(torch, name, task.model.parameters(), options)
        values = []
        for step in range(12):
            loss = task.loss()
            optimizer.zero_grad(set_to_none=step % 2 == 0)
            loss.backward()
            if step % 3 == 1:
                task.model[0].weight.grad = None
            if step == 5:
                task.model[2].requires_grad_(False)
                task.model[2].zero_grad()
            optimizer.step()
            values.append(loss.item())
        steps = [float(held["step"]) for held in optimizer.state.values() if "step" in held]
        answers.append([values, steps, task.model[0].weight.tolist()])
    return answers


@program
def memory_is_shared(torch):
    """What shares a parameter's memory goes on sharing it."""
    task = Task(torch)
    optimizer = torch.optim.Adam(task.model.parameters(), lr=0.05)
    weight = task.model[0].weight
    view, array = weight.data, weight.detach().numpy()
    for _ in range(3):
        task.step(optimizer)
    same = [bool((view == weight).all()), array.tolist() == weight.tolist()]
    weight.data = torch.zeros_like(weight)
    losses = [task.step(optimizer) for _ in range(3)]
    with torch.no_grad():
        weight.fill_(0.1)
    optimizer.state[weight]["exp_avg"].zero_()
    losses += [task.step(optimizer) for _ in range(3)]
    optimizer.state[weight]["exp_avg"] = torch.ones_like(weight)
    losses += [task.step(optimizer) for _ in range(3)]
    return [same, losses, weight.tolist()]


@program
def two_parameters_in_one_memory(torch):
    """Each moves what the one before has moved."""
    answers = []
    for name in ("SGD", "Adam"):
        first = torch.arange(6.0).reshape(2, 3).requires_grad_()
        second, apart = torch.zeros(3, requires_grad=True), torch.ones(2, requires_grad=True)
        second.data = first.data[1]
        optimizer = made(torch, name, [first, apart, second], {"lr": 0.1})
        for _ in range(4):
            optimizer.zero_grad()
            ((first**2).sum() + (second * 3).sum() + (apart**3).sum()).backward()
            optimizer.step()
        answers.append([first.tolist(), second.tolist(), apart.tolist()])
    return answers


@program
def large_and_odd_parameters(torch):
    """Parameters longer than a block, strided, without axes, empty, of several dtypes."""
    torch.manual_seed(2)
    large = torch.randn(150, 130).requires_grad_()
    strided = torch.randn(4, 3).t().requires_grad_()
    number = torch.tensor(0.5, requires_grad=True)
    double = torch.randn(3, dtype=torch.float64).requires_grad_()
    params = [large, strided, number, double, torch.empty(0, requires_grad=True)]
    answers = []
    for name, options in (("AdamW", {"lr": 0.1}), ("SGD", {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.1})):
        optimizer = made(torch, name, params, options)
        for _ in range(5):
            optimizer.zero_grad()
            loss = (large * large).mean() + (strided * strided).sum() * number + (double**2).sum() + params[4].sum()
            loss.backward()
            optimizer.step()
            answers.append(loss.item())
    return [answers, large[:2, :5].tolist(), large[-1, -5:].tolist(), strided.tolist(), number.item(), double.tolist()]


@program
def a_closure(torch):
    task = Task(torch)
    optimizer = torch.optim.SGD(task.model.parameters(), lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = task.loss()
        loss.backward()
        return loss

    return [optimizer.step(closure).item() for _ in range(4)]


@program
def step_hooks(torch):
    task, log = Task(torch), []
    optimizer = torch.optim.SGD(task.model.parameters(), lr=0.5)
    handle = optimizer.register_step_pre_hook(lambda o, args, kwargs: log.append("before"))
    optimizer.register_step_post_hook(lambda o, args, kwargs: log.append("after"))
    task.step(optimizer)
    handle.remove()
    task.step(optimizer)
    return log


@program
def schedules(torch):
    schedulers = torch.optim.lr_scheduler
    made_by = {
        "StepLR": lambda o: schedulers.StepLR(o, 3, 0.5),
        "MultiStepLR": lambda o: schedulers.MultiStepLR(o, [2, 5, 5], 0.1),
        "ExponentialLR": lambda o: schedulers.ExponentialLR(o, 0.9),
        "CosineAnnealingLR": lambda o: schedulers.CosineAnnealingLR(o, 5, 0.01),
        "LambdaLR": lambda o: schedulers.LambdaLR(o, lambda t: 1 / (t + 1)),
        "LambdaLR of each": lambda o: schedulers.LambdaLR(o, [lambda t: 0.5**t, lambda t: 1 - t / 20]),
        "MultiplicativeLR": lambda o: schedulers.MultiplicativeLR(o, lambda t: 0.95),
        "ConstantLR": lambda o: schedulers.ConstantLR(o, 0.5, 4),
        "LinearLR": lambda o: schedulers.LinearLR(o, 0.25, 1.0, 6),
        "PolynomialLR": lambda o: schedulers.PolynomialLR(o, 6, 2.0),
        "SequentialLR": lambda o: schedulers.SequentialLR(
            o, [schedulers.ConstantLR(o, 0.1, 3), schedulers.ExponentialLR(o, 0.9)], [4]
        ),
    }
    answers = {}
    for name, make in made_by.items():
        a, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.3}], lr=0.1)
        scheduler = make(optimizer)
        rates = [scheduler.get_last_lr()]
        for _ in range(13):
            optimizer.step()
            scheduler.step()
            rates.append(scheduler.get_last_lr())
        answers[name] = [rates, optimizer.param_groups[1]["initial_lr"], scheduler.last_epoch]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    plateau = schedulers.ReduceLROnPlateau(optimizer, patience=1, factor=0.5, cooldown=1, min_lr=0.1)
    rates = []
    for metric in (3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0):
        plateau.step(torch.tensor(metric))
        rates.append(optimizer.param_groups[0]["lr"])
    answers["ReduceLROnPlateau"] = rates
    return answers


@program
def sentences(torch):
    p = torch.zeros(1, requires_grad=True)
    optim = torch.optim
    calls = [
        lambda: optim.SGD([]),
        lambda: optim.SGD(p),
        lambda: optim.SGD([1]),
        lambda: optim.SGD({p}),
        lambda: optim.SGD([p * 2]),
        lambda: optim.SGD([p], lr=-1),
        lambda: optim.SGD([p], momentum=-1),
        lambda: optim.SGD([p], nesterov=True),
        lambda: optim.Adam([p], betas=(1.0, 0.9)),
        lambda: optim.Adam([p], betas=(0.9, -0.9)),
        lambda: optim.Adam([p], eps=-1.0),
        lambda: optim.Adam([p], weight_decay=-1.0),
        lambda: optim.Adagrad([p], lr_decay=-1.0),
        lambda: optim.Adagrad([p], initial_accumulator_value=-1.0),
        lambda: optim.Adadelta([p], rho=2.0),
        lambda: optim.Adamax([p], betas=(0.0, 2.0)),
        lambda: optim.RMSprop([p], momentum=-1.0),
        lambda: optim.RMSprop([p], alpha=-1.0),
        lambda: optim.SGD([{"params": [p]}, {"params": [p]}]),
        lambda: optim.SGD([p]).add_param_group([p]),
        lambda: optim.SGD([p]).load_state_dict({"state": {}, "param_groups": []}),
        lambda: optim.SGD([p]).load_state_dict({"state": {}, "param_groups": [{"params": [0, 1]}]}),
        lambda: optim.lr_scheduler.StepLR(3, 1),
    ]
    return [said(call) for call in calls]


@program
def line_searches_without_an_end(torch):
    out = []
    for loss_of in (lambda x: -x.sum() * 1e-3, lambda x: x.abs().sum(), lambda x: x.sum() * 2):
        for dtype in (torch.float32, torch.float64):
            x = torch.ones(2, dtype=dtype, requires_grad=True)
            opt = torch.optim.LBFGS([x], line_search_fn="strong_wolfe", max_iter=4)
            calls = []

            def closure(x=x, opt=opt, calls=calls, loss_of=loss_of):
                opt.zero_grad()
                loss = loss_of(x)
                loss.backward()
                calls.append(round(loss.item(), 3))
                return loss

            opt.step(closure)
            out.append([calls, opt.state[x]["func_evals"]])
    return out


@program
def states_of_other_optimizers(torch):
    """What an optimizer says of the state that another has saved, at once or at its next step."""
    optim, told = torch.optim, {}
    made = {
        "momentum": lambda w: optim.SGD([w], momentum=0.9), "plain": lambda w: optim.SGD([w]),
        "adam": lambda w: optim.Adam([w]), "adamw": lambda w: optim.AdamW([w]), "rprop": lambda w: optim.Rprop([w]),
        "amsgrad": lambda w: optim.Adam([w], amsgrad=True), "adadelta": lambda w: optim.Adadelta([w]),
    }  # fmt: skip

    def stepped(optimizer, w):
        w.grad = torch.ones(2)
        optimizer.step()
        return [round(x, 5) for x in w.tolist()]

    for before in made:
        for after in made:
            w, other = (torch.ones(2, requires_grad=True) for _ in range(2))
            first, second = made[before](w), made[after](other)
            stepped(first, w)

            def taken(first=first, second=second, other=other):
                second.load_state_dict(first.state_dict())
                return stepped(second, other)

            told[f"{before} {after}"] = tried(taken)
    return told


@program
def lbfgs_of_no_slope(torch):
    """A step where the gradient is zero, and no tolerance ends it."""
    w = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.LBFGS([w], tolerance_grad=-1.0)

    def closure():
        w.grad = torch.zeros(2)
        return (w * 0).sum()

    return [float(optimizer.step(closure)), w.tolist()]
