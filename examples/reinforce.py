# REINFORCE learns to balance a pole on a cart by pushing it to the left or to the right.
import math
import os

import torch
from torch import nn
from torch.distributions import Categorical

STEPS = int(os.environ.get("STEPS", 30))
POLES, LIMIT = 32, 200  # so many poles at once, each for at most so many pushes
torch.manual_seed(0)


def pushed(state, action):
    """The state of carts and poles 0.02 s later. A state is (n, 4): place, speed, angle, angular speed.

    The equations of a frictionless cart (1 kg) and pole (0.1 kg, 1 m), pushed with 10 N, as in Barto, Sutton and
    Anderson (1983).
    """
    x, v, angle, spin = state.unbind(1)
    force = 20.0 * action - 10.0
    sin, cos = torch.sin(angle), torch.cos(angle)
    push = (force + 0.05 * spin**2 * sin) / 1.1
    turn = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
    slide = push - 0.05 * turn * cos / 1.1
    return torch.stack([x + 0.02 * v, v + 0.02 * slide, angle + 0.02 * spin, spin + 0.02 * turn], dim=1)


policy = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 2))
optimizer = torch.optim.Adam(policy.parameters(), lr=0.02)

for step in range(STEPS):
    state = torch.rand(POLES, 4) * 0.1 - 0.05
    up = torch.ones(POLES, dtype=torch.bool)
    log_probs, rewards = [], []
    while up.any() and len(rewards) < LIMIT:
        choice = Categorical(logits=policy(state))
        action = choice.sample()
        log_probs.append(choice.log_prob(action))
        rewards.append(1.0 * up)  # 1 for each moment that the pole stands
        state = pushed(state, action)
        up = up & (state[:, 0].abs() < 2.4) & (state[:, 2].abs() < math.radians(12))

    rewards = torch.stack(rewards)  # (time, poles)
    # What each push was worth: the rewards from then on, later ones counting less.
    returns, later = torch.zeros_like(rewards), torch.zeros(POLES)
    for t in range(len(rewards) - 1, -1, -1):
        later = rewards[t] + 0.99 * later
        returns[t] = later
    stood = rewards.bool()
    worth = (returns - returns[stood].mean()) / (returns[stood].std() + 1e-6)

    # Pushes that were worth more than others become more likely.
    loss = -(torch.stack(log_probs) * worth)[stood].mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % max(1, STEPS // 20) == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}  poles stood for {rewards.sum(0).mean().item():.1f} pushes")

print(f"at last they stood for {rewards.sum(0).mean().item():.1f} of {LIMIT} pushes")
