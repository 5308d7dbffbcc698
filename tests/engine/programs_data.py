"""Programs about loaders and samplers, run with PyTorch to record their answers and with the engine to compare.

Each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

from tests.engine.programs import Programs, said

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


@program
def batches(torch):
    data = torch.utils.data
    torch.manual_seed(9)
    numbers = data.TensorDataset(torch.arange(10), torch.arange(10) * 0.5)
    loader = data.DataLoader(numbers, batch_size=4, shuffle=True)
    answers = [[batch[0].tolist() for batch in loader] for _ in range(3)]
    own = torch.Generator().manual_seed(2)
    with_own = data.DataLoader(numbers, batch_size=3, shuffle=True, generator=own, drop_last=True)
    answers += [[batch[0].tolist() for batch in with_own] for _ in range(2)]
    parts = data.random_split(numbers, [7, 3], generator=torch.Generator().manual_seed(1))
    answers.append([list(part.indices) for part in parts])
    answers.append([list(part.indices) for part in data.random_split(range(11), [0.5, 0.3, 0.2])])
    answers.append([batch[1].tolist() for batch in data.DataLoader(parts[0], batch_size=2)])
    some = data.RandomSampler(range(50), replacement=True, num_samples=40)
    answers.append(list(some))
    answers.append(list(data.SubsetRandomSampler([5, 6, 7, 8])))
    answers.append(list(data.WeightedRandomSampler([0.1, 0.5, 2.0], 8)))
    answers.append(list(data.BatchSampler(data.SequentialSampler(range(7)), 3, False)))
    answers.append(torch.rand(1).tolist())
    return answers


@program
def collated(torch):
    collate = torch.utils.data.default_collate
    batches = [
        [1, 2], [1.5, 2.5], [True, False], ["a", "b"], [(1, 2.0), (3, 4.0)], [{"x": 1, "y": "s"}, {"x": 2, "y": "t"}],
        [torch.ones(2), torch.zeros(2)], [[torch.ones(1), 2], [torch.zeros(1), 3]],
    ]  # fmt: skip
    return [str(collate(batch)) for batch in batches] + [said(lambda: collate([object()]))[0]]
