import playground
import torch
from torch import nn

X, y = playground.dataset("moons", n=200, seed=0)

model = nn.Sequential(
    nn.Linear(2, 16),
    nn.Tanh(),
    nn.Linear(16, 16),
    nn.Tanh(),
    nn.Linear(16, 2),
)
lr = playground.param("lr", 0.05, 0.0, 0.3)
optimizer = torch.optim.Adam(model.parameters(), lr=lr)

for step in range(60):
    logits = model(X)
    loss = nn.functional.cross_entropy(logits, y)

    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

    accuracy = (logits.argmax(dim=1) == y).float().mean().item()
    playground.log(accuracy=accuracy)
    playground.boundary(model, X, y)

print(f"loss {loss.item():.4f}, accuracy {accuracy:.1%}")
