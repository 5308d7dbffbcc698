"""Programs about every optimizer: its options, state and errors, as functions, differentiably, with hooks.

As in `programs_optim.py`, each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

import importlib
from copy import deepcopy
from typing import Any

from tests.engine.programs import Programs, said

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of
DIGITS = {"tables_float64": 13}
TOLERANCE = {"tables_float64": 1e-10}

# Those of PyTorch's own table of optimizers, and more; a rate of "tensor" is one.
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "ASGD": [{}, {"lambd": 0.1}, {"lr": 0.02}, {"t0": 5}, {"weight_decay": 0.1, "maximize": True, "alpha": 0.5}],
    "Adadelta": [{}, {"lr": 0.01}, {"weight_decay": 0.1, "maximize": True}, {"rho": 0.95, "weight_decay": 0.9}],
    "Adafactor": [
        {}, {"weight_decay": 0.1, "lr": 0.01}, {"weight_decay": 0.1, "maximize": True}, {"beta2_decay": -1.0},
        {"d": 1.5, "eps": (1e-4, 1e-2), "lr": 0.5}, {"lr": "tensor"},
    ],
    "Adagrad": [
        {}, {"weight_decay": 0.1, "maximize": True}, {"initial_accumulator_value": 0.1, "weight_decay": 0.1},
        {"lr": 0.1, "lr_decay": 0.5, "weight_decay": 0.1}, {"lr": "tensor"},
    ],
    "Adam": [
        {}, {"weight_decay": 0.1, "maximize": True}, {"weight_decay": 0.1, "amsgrad": True}, {"lr": "tensor"},
        {"betas": (0.3, 0.5), "eps": 1e-3}, {"decoupled_weight_decay": True, "weight_decay": 0.1, "fused": False},
    ],
    "AdamW": [{}, {"weight_decay": 0.1, "maximize": True}, {"amsgrad": True, "foreach": True}, {"lr": "tensor"}],
    "Adamax": [{}, {"lr": 0.1}, {"weight_decay": 0.1, "maximize": True}],
    "Muon": [
        {}, {"lr": 0.01}, {"lr": "tensor"}, {"momentum": 0.8, "nesterov": False}, {"ns_steps": 6},
        {"ns_coefficients": (3.4, -4.7, 2.0)}, {"adjust_lr_fn": "match_rms_adamw", "weight_decay": 0.2},
    ],
    "NAdam": [
        {}, {"lr": 0.001}, {"weight_decay": 0.1, "momentum_decay": 0.006}, {"lr": "tensor"},
        {"weight_decay": 0.1, "momentum_decay": 0.006, "decoupled_weight_decay": True}, {"maximize": True},
    ],
    "RAdam": [
        {}, {"lr": 0.002, "eps": 1e-6}, {"weight_decay": 0.1, "decoupled_weight_decay": True}, {"betas": (0.8, 0.9)},
        {"weight_decay": 0.1, "maximize": True},
    ],
    "RMSprop": [
        {}, {"lr": 0.001}, {"weight_decay": 0.1, "centered": True, "momentum": 0.1, "maximize": True}, {"alpha": 0.5},
    ],
    "Rprop": [{}, {"lr": 0.0002}, {"etas": (0.5, 1.5)}, {"step_sizes": (2e-6, 0.1)}, {"maximize": True}],
    "SGD": [
        {}, {"lr": "tensor"}, {"weight_decay": 0.5}, {"momentum": 0.9, "dampening": 0.5},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "maximize": True},
    ],
    "LBFGS": [
        {"max_iter": 3}, {"lr": 0.01, "max_iter": 4}, {"max_iter": 3, "history_size": 2},
        {"line_search_fn": "strong_wolfe", "max_iter": 3}, {"max_iter": 6, "max_eval": 3},
    ],
}  # fmt: skip


def given(torch, options: dict[str, Any]) -> dict[str, Any]:
    """The options with tensors where the table says so."""
    return {
        name: torch.tensor(0.01, dtype=torch.float64) if value == "tensor" else value for name, value in options.items()
    }


class Fit:
    """A line to be fitted; `wide` also has a parameter that is no matrix."""

    def __init__(self, torch, dtype, wide=True):
        torch.manual_seed(0)
        self.x, self.y = torch.randn(8, 3, dtype=dtype), torch.randn(8, 2, dtype=dtype)
        self.w = torch.randn(3, 2, dtype=dtype).requires_grad_()
        self.b = torch.randn(2, dtype=dtype).requires_grad_()
        self.params = [self.w, self.b] if wide else [self.w]

    def loss(self):
        """How far the line is, more than quadratic."""
        return (self.x @ self.w + self.b - self.y).cosh().mean()

    def run(self, optimizer, steps):
        """Some steps, with a closure."""

        def closure():
            optimizer.zero_grad()
            loss = self.loss()
            loss.backward()
            return loss

        return [float(optimizer.step(closure)) for _ in range(steps)]


def numbers(value: Any) -> Any:
    """A tensor's numbers, in lists too."""
    if isinstance(value, list):
        return [numbers(each) for each in value if each is not None]
    return value.double().reshape(-1).tolist() if hasattr(value, "reshape") else value


def trained(torch, dtype) -> dict[str, Any]:
    """The weights, the state and the text of each after 20 steps."""
    answers = {}
    for name, variants in OPTIONS.items():
        for options in variants:
            fit = Fit(torch, dtype, name != "Muon")
            optimizer = getattr(torch.optim, name)(fit.params, **given(torch, options))
            fit.run(optimizer, 3 if name == "LBFGS" else 20)
            state = optimizer.state_dict()["state"].get(0, {})
            kept = {key: [str(getattr(value, "dtype", "")), numbers(value)] for key, value in state.items()}
            if name == "Muon":
                kept = {key: [kind, [round(each, 3) for each in value]] for key, (kind, value) in kept.items()}
            answers[f"{name} {options}"] = [numbers(fit.w), numbers(fit.b), kept]
    return answers


@program
def tables_float32(torch):
    return {name: answer for name, answer in trained(torch, torch.float32).items() if "LBFGS" not in name}


@program
def tables_float64(torch):
    return {name: answer for name, answer in trained(torch, torch.float64).items() if "Muon" not in name}


@program
def texts(torch):
    answers = []
    for name, variants in OPTIONS.items():
        for options in variants:
            optimizer = getattr(torch.optim, name)([torch.zeros(1, 1, requires_grad=True)], **given(torch, options))
            answers.append([repr(optimizer), list(optimizer.defaults), str(optimizer.state_dict()["param_groups"])])
    return answers


@program
def groups_and_names(torch):
    answers = []
    for name in OPTIONS:
        if name in ("LBFGS", "Muon"):
            continue
        fit = Fit(torch, torch.float64)
        optimizer = getattr(torch.optim, name)([("w", fit.w)], lr=0.01)
        optimizer.add_param_group({"params": [("b", fit.b)], "lr": 0.1})
        losses = fit.run(optimizer, 3)
        saved = deepcopy(optimizer.state_dict())
        again = getattr(torch.optim, name)([{"params": [("v", fit.w)]}, {"params": [("c", fit.b)]}])
        again.load_state_dict(saved)
        losses += fit.run(again, 3)
        answers.append([losses, str(again.state_dict()["param_groups"]), list(again.param_groups[0])])
    return answers


@program
def complex_parameters(torch):
    answers = {}
    for name, variants in OPTIONS.items():
        for options in variants:
            torch.manual_seed(0)
            z = torch.randn(2, 2, dtype=torch.complex128).requires_grad_()
            optimizer = getattr(torch.optim, name)([z], **given(torch, options))
            aim = torch.randn(2, 2, dtype=torch.complex128)

            def closure(z=z, optimizer=optimizer, aim=aim):
                optimizer.zero_grad()
                loss = (z - aim).abs().square().sum()
                loss.backward()
                return loss

            try:
                for _ in range(1 if name == "LBFGS" else 5):
                    optimizer.step(closure)
            except RuntimeError as error:
                answers[name] = str(error)
                continue
            answers[f"{name} {options}"] = torch.view_as_real(z).reshape(-1).tolist()
    return answers


# What each is as a function: the names of its lists, and its options.
FUNCTIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "adadelta": ("adadelta", "zz", {"lr": 0.1, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.1, "maximize": False}),
    "adagrad": ("adagrad", "z", {"lr": 0.1, "lr_decay": 0.1, "eps": 1e-6, "weight_decay": 0.1, "maximize": True}),
    "adam": (
        "adam", "zz-",
        {"amsgrad": False, "beta1": 0.9, "beta2": 0.99, "lr": 0.1, "weight_decay": 0.1, "eps": 1e-8, "maximize": False},
    ),
    "adamw": (
        "adamw", "zzz",
        {"amsgrad": True, "beta1": 0.9, "beta2": 0.99, "lr": 0.1, "weight_decay": 0.1, "eps": 1e-8, "maximize": False},
    ),
    "adamax": ("adamax", "zz", {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0, "eps": 1e-8}),
    "asgd": ("asgd", "z1e", {"lr": 0.1, "lambd": 0.01, "t0": 0, "alpha": 0.7, "weight_decay": 0}),
    "nadam": (
        "nadam", "zz1",
        {"beta1": 0.9, "beta2": 0.99, "lr": 0.1, "weight_decay": 0, "momentum_decay": 0.01, "eps": 1e-8},
    ),
    "radam": ("radam", "zz", {"beta1": 0.9, "beta2": 0.99, "lr": 0.1, "weight_decay": 0, "eps": 1e-8}),
    "rmsprop": (
        "rmsprop", "z--",
        {"lr": 0.1, "alpha": 0.9, "eps": 1e-8, "weight_decay": 0, "momentum": 0, "centered": False},
    ),
    "rprop": ("rprop", "zs", {"step_size_min": 1e-6, "step_size_max": 50, "etaminus": 0.5, "etaplus": 1.2}),
}  # fmt: skip


@program
def as_functions(torch):
    answers = {}
    make = {
        "z": lambda p: torch.zeros_like(p),
        "s": lambda p: torch.full_like(p, 0.1),
        "1": lambda p: torch.ones(()),
        "e": lambda p: torch.tensor(0.1),
    }
    for module, (name, kinds, options) in FUNCTIONS.items():
        torch.manual_seed(0)
        params = [torch.randn(3), torch.randn(2, 2)]
        grads = [torch.randn(3), torch.randn(2, 2)]
        lists = [[make[kind](p) for p in params] if kind != "-" else [] for kind in kinds]
        steps = [torch.tensor(0.0) for _ in params]
        call = getattr(importlib.import_module(f"{torch.__name__}.optim.{module}"), name)
        for _ in range(2):
            call(params, grads, *lists, steps, **options)
        answers[name] = [numbers(params), numbers(lists), numbers(steps)]
    params, grads, buffers = [torch.ones(2)], [torch.ones(2)], [None]
    sgd = importlib.import_module(f"{torch.__name__}.optim.sgd").sgd
    for _ in range(2):
        sgd(
            params, grads, buffers,
            weight_decay=0, momentum=0.9, lr=0.1, dampening=0.5, nesterov=False, maximize=False,
        )  # fmt: skip
    answers["sgd"] = [numbers(params), numbers(buffers)]
    answers["missing"] = said(lambda: sgd(params, grads, buffers, momentum=0.9, lr=0.1))
    return answers


@program
def differentiable(torch):
    """The gradient of where a step leads, by the gradient before it and by the rate."""
    answers = {}
    for name, variants in OPTIONS.items():
        if name in ("LBFGS", "Muon", "Adafactor"):
            continue
        for options in variants:
            # PyTorch lets no gradient into the first momentum of SGD.
            if options.get("foreach") or (name == "SGD" and "momentum" in options):
                continue
            torch.manual_seed(0)
            g = torch.rand(4, dtype=torch.float64, requires_grad=True)
            w = torch.rand(4, dtype=torch.float64, requires_grad=True).clone()
            lr = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
            with_rate = name in ("SGD", "Adam", "AdamW")
            rate = {"lr": lr} if with_rate and "weight_decay" not in options else {}
            optimizer = getattr(torch.optim, name)([w], **{**given(torch, options), **rate, "differentiable": True})
            w.grad = g + 0.1
            optimizer.step()
            wanted = [g, lr] if rate else [g]
            found = torch.autograd.grad((w * w).sum(), wanted, allow_unused=True)
            answers[f"{name} {options}"] = [
                w.tolist(),
                *(numbers(torch.zeros_like(g) if each is None else each) for each in found),
            ]
    return answers


@program
def hooks(torch):
    log: list[Any] = []
    p = torch.zeros(2, requires_grad=True)
    p.grad = torch.ones(2)
    optimizer = torch.optim.Adam([("p", p)])
    module = importlib.import_module(f"{torch.__name__}.optim.optimizer")
    handles = [
        optimizer.register_step_pre_hook(lambda o, args, kwargs: log.append(["before", len(args), list(kwargs)])),
        optimizer.register_step_post_hook(lambda o, args, kwargs: log.append(["after", len(args), list(kwargs)])),
        module.register_optimizer_step_pre_hook(lambda *given: log.append("all before")),
        module.register_optimizer_step_post_hook(lambda *given: log.append("all after")),
    ]
    optimizer.step()
    optimizer.step(lambda: log.append("closure"))

    class Own(torch.optim.Optimizer):
        def step(self):
            log.append("own")
            return 5

    log.append(Own([p], {"lr": 1}).step())
    for handle in handles:
        handle.remove()
    optimizer.step()
    optimizer.register_step_pre_hook(lambda o, args, kwargs: 3)
    log.append(said(optimizer.step)[1][-50:])
    optimizer.register_state_dict_pre_hook(lambda o: log.append("saving"))
    optimizer.register_state_dict_post_hook(lambda o, saved: log.append(list(saved)))
    optimizer.register_state_dict_post_hook(lambda o, saved: {**saved, "more": 1}, prepend=True)
    optimizer.register_load_state_dict_pre_hook(lambda o, saved: log.append(sorted(saved)))
    optimizer.register_load_state_dict_post_hook(lambda o: log.append("loaded"))
    optimizer.load_state_dict(optimizer.state_dict())
    return log


@program
def clipped(torch):
    """Gradients held within bounds, by norms of every order."""
    utils = torch.nn.utils
    params = [torch.ones(3, requires_grad=True) for _ in range(3)]
    answers = []

    def fresh():
        for i, p in enumerate(params[:2]):
            p.grad = torch.arange(3.0) * (i + 1) - 1
        return [p.grad for p in params[:2]]

    for order in (2, 1, float("inf"), 0.5, 3, -1, 0, "inf"):
        grads = fresh()
        answers.append([float(utils.clip_grad_norm_(params, 1.0, norm_type=order)), numbers(grads)])
    for foreach in (True, False, None):
        grads = fresh()
        utils.clip_grad_value_(iter(params), 0.5, foreach=foreach)
        answers.append([numbers(grads), float(utils.get_total_norm(grads, foreach=foreach))])
    grads = fresh()
    utils.clip_grads_with_norm_(params, 1.0, torch.tensor(5.0))
    grads[0][0] = float("nan")
    answers += [numbers(grads[1]), said(lambda: utils.clip_grad_norm_(params, 1.0, error_if_nonfinite=True))]
    return [*answers, float(utils.get_total_norm([])), float(utils.clip_grad_norm_(params[2], 1.0))]


@program
def swapped(torch):
    fit = Fit(torch, torch.float64)
    optimizer = torch.optim.SGD(fit.params, lr=0.1, momentum=0.9)
    fit.run(optimizer, 2)
    others = {"w": torch.ones(3, 2, dtype=torch.float64), "b": torch.ones(2, dtype=torch.float64)}
    for other in others.values():
        other.grad = torch.ones_like(other)
    state = deepcopy(optimizer.state_dict())
    with torch.optim.swap_in_optimizer_params_and_state(optimizer, others, state):
        optimizer.step()
    return [numbers(list(others.values())), numbers(state["state"][0]["momentum_buffer"]), fit.run(optimizer, 2)]


@program
def sentences(torch):
    optim = torch.optim
    p, q = torch.zeros(1, requires_grad=True), torch.zeros(2, 2, requires_grad=True)
    two = torch.tensor([0.1, 0.2])
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("SGD", {"lr": two}), ("Adam", {"lr": two}), ("LBFGS", {"lr": two}), ("Adafactor", {"lr": two}),
        ("Adam", {"foreach": True, "fused": True}), ("SGD", {"differentiable": True, "fused": True}),
        ("Adam", {"lr": torch.tensor(0.1), "foreach": True}), ("Adam", {"betas": (torch.tensor(0.9), 0.9)}),
        ("AdamW", {"betas": (torch.tensor(0.9), torch.tensor(0.9)), "foreach": True}), ("Adam", {"lr": None}),
        ("NAdam", {"momentum_decay": -1}), ("NAdam", {"betas": (1.0, 0.0)}), ("RAdam", {"eps": -1}),
        ("Rprop", {"etas": (1.0, 0.5)}), ("Rprop", {"lr": -1}), ("ASGD", {"weight_decay": -1}),
        ("ASGD", {"lambd": -1, "alpha": -1, "t0": -1}), ("LBFGS", {"lr": -1}), ("Muon", {"lr": -1}),
        ("Muon", {"momentum": -1}), ("Muon", {"weight_decay": -1}), ("Muon", {"adjust_lr_fn": "x"}),
        ("Adafactor", {"lr": -1}), ("Adafactor", {"beta2_decay": 1}), ("Adafactor", {"eps": (-1, 1)}),
        ("Adafactor", {"eps": (1, -1)}), ("Adafactor", {"d": 0.5}), ("Adafactor", {"weight_decay": -1}),
        ("Adadelta", {"rho": 1.1}), ("Adagrad", {"lr_decay": -0.5}), ("Adam", {"betas": (0, 0.9)}),
        ("AdamW", {"betas": (0.5, 0)}), ("NAdam", {"betas": (0, 0.9)}),
    ]  # fmt: skip

    def made(name, options):
        return lambda: getattr(optim, name)([q], **options)

    answers = [said(made(name, options)) for name, options in wrong]
    calls = [
        lambda: optim.Muon([p]),
        lambda: optim.LBFGS([{"params": [p]}, {"params": [q]}]),
        lambda: optim.LBFGS([q]).step(),
        lambda: optim.SGD([("a", q), p]),
        lambda: optim.SGD([{"params": [("a", q)]}, {"params": [p]}]),
        lambda: optim.SGD([[q]]),
        lambda: optim.SGD("ab"),
        lambda: optim.SGD({"a": q}),
        lambda: optim.Optimizer([p], {}).step(),
    ]
    answers += [said(call) for call in calls]
    q.grad = torch.ones(2, 2)
    for name in ("Adam", "NAdam", "ASGD", "Adadelta", "Rprop"):
        answers.append(said(lambda name=name: getattr(optim, name)([q], capturable=True).step()))
    return answers
