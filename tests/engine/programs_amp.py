"""Programs about mixed precision: what autocast casts, and the scaler of losses.

As in `programs_optim.py`, each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

import importlib
import pickle
import warnings
from typing import Any

from tests.engine.programs import Programs, said

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


def calls(torch, kind: Any) -> dict[str, Any]:
    """Calls of ops on operands of a dtype."""
    F, x, v = torch.nn.functional, torch.ones(3, 3).to(kind), torch.ones(3).to(kind)
    image, volume = torch.ones(1, 1, 4, 4).to(kind), torch.ones(1, 1, 4, 4, 4).to(kind)
    kernel, classes = torch.ones(1, 1, 2, 2).to(kind), torch.tensor([0, 1, 2])
    wide = torch.ones(3, 3)
    return {
        "matmul": lambda: x @ x, "mm": lambda: torch.mm(x, x), "mv": lambda: torch.mv(x, v),
        "dot": lambda: torch.dot(v, v), "inner": lambda: torch.inner(v, v), "outer": lambda: torch.outer(v, v),
        "bmm": lambda: torch.bmm(x[None], x[None]), "addmm": lambda: torch.addmm(x, x, x),
        "baddbmm": lambda: torch.baddbmm(x[None], x[None], x[None]), "linear": lambda: F.linear(x, x, v),
        "bilinear": lambda: F.bilinear(x, x, x[None]), "conv2d": lambda: F.conv2d(image, kernel),
        "conv_transpose2d": lambda: F.conv_transpose2d(image, kernel), "prelu": lambda: F.prelu(x, v[:1]),
        "einsum": lambda: torch.einsum("ij,jk->ik", x, x), "einsum outer": lambda: torch.einsum("i,j->ij", v, v),
        "attention": lambda: F.scaled_dot_product_attention(x[None], x[None], x[None]),
        "float64": lambda: x.double() @ x.double(), "out": lambda: torch.mm(x, x, out=torch.empty(3, 3).to(kind)),
        "add": lambda: x + x, "softmax": lambda: F.softmax(x, -1), "sum": lambda: x.sum(), "relu": lambda: F.relu(x),
        "layer_norm": lambda: F.layer_norm(x, (3,)), "exp": lambda: x.exp(), "mean": lambda: x.mean(),
        "cat": lambda: torch.cat([x, wide]), "stack": lambda: torch.stack([x, x]), "mixed": lambda: x + wide,
        "mse_loss": lambda: F.mse_loss(x, wide), "cross_entropy": lambda: F.cross_entropy(x, classes),
        "l1_loss": lambda: F.l1_loss(x, x), "nll_loss": lambda: F.nll_loss(x, classes),
        "bce": lambda: F.binary_cross_entropy_with_logits(x, x), "prod": lambda: x.prod(), "trace": lambda: x.trace(),
        "avg_pool2d": lambda: F.avg_pool2d(image, 2), "avg_pool3d": lambda: F.avg_pool3d(volume, 2),
        "max_pool3d": lambda: F.max_pool3d(volume, 2), "pad": lambda: F.pad(image, (1, 1)),
        "pad reflect": lambda: F.pad(image, (1, 1, 1, 1), "reflect"), "cdist": lambda: torch.cdist(x, x),
        "adaptive": lambda: F.adaptive_avg_pool2d(image.float(), 2), "inv": lambda: torch.linalg.inv(x + torch.eye(3)),
        "quantile": lambda: x.quantile(torch.tensor(0.5)), "fft": lambda: torch.fft.fft(x),
    }  # fmt: skip


@program
def dtypes(torch):
    """What each op gives under autocast, by what it is given."""
    answers = {}
    for kind in (torch.float32, torch.bfloat16, torch.float16):
        for lower in (torch.bfloat16, torch.float16):
            found = answers[f"{kind} {lower}"] = {}
            for name, call in calls(torch, kind).items():
                with torch.autocast("cpu", dtype=lower):
                    try:
                        found[name] = str(call().dtype)
                    except RuntimeError:
                        found[name] = "RuntimeError"
    return answers


@program
def training(torch):
    torch.manual_seed(0)
    F = torch.nn.functional
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.randn(16, 3), torch.randn(16, 2)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        with torch.amp.autocast(device_type="cpu", dtype=torch.bfloat16):
            out = model(x)
            loss = F.mse_loss(out, y)
        loss.backward()
        optimizer.step()
        losses.append(round(loss.item(), 2))
    return [losses, str(out.dtype), str(loss.dtype), [str(p.grad.dtype) for p in model.parameters()]]


@program
def layers_of_layers(torch):
    """Layers with float32 parameters of what another layer has brought to a lower precision."""
    nn, answers = torch.nn, []
    torch.manual_seed(0)
    for layer, shape in (
        (nn.Conv1d(2, 3, 1), (2, 2, 4)), (nn.Conv2d(2, 3, 2), (1, 2, 3, 3)), (nn.Conv3d(1, 1, 1), (1, 1, 2, 2, 2)),
        (nn.Conv1d(2, 3, 2, padding="same"), (2, 2, 4)), (nn.ConvTranspose1d(2, 3, 1), (2, 2, 4)),
        (nn.LSTM(3, 2), (2, 2, 3)), (nn.GRU(3, 2), (2, 2, 3)), (nn.Linear(3, 2), (4, 3)),
    ):  # fmt: skip
        x = torch.ones(shape, dtype=torch.bfloat16, requires_grad=True)
        with torch.autocast("cpu"):
            out = layer(x)
        out = out[0] if isinstance(out, tuple) else out
        out.float().sum().backward()
        answers.append(
            [str(out.dtype), list(out.shape), str(x.grad.dtype), [str(p.grad.dtype) for p in layer.parameters()]]
        )
    return answers


@program
def recurrent(torch):
    """The layers: what gates the state by float32, and what does not."""
    answers = []
    for name in ("RNN", "GRU", "GRUCell", "LSTMCell"):
        torch.manual_seed(0)
        layer = getattr(torch.nn, name)(3, 4)
        x = torch.randn(2, 3) if "Cell" in name else torch.randn(5, 2, 3)
        with torch.autocast("cpu"):
            out = layer(x)
        first = out[0] if isinstance(out, tuple) else out
        first.float().sum().backward()
        answers.append([name, str(first.dtype), str(layer.weight_ih.grad.dtype if "Cell" in name else "")])
    return answers


@program
def nested(torch):
    x = torch.ones(2, 2)
    log = []

    def note():
        log.append([torch.is_autocast_enabled("cpu"), str(torch.get_autocast_dtype("cpu")), str((x @ x).dtype)])

    note()
    with torch.autocast("cpu"):
        note()
        with torch.autocast("cpu", enabled=False):
            note()
            with torch.autocast("cpu", dtype=torch.float16):
                note()
        note()
    note()

    @torch.autocast("cpu")
    def decorated():
        note()

    @torch.autocast(device_type="cpu", dtype=torch.float16, cache_enabled=False)
    def other():
        log.append(torch.is_autocast_cache_enabled())
        note()

    decorated()
    other()
    log.append(said(lambda: raising(torch)))
    note()
    torch.set_autocast_dtype("cpu", torch.float16)
    torch.set_autocast_enabled("cpu", True)
    note()
    torch.set_autocast_enabled("cpu", False)
    torch.set_autocast_dtype("cpu", torch.bfloat16)
    note()
    log.append([torch.amp.is_autocast_available("cpu"), str(torch.get_autocast_dtype("cuda"))])
    return log


def raising(torch):
    """A block that is left by an error."""
    with torch.autocast("cpu"):
        raise ValueError("left")


@program
def cached(torch):
    x, w = torch.ones(2, 2), torch.ones(2, 2, requires_grad=True)
    answers = []
    for cache in (True, False):
        with torch.autocast("cpu", cache_enabled=cache):
            first, second = torch.mm(x, w), torch.mm(x, w)
        edges = [each.grad_fn.next_functions[1][0] for each in (first, second)]
        answers.append([edges[0] is edges[1], edges[0].name()])
    return answers


@program
def functions_of_ones_own(torch):
    log = []

    class Product(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu")
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a.mm(b)

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            a, b = ctx.saved_tensors
            log.append(torch.is_autocast_enabled("cpu"))
            return g.mm(b.t()), a.t().mm(g)

    class Wide(torch.autograd.Function):
        @staticmethod
        @torch.amp.custom_fwd(device_type="cpu", cast_inputs=torch.float32)
        def forward(ctx, a):
            log.append([str(a.dtype), torch.is_autocast_enabled("cpu")])
            return a * 2

        @staticmethod
        @torch.amp.custom_bwd(device_type="cpu")
        def backward(ctx, g):
            log.append(torch.is_autocast_enabled("cpu"))
            return g * 2

    w = torch.ones(3, 3, requires_grad=True)
    with torch.autocast("cpu"):
        product = Product.apply(torch.ones(2, 3), w)
        wide = Wide.apply(product)
    wide.sum().backward()
    return [str(product.dtype), str(wide.dtype), str(w.grad.dtype), w.grad.tolist(), log]


@program
def scaled(torch):
    answers = []
    for enabled in (True, False):
        torch.manual_seed(0)
        model = torch.nn.Linear(3, 2)
        x = torch.randn(4, 3)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        scaler = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=2, enabled=enabled)
        log: list[Any] = [scaler.state_dict(), scaler.get_scale(), scaler.is_enabled()]
        for step in range(6):
            optimizer.zero_grad()
            loss = model(x).pow(2).mean() * (float("inf") if step == 3 and enabled else 1.0)
            scaler.scale(loss).backward()
            if step == 1:
                scaler.unscale_(optimizer)
                log.append(float(torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)))
            scaler.step(optimizer)
            scaler.update()
            log.append([scaler.get_scale(), scaler._get_growth_tracker(), model.weight.reshape(-1).tolist()])
        log += [scaler.state_dict(), pickle.loads(pickle.dumps(scaler)).state_dict()]
        other = torch.amp.GradScaler("cpu", growth_factor=3.0)
        log += [said(lambda other=other, scaler=scaler: other.load_state_dict(scaler.state_dict())), other.state_dict()]
        answers.append(log)
    return answers


@program
def sentences(torch):
    model = torch.nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu")
    answers = [
        said(call)
        for call in (
            lambda: torch.autocast(3), lambda: torch.amp.GradScaler("cpu", growth_factor=0.5),
            lambda: torch.amp.GradScaler("cpu", backoff_factor=2.0), lambda: scaler.step(optimizer),
            scaler.update, lambda: scaler.unscale_(optimizer), lambda: scaler.scale(3),
        )
    ]  # fmt: skip
    scaler.scale(model(torch.ones(1, 2)).sum()).backward()
    scaler.unscale_(optimizer)
    answers.append(said(lambda: scaler.unscale_(optimizer)))
    scaler.step(optimizer)
    answers += [
        said(call)
        for call in (
            lambda: scaler.step(optimizer), lambda: scaler.unscale_(optimizer),
            lambda: scaler.step(optimizer, closure=1), lambda: pickle.dumps(scaler),
        )
    ]  # fmt: skip
    scaler.update(4.0)
    answers += [scaler.get_scale(), said(scaler.update)]
    half = torch.nn.Linear(2, 2).half()
    half.weight.grad = torch.ones(2, 2, dtype=torch.float16)
    answers.append(said(lambda: scaler.unscale_(torch.optim.SGD(half.parameters()))))
    answers.append(said(lambda: scaler.step(torch.optim.SGD(torch.nn.Linear(2, 2).parameters()))))
    return answers


@program
def warned(torch):
    former = [importlib.import_module(f"{torch.__name__}.{device}.amp") for device in ("cuda", "cpu")]
    answers = []
    for call in (
        lambda: torch.autocast("cpu", dtype=torch.float64),
        lambda: former[1].autocast(),
        lambda: former[1].GradScaler(),
        lambda: former[0].custom_bwd(len),
    ):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call()
        answers.append([[each.category.__name__, str(each.message)] for each in caught])
    return answers
