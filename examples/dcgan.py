# Two networks play against each other: one draws digits, the other tells them from real ones.
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from playground import MNIST

STEPS = int(os.environ.get("STEPS", 300))
NOISE = 32
torch.manual_seed(0)
# Pixels from -1 to 1, as tanh gives them.
real = MNIST(train=True, transform=lambda image: image * 2 - 1)
loader = DataLoader(real, batch_size=32, shuffle=True, drop_last=True)

generator = nn.Sequential(
    nn.ConvTranspose2d(NOISE, 32, 7, bias=False),  # (batch, 32, 7, 7)
    nn.BatchNorm2d(32),
    nn.ReLU(),
    nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1, bias=False),  # (batch, 16, 14, 14)
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),  # (batch, 1, 28, 28)
    nn.Tanh(),
)
discriminator = nn.Sequential(
    nn.Conv2d(1, 16, 4, stride=2, padding=1),  # (batch, 16, 14, 14)
    nn.LeakyReLU(0.2),
    nn.Conv2d(16, 32, 4, stride=2, padding=1, bias=False),  # (batch, 32, 7, 7)
    nn.BatchNorm2d(32),
    nn.LeakyReLU(0.2),
    nn.Conv2d(32, 1, 7),  # (batch, 1, 1, 1)
    nn.Flatten(0),
)


def init(module):
    """Weights as the DCGAN paper (Radford and others, 2015) draws them."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


generator.apply(init)
discriminator.apply(init)
optimizer_g = torch.optim.Adam(generator.parameters(), lr=5e-4, betas=(0.5, 0.999))
optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=5e-4, betas=(0.5, 0.999))
ones, zeros = torch.ones(32), torch.zeros(32)


def batches():
    while True:
        yield from loader


for step, (images, _) in zip(range(STEPS), batches()):
    drawn = generator(torch.randn(32, NOISE, 1, 1))

    # The discriminator learns to say 1 of real digits and 0 of drawn ones; detach() keeps the generator out of it.
    optimizer_d.zero_grad()
    loss_d = F.binary_cross_entropy_with_logits(discriminator(images), ones)
    loss_d = loss_d + F.binary_cross_entropy_with_logits(discriminator(drawn.detach()), zeros)
    loss_d.backward()
    optimizer_d.step()

    # The generator learns to draw what the discriminator takes for real.
    optimizer_g.zero_grad()
    loss_g = F.binary_cross_entropy_with_logits(discriminator(drawn), ones)
    loss_g.backward()
    optimizer_g.step()

    if step % max(1, STEPS // 20) == 0:
        print(f"step {step:4d}  discriminator {loss_d.item():.4f}  generator {loss_g.item():.4f}")

generator.eval()
with torch.no_grad():
    image = generator(torch.randn(1, NOISE, 1, 1))[0, 0]
for row in image[::2]:
    print("".join(" .:*#"[min(int(2.5 * (value + 1)), 4)] for value in row.tolist()).rstrip())
