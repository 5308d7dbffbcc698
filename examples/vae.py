# A variational autoencoder learns to press a digit into eight numbers, and to draw digits that nobody wrote.
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from playground import MNIST

STEPS = int(os.environ.get("STEPS", 600))
LATENT = 8
torch.manual_seed(0)
loader = DataLoader(MNIST(train=True), batch_size=64, shuffle=True)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 2 * LATENT))
        self.decoder = nn.Sequential(nn.Linear(LATENT, 200), nn.ReLU(), nn.Linear(200, 784))

    def forward(self, x):
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        # Drawing is made of noise that needs no gradient, so that mean and variance can be learned.
        z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        return self.decoder(z), mean, log_variance


def negative_elbo(scores, x, mean, log_variance):
    """How badly the image is drawn again, and how far the codes are from a standard normal; for each image."""
    drawn = F.binary_cross_entropy_with_logits(scores, x, reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
    return (drawn + divergence) / len(x)


def batches():
    while True:
        yield from loader


model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for step, (images, _) in zip(range(STEPS), batches()):
    x = images.flatten(1)
    scores, mean, log_variance = model(x)
    loss = negative_elbo(scores, x, mean, log_variance)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % max(1, STEPS // 20) == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}")

# A digit from nowhere, in letters.
with torch.no_grad():
    image = torch.sigmoid(model.decoder(torch.randn(1, LATENT))).reshape(28, 28)
for row in image[::2]:
    print("".join(" .:*#"[min(int(5 * value), 4)] for value in row.tolist()).rstrip())
