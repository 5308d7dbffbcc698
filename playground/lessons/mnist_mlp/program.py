import playground
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

# 10,000 real MNIST digits: 9,000 to learn from, 1,000 held out.
X, y = playground.dataset("mnist", train=True)
X_test, y_test = playground.dataset("mnist", train=False)
loader = DataLoader(TensorDataset(X, y), batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

for epoch in range(8):
    for images, labels in loader:
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    with torch.no_grad():
        accuracy = (model(X_test).argmax(dim=1) == y_test).float().mean().item()
    playground.log(test_accuracy=accuracy)
    print(f"epoch {epoch + 1}: loss {loss.item():.3f}, accuracy on held-out digits {accuracy:.1%}")
