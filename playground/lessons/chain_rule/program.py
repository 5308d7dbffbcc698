import torch

# A neuron with two inputs: out = tanh(x1·w1 + x2·w2 + b)
x1 = torch.tensor(2.0, requires_grad=True)
x2 = torch.tensor(0.5, requires_grad=True)
w1 = torch.tensor(-1.5, requires_grad=True)
w2 = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(3.2, requires_grad=True)

weighted = x1 * w1 + x2 * w2
total = weighted + b
out = torch.tanh(total)

out.backward()

for name, value in [("x1", x1), ("w1", w1), ("x2", x2), ("w2", w2), ("b", b)]:
    print(f"d out / d {name} = {value.grad.item():+.4f}")

# The same by hand: tanh'(total) = 1 - out², then times the other factor.
local = 1 - out.item() ** 2
print(f"by hand, w1: {local * x1.item():+.4f}")
