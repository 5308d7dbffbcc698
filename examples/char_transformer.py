# A transformer learns to write, letter by letter, from sentences of film reviews.
import os

import torch
from torch import nn

from playground import Reviews

STEPS = int(os.environ.get("STEPS", 400))
torch.manual_seed(0)

text = "\n".join(Reviews(train=True).texts)
letters = sorted(set(text))
number = {letter: i for i, letter in enumerate(letters)}
data = torch.tensor([number[letter] for letter in text])
CONTEXT, WIDTH = 48, 64


class Writer(nn.Module):
    def __init__(self):
        super().__init__()
        self.letter = nn.Embedding(len(letters), WIDTH)
        self.place = nn.Embedding(CONTEXT, WIDTH)
        layer = nn.TransformerEncoderLayer(
            WIDTH, nhead=4, dim_feedforward=4 * WIDTH, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, len(letters))

    def forward(self, x):
        n = x.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(n)  # no letter sees those after it
        h = self.letter(x) + self.place(torch.arange(n))
        return self.head(self.layers(h, mask=mask, is_causal=True))


model = Writer()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)

for step in range(STEPS):
    starts = torch.randint(len(data) - CONTEXT, (16,))
    rows = torch.stack([data[i : i + CONTEXT + 1] for i in starts])
    scores = model(rows[:, :-1])  # (batch, context, letters): what comes next, at every place
    loss = nn.functional.cross_entropy(scores.flatten(0, 1), rows[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % max(1, STEPS // 20) == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}")

# Write: draw the next letter from what the model thinks likely, again and again.
written = torch.tensor([[number["\n"]]])
with torch.no_grad():
    for _ in range(min(STEPS, 200)):
        likely = model(written[:, -CONTEXT:])[:, -1].softmax(dim=1)
        written = torch.cat([written, torch.multinomial(likely, 1)], dim=1)
print("".join(letters[i] for i in written[0].tolist()).strip())
