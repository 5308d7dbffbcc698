# The optimizers race: the same network from the same start learns to part the arms of a spiral.
import os

import torch
from torch import nn, optim

import playground

STEPS = int(os.environ.get("STEPS", 200))
X, y = playground.dataset("spiral", n=200, seed=0)

RACERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.5),
    "momentum": lambda p: optim.SGD(p, lr=0.2, momentum=0.9),
    "Nesterov": lambda p: optim.SGD(p, lr=0.2, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.02),
    "Adadelta": lambda p: optim.Adadelta(p, lr=1.0),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, alpha=0.9),
    "Rprop": lambda p: optim.Rprop(p, lr=0.01),
    "Adam": lambda p: optim.Adam(p, lr=0.02),
    "AdamW": lambda p: optim.AdamW(p, lr=0.02, weight_decay=0.01),
    "Adamax": lambda p: optim.Adamax(p, lr=0.02),
    "NAdam": lambda p: optim.NAdam(p, lr=0.02),
    "RAdam": lambda p: optim.RAdam(p, lr=0.02),
    "ASGD": lambda p: optim.ASGD(p, lr=0.5),
    "LBFGS": lambda p: optim.LBFGS(p, max_iter=8, line_search_fn="strong_wolfe"),
}


class Racer:
    """A network with its optimizer; all begin with the same weights."""

    def __init__(self, make):
        torch.manual_seed(1)
        self.model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 2))
        self.optimizer = make(self.model.parameters())

    def loss(self):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(X), y)
        loss.backward()
        return loss

    def step(self):
        # LBFGS asks for the loss several times a step, so it is given as a function.
        return self.optimizer.step(self.loss).item()


racers = [Racer(make) for make in RACERS.values()]
print("step " + "".join(f"{name:>9}" for name in RACERS))
for step in range(STEPS):
    losses = [racer.step() for racer in racers]
    if step % max(1, STEPS // 20) == 0:
        print(f"{step:4d} " + "".join(f"{loss:9.4f}" for loss in losses))

with torch.no_grad():
    right = [(racer.model(X).argmax(1) == y).float().mean().item() for racer in racers]
print("right" + "".join(f"{share:9.3f}" for share in right))
