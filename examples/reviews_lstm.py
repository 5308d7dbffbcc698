# An LSTM reads a sentence from a film review word by word and says how much the critic liked the film.
import os

import torch
from torch import nn
from torch.utils.data import DataLoader

from playground import Reviews

STEPS = int(os.environ.get("STEPS", 600))
torch.manual_seed(0)

reviews = Reviews(train=True)  # an item: the numbers of the words, filled up with 0, and one of five classes
loader = DataLoader(reviews, batch_size=32, shuffle=True)


class Reader(nn.Module):
    def __init__(self, words, classes, width=64):
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=0)
        self.lstm = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(2 * width, classes)

    def forward(self, x):
        longest = int((x != 0).sum(1).max())
        x = x[:, :longest]  # no need to read what only fills up
        states, _ = self.lstm(self.dropout(self.embedding(x)))  # (batch, words, 2 * width)
        # Of each feature the strongest over the words; the places that fill up do not count.
        states = states.masked_fill((x == 0).unsqueeze(2), float("-inf"))
        return self.head(self.dropout(states.amax(1)))


def batches():
    while True:
        yield from loader


model = Reader(len(reviews.vocabulary), len(reviews.classes))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

model.train()
for step, (sentences, classes) in zip(range(STEPS), batches()):
    loss = nn.functional.cross_entropy(model(sentences), classes)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % max(1, STEPS // 20) == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}")

model.eval()
held_out = Reviews(train=False)
with torch.no_grad():
    right = model(held_out.data).argmax(1) == held_out.targets
    likely = torch.bincount(reviews.targets).argmax()
    print(f"accuracy on held-out sentences {right.float().mean().item():.3f}")
    print(f"always the commonest class     {(held_out.targets == likely).float().mean().item():.3f}")
    for text in ("a wonderful, moving film", "dull, lifeless and far too long"):
        print(f"{text}: {reviews.classes[model(reviews.encode(text)[None]).argmax().item()]}")
