# A network of two layers learns to read handwritten digits.
import os

import torch
from torch import nn
from torch.utils.data import DataLoader

from playground import MNIST

STEPS = int(os.environ.get("STEPS", 700))
torch.manual_seed(0)

# 9,000 real digits to learn from, in batches of 64, shuffled anew each time through.
loader = DataLoader(MNIST(train=True), batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Flatten(),  # (batch, 1, 28, 28) -> (batch, 784)
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 10),  # a score for each digit
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)


def batches():
    while True:
        yield from loader


for step, (images, labels) in zip(range(STEPS), batches()):
    loss = nn.functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % max(1, STEPS // 20) == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}")

# 1,000 digits that it has never seen.
held_out = MNIST(train=False)
with torch.no_grad():
    right = model(held_out.data).argmax(dim=1) == held_out.targets
print(f"accuracy on held-out digits {right.float().mean().item():.3f}")
