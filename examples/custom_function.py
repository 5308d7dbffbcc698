# An operation with a derivative of one's own: what it computes, and how a gradient goes back through it.
import os

import torch
from torch import nn

STEPS = int(os.environ.get("STEPS", 500))
torch.manual_seed(0)


class Swish(torch.autograd.Function):
    """y = x * sigmoid(x)"""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)  # kept for the way back
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad_output * (s + x * s * (1 - s))


class Rounded(torch.autograd.Function):
    """Rounding, whose true derivative is 0 nearly everywhere; the gradient goes straight through, as if x stayed."""

    @staticmethod
    def forward(ctx, x, steps):
        return torch.round(x * steps) / steps

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output, None  # nothing for `steps`


# Is the derivative right? gradcheck compares it with finite differences, in double precision.
x = torch.randn(5, dtype=torch.float64, requires_grad=True)
print("first derivative right:", torch.autograd.gradcheck(Swish.apply, (x,)))
print("second derivative right:", torch.autograd.gradgradcheck(Swish.apply, (x,)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(1, 24), nn.Linear(24, 1)

    def forward(self, x):
        hidden = Swish.apply(self.first(x))
        return self.second(Rounded.apply(hidden, 16))  # a network that computes with sixteenths


inputs = torch.linspace(-3, 3, 100).unsqueeze(1)
wanted = torch.sin(2 * inputs)
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(STEPS):
    loss = nn.functional.mse_loss(model(inputs), wanted)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % max(1, STEPS // 20) == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}")
print(f"at last {loss.item():.4f}")
