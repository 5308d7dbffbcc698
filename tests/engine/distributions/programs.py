"""Programs as tutorials write them, with distributions, whose losses are those of PyTorch."""

from __future__ import annotations

from typing import Any

PROGRAMS: dict[str, Any] = {}


def program(function: Any) -> Any:
    PROGRAMS[function.__name__] = function
    return function


@program
def autoencoder(torch: Any) -> Any:
    """A variational autoencoder of two clusters, its divergence in closed form."""
    nn, D = torch.nn, torch.distributions
    torch.manual_seed(0)
    x = torch.cat([torch.randn(32, 4) * 0.3 + 1, torch.randn(32, 4) * 0.3 - 1])
    encoder = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 4))
    decoder = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 4))
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-2)
    prior = D.Independent(D.Normal(torch.zeros(2), torch.ones(2)), 1)
    losses = []
    for _ in range(25):
        mean, log_scale = encoder(x).chunk(2, dim=-1)
        posterior = D.Independent(D.Normal(mean, log_scale.exp()), 1)
        z = posterior.rsample()
        likelihood = D.Normal(decoder(z), 0.5).log_prob(x).sum(-1)
        loss = (D.kl_divergence(posterior, prior) - likelihood).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@program
def bernoulli_autoencoder(torch: Any) -> Any:
    """The same with pixels of zero and one, and logits."""
    nn, D = torch.nn, torch.distributions
    torch.manual_seed(1)
    x = (torch.rand(24, 6) < torch.tensor([0.9, 0.8, 0.5, 0.2, 0.1, 0.5])).float()
    encoder, decoder = nn.Linear(6, 4), nn.Linear(2, 6)
    optimizer = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.05, momentum=0.9)
    losses = []
    for _ in range(20):
        mean, raw = encoder(x).chunk(2, -1)
        q = D.Normal(mean, nn.functional.softplus(raw) + 1e-3)
        p = D.Bernoulli(logits=decoder(q.rsample()))
        loss = D.kl.kl_divergence(q, D.Normal(0, 1)).sum(-1).mean() - p.log_prob(x).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@program
def reinforce(torch: Any) -> Any:
    """A policy learned from the rewards of its own draws: the states of a ring, one step left or right."""
    nn, D = torch.nn, torch.distributions
    torch.manual_seed(3)
    policy = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(policy.parameters(), lr=3e-2)
    eye, losses, lengths = torch.eye(5), [], []
    for _ in range(25):
        state, log_probs, rewards = 2, [], []
        while len(rewards) < 8:
            m = D.Categorical(torch.softmax(policy(eye[state]), dim=-1))
            action = m.sample()
            log_probs.append(m.log_prob(action))
            state = (state + (1 if action.item() else -1)) % 5
            rewards.append(1.0 if state == 4 else -0.1)
        returns = torch.tensor([sum(rewards[i:]) for i in range(len(rewards))])
        returns = (returns - returns.mean()) / (returns.std() + 1e-6)
        loss = torch.stack([-each * r for each, r in zip(log_probs, returns, strict=True)]).sum() - 0.01 * m.entropy()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        lengths.append(sum(rewards))
    return [losses, lengths]


@program
def actor_of_numbers(torch: Any) -> Any:
    """A policy over the line: normal draws squashed by tanh, with the change of the density."""
    D = torch.distributions
    torch.manual_seed(4)
    mean = torch.zeros(2, requires_grad=True)
    log_std = torch.full((2,), -0.5, requires_grad=True)
    optimizer = torch.optim.Adam([mean, log_std], lr=5e-2)
    goal, losses = torch.tensor([0.5, -0.3]), []
    for _ in range(30):
        base = D.Normal(mean, log_std.exp())
        squashed = D.TransformedDistribution(base, [D.transforms.TanhTransform(cache_size=1)])
        action = squashed.rsample((16,))
        loss = ((action - goal) ** 2).sum(-1).mean() + 0.05 * squashed.log_prob(action).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@program
def mixture(torch: Any) -> Any:
    """Two clusters found by the gradient of a mixture's likelihood."""
    D = torch.distributions
    torch.manual_seed(5)
    truth = D.MixtureSameFamily(D.Categorical(torch.tensor([0.3, 0.7])), D.Normal(torch.tensor([-2.0, 1.5]), 0.5))
    x = truth.sample((60,))
    logits = torch.zeros(2, requires_grad=True)
    loc = torch.tensor([-0.5, 0.5], requires_grad=True)
    raw = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.Adam([logits, loc, raw], lr=0.1)
    losses = []
    for _ in range(30):
        model = D.MixtureSameFamily(D.Categorical(logits=logits), D.Normal(loc, raw.exp()))
        loss = -model.log_prob(x).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return [losses, loc.tolist(), model.mean.item(), model.cdf(torch.tensor([0.0])).item()]


@program
def gumbel_softmax(torch: Any) -> Any:
    """Logits learned through relaxed and through straight-through draws."""
    D = torch.distributions
    torch.manual_seed(6)
    logits = torch.zeros(4, requires_grad=True)
    optimizer = torch.optim.SGD([logits], lr=0.5)
    cost, losses = torch.tensor([3.0, 1.0, 0.0, 2.0]), []
    for step in range(20):
        if step % 2:
            y = D.RelaxedOneHotCategorical(torch.tensor(0.5), logits=logits).rsample((8,))
        else:
            y = D.OneHotCategoricalStraightThrough(logits=logits).rsample((8,))
        loss = (y * cost).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return [losses, logits.tolist()]


@program
def gaussian_posterior(torch: Any) -> Any:
    """Variational inference with a full covariance, its Cholesky factor made by a registered transform."""
    D, C = torch.distributions, torch.distributions.constraints
    torch.manual_seed(7)
    target = D.MultivariateNormal(torch.tensor([1.0, -1.0]), torch.tensor([[1.0, 0.6], [0.6, 0.8]]))
    loc, free = torch.zeros(2, requires_grad=True), torch.zeros(2, 2, requires_grad=True)
    optimizer = torch.optim.Adam([loc, free], lr=0.1)
    losses, exact = [], []
    for _ in range(25):
        q = D.MultivariateNormal(loc, scale_tril=D.transform_to(C.lower_cholesky)(free))
        x = q.rsample((8,))
        loss = (q.log_prob(x) - target.log_prob(x)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        exact.append(D.kl_divergence(q, target).item())
    return [losses, exact]


@program
def a_distribution_of_ones_own(torch: Any) -> Any:
    """A subclass of Distribution with a divergence of its own, and a subclass of another."""
    D = torch.distributions

    class Triangular(D.Distribution):
        arg_constraints = {"width": D.constraints.positive}  # noqa: RUF012
        has_rsample = True

        def __init__(self, width: Any, validate_args: Any = None) -> None:
            self.width = width
            super().__init__(width.shape, torch.Size(), validate_args=validate_args)

        @D.constraints.dependent_property(is_discrete=False, event_dim=0)
        def support(self) -> Any:
            return D.constraints.interval(0.0, self.width)

        def rsample(self, sample_shape: Any = torch.Size()) -> Any:  # noqa: B008
            shape = self._extended_shape(sample_shape)
            return self.width * torch.rand(shape).sqrt()

        def log_prob(self, value: Any) -> Any:
            if self._validate_args:
                self._validate_sample(value)
            return torch.log(2 * value / self.width**2)

    @D.register_kl(Triangular, Triangular)
    def _kl(p: Any, q: Any) -> Any:
        return 2 * (q.width / p.width).log()

    class Standard(D.Normal):
        pass

    torch.manual_seed(8)
    p, q = Triangular(torch.tensor([1.0, 2.0])), Triangular(torch.tensor(3.0))
    x = p.sample((3,))
    said = []
    for wrong in (
        lambda: p.log_prob(torch.tensor(1.5)),
        lambda: Triangular(torch.tensor(-1.0)),
        lambda: p.expand((2,)),
    ):
        try:
            wrong()
        except (ValueError, NotImplementedError) as error:
            said.append(str(error))
    return [
        repr(p), x.tolist(), p.log_prob(x).tolist(), D.kl_divergence(p, q).tolist(), said,
        D.kl_divergence(Standard(0.0, 1.0), D.Normal(1.0, 2.0)).item(), repr(Standard(0.0, 1.0).expand((2,))),
        D.Independent(p, 1).log_prob(x).tolist(),
    ]  # fmt: skip


@program
def lazy_values(torch: Any) -> Any:
    """What is computed when it is first asked for, what is kept, what is a view, what has a gradient."""
    D = torch.distributions
    found = []
    for dist in (
        D.Bernoulli(logits=torch.zeros(2)),
        D.Categorical(logits=torch.zeros(2)),
        D.Binomial(3, logits=torch.zeros(2)),
    ):
        found.append(["probs" in vars(dist), "logits" in vars(dist)])
        dist.expand((3, *dist.batch_shape))
        found.append(["probs" in vars(dist), list(dist.probs.shape), "probs" in vars(dist)])
    m = D.MultivariateNormal(torch.zeros(2), precision_matrix=torch.eye(2))
    found.append([name in vars(m) for name in ("covariance_matrix", "precision_matrix", "scale_tril")])
    p = torch.tensor([0.3, 0.6], requires_grad=True)
    with torch.no_grad():
        dist = D.Bernoulli(probs=p)
        found.append([dist.logits.requires_grad, dist.sample().requires_grad, dist.mean.requires_grad])
    loc = torch.zeros(3, requires_grad=True)
    n = D.Normal(loc, 1.0)
    found.append([n.loc is loc, n.scale.dtype == torch.float32, n.sample().requires_grad, n.rsample().requires_grad])
    found.append(
        [str(D.Normal(torch.zeros(2, dtype=torch.float64), 1).scale.dtype), D.Normal(0.0, 1.0).sample().shape == ()]
    )
    t = D.transforms.TanhTransform(cache_size=1)
    x = torch.tensor([0.5, 30.0])
    y = t(x)
    found.append([t.inv(y) is x, t(x) is y, t.inv is t.inv, t.inv.inv is t, t == D.transforms.TanhTransform()])
    before = D.Distribution._validate_args
    D.Distribution.set_default_validate_args(False)
    found.append([repr(D.Normal(0.0, -1.0)), before])
    D.Distribution.set_default_validate_args(True)
    return found


@program
def far_ends(torch: Any) -> Any:
    """Draws of tiny concentrations, and continuous Bernoulli distributions of great logits."""
    D = torch.distributions
    torch.manual_seed(1)
    found = []
    for kind in (torch.float32, torch.float64):
        for size in (1e-3, 1e-20):
            tiny = torch.tensor([size], dtype=kind)
            found.append(D.Beta(tiny, tiny).sample((3,)).flatten().tolist())
            found.append(D.Beta(tiny, torch.ones_like(tiny)).sample((3,)).flatten().tolist())
            found.append(D.Dirichlet(tiny.expand(3)).sample().tolist())
        for logit in (-1e30, -50.0, 50.0, 1e30):
            logits = torch.tensor([logit], dtype=kind, requires_grad=True)
            chance = D.ContinuousBernoulli(logits=logits)
            log = chance.log_prob(torch.ones_like(logits))
            log.backward()
            found.append([each.tolist() for each in (chance.probs, log, logits.grad, chance.mean)])
    return found


def every(torch: Any) -> dict[str, Any]:
    """The answers of all programs."""
    return {name: function(torch) for name, function in PROGRAMS.items()}
