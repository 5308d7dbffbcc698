"""Programs about learning-rate schedules and averages of weights.

As in `programs_optim.py`, each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from tests.engine.programs import Programs, listed, said
from tests.engine.programs_optimizers import numbers

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of
METRICS = [3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0] * 3


def schedules(torch) -> dict[str, Any]:
    """Makers of schedules: of the optimizer, and of the epoch to go on from where they take one."""
    S = torch.optim.lr_scheduler
    return {
        "LambdaLR": lambda o, e=-1: S.LambdaLR(o, lambda t: 1 / (t + 1), e),
        "LambdaLR of each": lambda o, e=-1: S.LambdaLR(o, [lambda t: 0.5**t, lambda t: 1 - t / 20], e),
        "MultiplicativeLR": lambda o, e=-1: S.MultiplicativeLR(o, lambda t: 0.95, e),
        "StepLR": lambda o, e=-1: S.StepLR(o, 3, 0.5, e),
        "MultiStepLR": lambda o, e=-1: S.MultiStepLR(o, [2, 5, 5, 9], 0.3, e),
        "ConstantLR": lambda o, e=-1: S.ConstantLR(o, 0.5, 4, e),
        "LinearLR": lambda o, e=-1: S.LinearLR(o, 0.25, 1.0, 6, e),
        "ExponentialLR": lambda o, e=-1: S.ExponentialLR(o, 0.9, e),
        "PolynomialLR": lambda o, e=-1: S.PolynomialLR(o, 6, 2.0, e),
        "CosineAnnealingLR": lambda o, e=-1: S.CosineAnnealingLR(o, 5, 0.01, e),
        "WarmRestarts": lambda o, e=-1: S.CosineAnnealingWarmRestarts(o, 4, 2, 0.001, e),
        "WarmRestarts plain": lambda o, e=-1: S.CosineAnnealingWarmRestarts(o, 3, last_epoch=e),
        "CyclicLR": lambda o, e=-1: S.CyclicLR(o, 0.01, 0.1, 4, 6, last_epoch=e),
        "CyclicLR 2": lambda o, e=-1: S.CyclicLR(
            o, [0.01, 0.02], [0.1, 0.3], 3, mode="triangular2", cycle_momentum=False, last_epoch=e
        ),
        "CyclicLR exp": lambda o, e=-1: S.CyclicLR(o, 0.01, 0.1, 4, mode="exp_range", gamma=0.9, last_epoch=e),
        "CyclicLR own": lambda o, e=-1: S.CyclicLR(o, 0.01, 0.1, 4, scale_fn=lambda x: 1 / x, last_epoch=e),
        "OneCycleLR": lambda o, e=-1: S.OneCycleLR(o, 0.5, total_steps=32, last_epoch=e),
        "OneCycleLR 3": lambda o, e=-1: S.OneCycleLR(
            o, [0.5, 0.3], epochs=4, steps_per_epoch=8, anneal_strategy="linear", three_phase=True, pct_start=0.4,
            div_factor=10, final_div_factor=100, last_epoch=e,
        ),
        "SWALR": lambda o, e=-1: torch.optim.swa_utils.SWALR(o, 0.5, 4, "linear", e),
        "SWALR cos": lambda o, e=-1: torch.optim.swa_utils.SWALR(o, 0.5, last_epoch=e),
        "SequentialLR": lambda o, e=-1: S.SequentialLR(
            o, [S.ConstantLR(o, 0.1, 3), S.ExponentialLR(o, 0.9), S.StepLR(o, 2, 0.5)], [4, 9]
        ),
        "SequentialLR warm": lambda o, e=-1: S.SequentialLR(
            o, [S.LinearLR(o, 0.1, total_iters=5), S.CosineAnnealingLR(o, 20)], [5]
        ),
        "ChainedScheduler": lambda o, e=-1: S.ChainedScheduler(
            [S.LinearLR(o, 0.1, total_iters=5), S.CosineAnnealingWarmRestarts(o, 5), S.MultiStepLR(o, [7])]
        ),
        "ReduceLROnPlateau": lambda o, e=-1: S.ReduceLROnPlateau(
            o, patience=1, factor=0.5, cooldown=1, min_lr=[0.01, 0.02]
        ),
        "ReduceLROnPlateau max": lambda o, e=-1: S.ReduceLROnPlateau(
            o, mode="max", patience=2, threshold=0.1, threshold_mode="abs"
        ),
    }  # fmt: skip


def optimizer_of(torch, lr: Any = 0.1, kind: str = "SGD") -> Any:
    """An optimizer of two groups."""
    first, second = (torch.zeros(1, requires_grad=True) for _ in range(2))
    options = {"momentum": 0.9} if kind == "SGD" else {}
    return getattr(torch.optim, kind)([{"params": [first]}, {"params": [second], "lr": lr * 3}], lr=lr, **options)


def shown(value: Any) -> Any:
    """A value with tensors as numbers, and keys as text."""
    if isinstance(value, dict):
        return {str(key): shown(each) for key, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, (list, tuple)) else numbers(value)


def driven(scheduler: Any, optimizer: Any, name: str, steps: int, epoch: Any = None) -> list[Any]:
    """The rates, and the momenta, of some steps."""
    rates = [shown([group["lr"] for group in optimizer.param_groups])]
    for i in range(steps):
        optimizer.step()
        scheduler.step(*([METRICS[i]] if "Plateau" in name else [epoch(i)] if epoch else []))
        group = optimizer.param_groups[0]
        rates.append(shown([scheduler.get_last_lr(), group["lr"], group.get("momentum"), group.get("betas")]))
    return rates


@program
def rates(torch):
    answers = {}
    for name, make in schedules(torch).items():
        optimizer = optimizer_of(torch)
        scheduler = make(optimizer)
        before = shown(scheduler.state_dict())
        answers[name] = [before, driven(scheduler, optimizer, name, 31), shown(scheduler.state_dict())]
    return answers


@program
def rates_of_other_kinds(torch):
    """Rates that are tensors, betas for a momentum, epochs that are said."""
    answers = {}
    for name, make in schedules(torch).items():
        optimizer = optimizer_of(torch, torch.tensor(0.1))
        answers[name] = [driven(make(optimizer), optimizer, name, 9)]
        optimizer = optimizer_of(torch, kind="Adam")
        answers[name].append(driven(make(optimizer), optimizer, name, 5))
        if "Plateau" not in name and "Sequential" not in name and "Chained" not in name:
            optimizer = optimizer_of(torch)
            answers[name].append(driven(make(optimizer), optimizer, name, 7, lambda i: i * 5 % 17))
    return answers


@program
def going_on(torch):
    """From a saved state, and from an epoch."""
    answers = {}
    for name, make in schedules(torch).items():
        optimizer = optimizer_of(torch)
        scheduler = make(optimizer)
        driven(scheduler, optimizer, name, 6)
        other = optimizer_of(torch)
        again = make(other)
        again.load_state_dict(scheduler.state_dict())
        other.load_state_dict(optimizer.state_dict())
        answers[name] = [driven(again, other, name, 4)]
        if "Plateau" not in name and "Sequential" not in name and "Chained" not in name:
            for epoch in (2, 7):
                optimizer = optimizer_of(torch)
                driven(make(optimizer), optimizer, name, epoch)
                answers[name].append(driven(make(optimizer, epoch), optimizer, name, 4))
    return answers


@program
def schedules_of_ones_own(torch):
    class Noam(torch.optim.lr_scheduler._LRScheduler):
        def __init__(self, optimizer, warm, last_epoch=-1):
            self.warm = warm
            super().__init__(optimizer, last_epoch)

        def get_lr(self):
            t = max(1, self._step_count)
            return [base * min(t**-0.5, t * self.warm**-1.5) for base in self.base_lrs]

    optimizer = optimizer_of(torch)
    scheduler = Noam(optimizer, 4)
    return [driven(scheduler, optimizer, "", 8), isinstance(scheduler, torch.optim.lr_scheduler.LRScheduler)]


class Call:
    """A function that is saved with a schedule."""

    def __init__(self):
        self.a = 1

    def __call__(self, t):
        return self.a / (1 + t)


@program
def saved_functions(torch):
    S = torch.optim.lr_scheduler
    answers = []
    for make in (lambda o: S.LambdaLR(o, Call()), lambda o: S.CyclicLR(o, 0.1, 0.2, scale_fn=Call())):
        first, second = make(optimizer_of(torch)), make(optimizer_of(torch))
        answers.append(shown(first.state_dict()))
        second.load_state_dict(first.state_dict())
        answers.append(shown(second.state_dict()))
    return answers


@program
def warned(torch):
    """What is said to steps in the wrong order, and to what is not asked that way any more."""
    S = torch.optim.lr_scheduler

    def overridden():
        optimizer = optimizer_of(torch)
        scheduler = S.StepLR(optimizer, 1)
        optimizer.step = lambda: None
        scheduler.step()

    def in_order():
        optimizer = optimizer_of(torch)
        scheduler = S.StepLR(optimizer, 1)
        optimizer.step()
        scheduler.step()
        scheduler.step()

    calls = [
        overridden,
        in_order,
        lambda: S.StepLR(optimizer_of(torch), 1).step(),
        lambda: S.StepLR(optimizer_of(torch), 1).get_lr(),
        lambda: S.StepLR(optimizer_of(torch), 1).step(3),
        lambda: S.ReduceLROnPlateau(optimizer_of(torch)).step(1.0, epoch=2),
        lambda: S.CosineAnnealingWarmRestarts(optimizer_of(torch), 2).step(3),
    ]
    answers = []
    for call in calls:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call()
        answers.append([[each.category.__name__, str(each.message)] for each in caught])
    return answers


@program
def sentences(torch):
    S, W = torch.optim.lr_scheduler, torch.optim.swa_utils

    def made(name, *args, kind="SGD", **kwargs):
        return lambda: getattr(S, name)(optimizer_of(torch, kind=kind), *args, **kwargs)

    def several(name, make):
        return lambda: getattr(S, name)(*make(optimizer_of(torch)))

    def too_far():
        scheduler = S.OneCycleLR(optimizer_of(torch), 0.1, total_steps=2)
        for _ in range(4):
            scheduler.step()

    model = torch.nn.Linear(1, 1)
    calls = [
        lambda: S.StepLR(3, 1), made("StepLR", 1, last_epoch=3), made("StepLR", 1, verbose=True),
        made("LambdaLR", [lambda t: t]), made("MultiplicativeLR", [lambda t: t]), made("LRScheduler"),
        made("ConstantLR", 2.0), made("LinearLR", 0.0), made("LinearLR", 0.5, 2.0), made("MultiStepLR", 3),
        made("SequentialLR", [], []), several("SequentialLR", lambda o: (o, [S.StepLR(o, 1)], [3, 4])),
        several("SequentialLR", lambda o: (o, [S.StepLR(o, 1), S.StepLR(optimizer_of(torch), 1)], [3])),
        several("SequentialLR", lambda o: (o, [S.StepLR(o, 1), 3], [3])),
        several("SequentialLR", lambda o: (o, [S.StepLR(o, 1), S.ReduceLROnPlateau(o)], [3])),
        lambda: S.ChainedScheduler([]), lambda: S.ChainedScheduler([3], optimizer_of(torch)),
        several("ChainedScheduler", lambda o: ([S.StepLR(o, 1), S.StepLR(optimizer_of(torch), 1)],)),
        several("ChainedScheduler", lambda o: ([S.StepLR(o, 1), S.ReduceLROnPlateau(o)],)),
        made("CyclicLR", 0.1, 0.2, mode="x"), made("CyclicLR", 0.1, 0.2, kind="Adagrad"),
        made("CyclicLR", [0.1], 0.2), lambda: S.CyclicLR(3, 0.1, 0.2),
        made("CosineAnnealingWarmRestarts", 0), made("CosineAnnealingWarmRestarts", 2.5),
        made("CosineAnnealingWarmRestarts", 2, 0), made("CosineAnnealingWarmRestarts", 2, 1, "a"),
        lambda: S.CosineAnnealingWarmRestarts(optimizer_of(torch), 2).step(-1),
        made("OneCycleLR", 0.1), made("OneCycleLR", 0.1, total_steps=-1), made("OneCycleLR", 0.1, total_steps=3.5),
        made("OneCycleLR", 0.1, epochs=-1, steps_per_epoch=3), made("OneCycleLR", 0.1, epochs=1, steps_per_epoch=0),
        made("OneCycleLR", 0.1, total_steps=10, pct_start=2.0), made("OneCycleLR", [0.1], total_steps=10),
        made("OneCycleLR", 0.1, total_steps=10, anneal_strategy="x"), too_far,
        made("OneCycleLR", 0.1, total_steps=10, kind="Adagrad"),
        made("ReduceLROnPlateau", factor=1.0), made("ReduceLROnPlateau", mode="x"),
        made("ReduceLROnPlateau", threshold_mode="x"), made("ReduceLROnPlateau", min_lr=[0.1]),
        lambda: S.ReduceLROnPlateau(optimizer_of(torch)).step(),
        lambda: S.ReduceLROnPlateau(optimizer_of(torch)).get_lr(),
        lambda: W.AveragedModel(model, avg_fn=1, multi_avg_fn=2), lambda: W.get_ema_avg_fn(2.0),
        lambda: W.get_ema_multi_avg_fn(-1), lambda: W.SWALR(optimizer_of(torch), 0.1, anneal_strategy="x"),
        lambda: W.SWALR(optimizer_of(torch), 0.1, anneal_epochs=-1), lambda: W.SWALR(optimizer_of(torch), [0.1]),
    ]  # fmt: skip
    return [said(call) for call in calls]


@program
def averages(torch):
    W, nn = importlib.import_module(f"{torch.__name__}.optim.swa_utils"), torch.nn
    answers = []
    for options in (
        {},
        {"multi_avg_fn": W.get_ema_multi_avg_fn(0.9)},
        {"avg_fn": W.get_ema_avg_fn(0.9), "use_buffers": False},
        {"avg_fn": lambda average, weight, n: 0.5 * average + 0.5 * weight},
        {"multi_avg_fn": W.get_ema_multi_avg_fn(0.8), "use_buffers": True},
    ):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).double()
        averaged = W.AveragedModel(model, **options)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(4):
            optimizer.zero_grad()
            (model(torch.randn(8, 2, dtype=torch.float64)) - 1).pow(2).mean().backward()
            optimizer.step()
            averaged.update_parameters(model)
        before = {name: numbers(value) for name, value in averaged.state_dict().items()}
        W.update_bn([(torch.randn(8, 2, dtype=torch.float64), 0) for _ in range(3)], averaged)
        after = {name: numbers(value) for name, value in averaged.state_dict().items() if "running" in name}
        answers.append([before, after, averaged.training, int(averaged.n_averaged)])
    return answers


@program
def bounds_given_as_tensors(torch):
    S, swa = torch.optim.lr_scheduler, importlib.import_module(f"{torch.__name__}.optim.swa_utils")
    answers = []
    for make in (
        lambda optimizer, a, b: S.CyclicLR(optimizer, a, b, 2, base_momentum=a, max_momentum=b),
        lambda optimizer, a, b: S.OneCycleLR(optimizer, b, 6, base_momentum=a, max_momentum=b),
        lambda optimizer, a, b: swa.SWALR(optimizer, [a], anneal_epochs=3),
    ):
        low, high = torch.tensor(0.25), torch.tensor(0.5)
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=torch.tensor(1.0), momentum=0.5)
        scheduler = make(optimizer, low, high)
        for _ in range(4):
            low.mul_(0.5)  # which the schedule does not see
            high.mul_(0.5)
            optimizer.step()
            scheduler.step()
            answers.append([float(optimizer.param_groups[0]["lr"]), float(optimizer.param_groups[0]["momentum"])])
    return answers


@program
def scales_of_cycles(torch):
    """The order in which the factors of a cycle are multiplied, and what a scale of one's own asks of."""
    S = torch.optim.lr_scheduler
    answers = []
    for options in ({"scale_mode": "iterations"}, {"mode": "triangular2", "scale_mode": "iterations"}):
        optimizer = torch.optim.Adam([torch.nn.Parameter(torch.ones(1))], lr=0.1)
        schedule = S.CyclicLR(optimizer, 0.01, 0.1, 3, 2, base_momentum=0.5, **options)
        answers.append(schedule.scale_mode)
        for _ in range(9):
            optimizer.step()
            schedule.step()
            answers.append([str(optimizer.param_groups[0]["lr"]), str(optimizer.param_groups[0]["betas"])])
    return answers


@program
def groups_added_later(torch):
    """What schedules and optimizers that count their groups say of one more."""
    S, nn = torch.optim.lr_scheduler, torch.nn
    answers = []
    for make in (
        lambda o: S.StepLR(o, 2), lambda o: S.PolynomialLR(o, 3), lambda o: S.CosineAnnealingLR(o, 1),
        lambda o: S.LambdaLR(o, lambda t: 0.5), lambda o: S.MultiplicativeLR(o, lambda t: 0.5),
    ):  # fmt: skip
        optimizer = torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1)
        schedule = make(optimizer)
        for _ in range(3):
            answers.append([*said(schedule.step), optimizer.param_groups[0]["lr"]])
            if len(optimizer.param_groups) == 1:
                optimizer.add_param_group({"params": [nn.Parameter(torch.ones(1))]})
    lbfgs = torch.optim.LBFGS([nn.Parameter(torch.ones(1))])
    lbfgs.add_param_group({"params": [nn.Parameter(torch.ones(1))]})
    adagrad = torch.optim.Adagrad([nn.Parameter(torch.ones(1))], initial_accumulator_value=0.5)
    later = nn.Parameter(torch.ones(1))
    adagrad.add_param_group({"params": [later]})
    held = [len(adagrad.state)]
    later.grad = torch.ones(1)
    adagrad.step()
    return [*answers, said(lambda: lbfgs.step(lambda: 0)), *held, listed(adagrad.state[later]), later.item()]


@program
def parameters_given_twice(torch):
    answers = []
    for name in ("RMSprop", "ASGD", "Adam", "SGD"):
        p, q = (torch.nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64)) for _ in range(2))
        optimizer = getattr(torch.optim, name)([p, q, p], lr=0.1)
        for _ in range(3):
            p.grad, q.grad = p.detach() * 2, q.detach() + 1
            optimizer.step()
        answers.append([p.tolist(), q.tolist()])
    return answers


@program
def counts_of_steps(torch):
    """What is remembered where a step is refused, and in which dtype steps are counted."""
    answers = []
    for options in ({"capturable": True}, {"capturable": True, "foreach": True}, {"fused": True}, {}):
        torch.set_default_dtype(torch.float64)
        try:
            p = torch.nn.Parameter(torch.ones(2))
            optimizer = torch.optim.Adam([p], lr=0.1, **options)
            p.grad = torch.ones(2)
            answers.append([*said(optimizer.step), listed(optimizer.state[p]), str(optimizer.state[p]["step"].dtype)])
        finally:
            torch.set_default_dtype(torch.float32)
    return answers


@program
def steps_saved_as_numbers(torch):
    """States of long ago, in which the count of steps was a number."""
    told = []
    for name in ("Adafactor", "Adam", "NAdam", "RAdam", "Adamax", "ASGD", "Adagrad", "Adadelta", "RMSprop", "Rprop"):
        w = torch.nn.Parameter(torch.ones(3, 2))
        first, second = (getattr(torch.optim, name)([w]) for _ in range(2))
        w.grad = torch.full_like(w, 0.5)
        first.step()
        state = first.state_dict()
        state["state"][0]["step"] = state["state"][0]["step"].item()
        second.load_state_dict(state)
        told.append(repr(second.state_dict()["state"][0]["step"]))
        second.step()
        told.append([round(x, 5) for x in w.flatten().tolist()])
    return told
