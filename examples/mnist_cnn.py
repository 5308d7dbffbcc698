# A convolutional network learns to read handwritten digits: the same small filters look at every place of the image.
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from playground import MNIST

STEPS = int(os.environ.get("STEPS", 420))
torch.manual_seed(0)
loader = DataLoader(MNIST(train=True), batch_size=64, shuffle=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, kernel_size=3, padding=1)
        self.dropout = nn.Dropout(0.25)
        self.fc = nn.Linear(24 * 7 * 7, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)  # (batch, 12, 14, 14)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)  # (batch, 24, 7, 7)
        return self.fc(self.dropout(x.flatten(1)))


def batches():
    while True:
        yield from loader


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=max(STEPS, 100))

model.train()
for step, (images, labels) in zip(range(STEPS), batches()):
    loss = F.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if step % max(1, STEPS // 20) == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}")

model.eval()  # no dropout from here on
held_out = MNIST(train=False)
with torch.no_grad():
    right = model(held_out.data).argmax(dim=1) == held_out.targets
print(f"accuracy on held-out digits {right.float().mean().item():.3f}")
