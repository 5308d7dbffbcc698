"""Programs about the modules of normalization, pooling, resampling, dropout, bags and losses.

Each takes the library as `torch` and returns what JSON can hold.
"""

from __future__ import annotations

from typing import Any

from tests.engine.programs import Programs, said, warned

PROGRAMS = Programs()
program, answers_of = PROGRAMS.add, PROGRAMS.answers_of


def numbers(value) -> Any:
    """The numbers of a tensor, or of each in a tuple."""
    if isinstance(value, tuple):
        return [numbers(each) for each in value]
    return value.detach().double().reshape(-1).tolist()


def filled(torch, *shape, dtype=None):
    """Different numbers in a shape."""
    count = 1
    for n in shape:
        count *= n
    made = torch.sin(torch.arange(count, dtype=torch.float64) * 1.7 + 0.3).reshape(*shape)
    return made.to(dtype or torch.float32)


def layers(torch) -> dict[str, Any]:
    """Modules, and the shape of an input, after one seed."""
    nn = torch.nn
    torch.manual_seed(5)
    image, line, cube = (2, 4, 5, 6), (2, 4, 7), (2, 2, 4, 5, 3)
    made = [
        (nn.GroupNorm(2, 4), image), (nn.GroupNorm(4, 4, eps=0.1, affine=False), line),
        (nn.GroupNorm(1, 4, bias=False), line), (nn.InstanceNorm1d(4), line), (nn.InstanceNorm1d(4), (4, 7)),
        (nn.InstanceNorm2d(4, affine=True), image),
        (nn.InstanceNorm2d(4, affine=True, track_running_stats=True, momentum=0.3), image),
        (nn.InstanceNorm3d(2, track_running_stats=True), cube), (nn.InstanceNorm3d(2, affine=True, bias=False), cube),
        (nn.RMSNorm(6), image), (nn.RMSNorm((5, 6), eps=0.01), image),
        (nn.RMSNorm([7], elementwise_affine=False), line), (nn.LocalResponseNorm(2), image),
        (nn.LocalResponseNorm(3, 0.1, 0.5, 2.0), line),
        (nn.AdaptiveMaxPool1d(3), line), (nn.AdaptiveMaxPool2d((2, None), return_indices=True), image),
        (nn.AdaptiveMaxPool3d(2), cube), (nn.LPPool1d(2, 3), line), (nn.LPPool2d(2, (2, 3), 2), image),
        (nn.LPPool3d(2, 2, ceil_mode=True), cube), (nn.FractionalMaxPool2d(2, output_size=3), image),
        (nn.FractionalMaxPool2d((2, 3), output_ratio=(0.5, 0.6), return_indices=True), image),
        (nn.FractionalMaxPool3d(2, output_size=(2, 2, 1)), cube),
        (nn.PixelShuffle(2), image), (nn.PixelUnshuffle(3), (2, 6, 6)), (nn.ChannelShuffle(2), image),
        (nn.Unfold(2, padding=(1, 0)), image), (nn.Fold((3, 4), 2), (2, 12, 6)), (nn.Upsample(scale_factor=2), line),
        (nn.Upsample((3, 9), mode="bicubic", align_corners=True), image),
        (nn.Upsample(scale_factor=(1.5, 0.7), mode="bilinear"), image),
        (nn.UpsamplingNearest2d(7), image), (nn.UpsamplingBilinear2d(scale_factor=1.5), image),
        (nn.ConstantPad1d((1, 2), 3.5), line), (nn.ConstantPad2d(1, -1), image), (nn.ConstantPad3d(-1, 0.5), cube),
        (nn.ZeroPad1d(2), line), (nn.ZeroPad2d((1, 0, -1, 2)), image), (nn.ZeroPad3d(1), cube),
        (nn.ReflectionPad1d((2, 1)), line), (nn.ReflectionPad2d(2), (4, 5, 6)), (nn.ReflectionPad3d(1), cube),
        (nn.ReplicationPad1d(3), line), (nn.ReplicationPad2d((1, 2, 0, 3)), image), (nn.ReplicationPad3d(2), cube),
        (nn.CircularPad1d((3, 1)), line), (nn.CircularPad2d(2), image), (nn.CircularPad3d(1), (2, 4, 5, 3)),
        (nn.Dropout1d(0.4), line), (nn.Dropout2d(0.4), image), (nn.Dropout3d(0.4), cube),
        (nn.AlphaDropout(0.4), image), (nn.FeatureAlphaDropout(0.4), image), (nn.Softmax2d(), image),
    ]  # fmt: skip
    return {f"{number} {module!r}": (module, shape) for number, (module, shape) in enumerate(made)}


@program
def values_and_gradients(torch):
    answers = {}
    for name, (module, shape) in layers(torch).items():
        x = filled(torch, *shape).requires_grad_()
        torch.manual_seed(9)
        y = module(x)
        first = y[0] if isinstance(y, tuple) else y
        (first * filled(torch, *first.shape)).sum().backward()
        module.eval()
        answers[name] = {
            "out": numbers(y),
            "slope": numbers(x.grad),
            "parameters": {n: numbers(p.grad) for n, p in module.named_parameters()},
            "state": {n: numbers(v) for n, v in module.state_dict().items()},
            "later": None if "Fractional" in name else numbers(module(x)),
        }
    return answers


@program
def embedding_bags(torch):
    nn = torch.nn
    torch.manual_seed(2)
    index, begins = torch.tensor([1, 2, 4, 4, 5, 0]), torch.tensor([0, 2, 2, 5])
    made = [
        nn.EmbeddingBag(6, 3), nn.EmbeddingBag(6, 3, mode="max", padding_idx=-2),
        nn.EmbeddingBag(6, 3, max_norm=0.5, norm_type=1.0, scale_grad_by_freq=True, mode="sum"),
        nn.EmbeddingBag.from_pretrained(filled(torch, 6, 3), mode="sum"),
    ]  # fmt: skip
    answers = []
    for module in made:
        y = module(index, begins)
        if y.requires_grad:
            y.sum().backward()
        slope = None if module.weight.grad is None else numbers(module.weight.grad)
        answers.append([repr(module), numbers(y), numbers(module.weight), slope, module.weight.requires_grad])
    return answers


@program
def losses(torch):
    nn = torch.nn
    torch.manual_seed(4)
    rows, other, third = filled(torch, 3, 5), filled(torch, 15).flip(0).reshape(3, 5), filled(torch, 3, 5) ** 2
    signs, classes = torch.sign(other - 0.1), torch.tensor([1, 4, 0])
    labels = torch.tensor([[3, 0, -1, 1, 2], [1, 4, 2, -1, -1], [-1, 0, 1, 2, 3]])
    speech = filled(torch, 6, 2, 4).log_softmax(2)
    made = [
        (nn.SoftMarginLoss(), (rows, signs)), (nn.MultiLabelMarginLoss(reduction="sum"), (rows, labels)),
        (nn.MultiLabelSoftMarginLoss(torch.ones(5) * 2), (rows, signs)), (nn.HingeEmbeddingLoss(0.4), (rows, signs)),
        (nn.CosineEmbeddingLoss(0.1, reduction="none"), (rows, other, signs[:, 0])),
        (nn.MarginRankingLoss(0.3), (rows, other, signs)), (nn.MultiMarginLoss(2, 0.7), (rows, classes)),
        (nn.MultiMarginLoss(weight=torch.arange(5.0)), (rows, classes)),
        (nn.TripletMarginLoss(1.5, p=1, swap=True), (rows, other, third)),
        (nn.TripletMarginWithDistanceLoss(distance_function=nn.CosineSimilarity(), margin=0.8), (rows, other, third)),
        (nn.PoissonNLLLoss(full=True), (rows, third * 4)), (nn.PoissonNLLLoss(log_input=False), (third, third)),
        (nn.GaussianNLLLoss(full=True), (rows, other, third)), (nn.NLLLoss2d(), (rows, classes)),
        (nn.CTCLoss(), (speech, torch.tensor([[1, 2, 2], [3, 1, 0]]), torch.tensor([6, 5]), torch.tensor([3, 2]))),
        (nn.CosineSimilarity(0), (rows, other)), (nn.LinearCrossEntropyLoss(5, 6, bias=True), (rows, classes)),
        (nn.LinearCrossEntropyLoss(5, 3, out_features=(2,), label_smoothing=0.1), (rows, torch.ones(3, 2).long())),
    ]  # fmt: skip
    return [[repr(module), list(module.state_dict()), numbers(module(*given))] for module, given in made]


@program
def unpooling(torch):
    nn = torch.nn
    answers = []
    for axes, shape in ((1, (2, 3, 7)), (2, (2, 3, 6, 5)), (3, (1, 2, 4, 4, 3))):
        pool = getattr(nn, f"MaxPool{axes}d")(2, return_indices=True)
        undo = getattr(nn, f"MaxUnpool{axes}d")(2)
        x = filled(torch, *shape).requires_grad_()
        small, where = pool(x)
        back = undo(small, where, output_size=x.size())
        back.sum().backward()
        answers.append([repr(undo), numbers(small), numbers(where), numbers(back), numbers(x.grad)])
    return answers


@program
def attention(torch):
    nn = torch.nn
    torch.manual_seed(6)
    seq, memory, wide = filled(torch, 3, 2, 4), filled(torch, 5, 2, 4), filled(torch, 5, 2, 6)
    padding = torch.tensor([[False, True, False, False, False], [False, False, False, True, True]])
    ahead = torch.ones(3, 3).triu(1).bool()
    made = [
        (nn.MultiheadAttention(4, 2), (seq, seq, seq), {"attn_mask": ahead}),
        (nn.MultiheadAttention(4, 2, dropout=0.3), (seq, memory, memory), {"key_padding_mask": padding}),
        (nn.MultiheadAttention(4, 4, bias=False), (seq, memory, memory), {"average_attn_weights": False}),
        (nn.MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True), (seq, memory, memory), {}),
        (nn.MultiheadAttention(4, 2, kdim=6, vdim=6), (seq, wide, wide), {"need_weights": False}),
        (
            nn.MultiheadAttention(4, 2, batch_first=True),
            (seq.transpose(0, 1),) * 3,
            {"need_weights": False, "attn_mask": ahead, "is_causal": True},
        ),
        (nn.MultiheadAttention(4, 1), (seq[:, 0], memory[:, 0], memory[:, 1]), {}),
    ]
    answers = []
    for module, given, options in made:
        torch.manual_seed(8)
        y, shares = module(*given, **options)
        (y * filled(torch, *y.shape)).sum().backward()
        answers.append(
            {
                "text": repr(module),
                "state": {name: numbers(value) for name, value in module.state_dict().items()},
                "out": numbers(y),
                "shares": None if shares is None else numbers(shares),
                "slopes": {name: numbers(p.grad) for name, p in module.named_parameters()},
            }
        )
    return answers


@program
def many_classes(torch):
    nn = torch.nn
    torch.manual_seed(3)
    module = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10], div_value=2.0, head_bias=True)
    x, target = filled(torch, 6, 8).requires_grad_(), torch.tensor([1, 5, 12, 19, 3, 9])
    output, loss = module(x, target)
    loss.backward()
    return {
        "text": repr(module),
        "state": {name: numbers(value) for name, value in module.state_dict().items()},
        "out": [numbers(output), numbers(loss), numbers(x.grad)],
        "slopes": {name: numbers(p.grad) for name, p in module.named_parameters()},
        "all": [numbers(module.log_prob(x)), module.predict(x).tolist()],
        "one": numbers(module(x[0], target[0]).loss),
        "said": [
            said(lambda: module(x, target[:3])),
            said(lambda: module(x, target + 9)),
            said(lambda: module(x, target[:, None])),
            said(lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, [])),
            said(lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, [10, 4])),
        ],
    }


@program
def refusals(torch):
    nn = torch.nn
    return [
        said(lambda: nn.GroupNorm(3, 4)),
        said(lambda: nn.FractionalMaxPool2d(2)),
        said(lambda: nn.FractionalMaxPool2d(2, 3, 0.5)),
        said(lambda: nn.FractionalMaxPool3d(2, output_ratio=(0.5, 1.5, 0.5))),
        said(lambda: nn.CircularPad2d(1)(torch.ones(3, 3))),
        said(lambda: nn.Dropout2d(1.5)),
        said(lambda: nn.InstanceNorm2d(4)(torch.ones(2, 4))),
        said(lambda: nn.InstanceNorm2d(4, affine=True)(torch.ones(2, 3, 4, 4))),
        said(lambda: nn.TripletMarginLoss(0.0)),
        said(lambda: nn.TripletMarginWithDistanceLoss(margin=-1)),
        said(lambda: nn.MultiMarginLoss(3)),
        said(lambda: nn.MultiMarginLoss(weight=torch.ones(2, 2))),
        said(lambda: nn.MultiheadAttention(5, 2)),
        said(lambda: nn.MultiheadAttention(0, 2)),
        said(lambda: nn.Softmax2d()(torch.ones(2, 2))),
        said(lambda: nn.EmbeddingBag(3, 2, padding_idx=3)),
    ]


@program
def parameters_by_name(torch):
    nn = torch.nn
    plain = nn.ParameterDict({"b": torch.ones(2), "a": torch.zeros(1)})
    pairs = nn.ParameterDict([("b", torch.ones(2)), ("a", torch.zeros(1))])
    both = plain | nn.ParameterDict({"c": torch.ones(3)})
    both |= {"e": torch.ones(1), "d": torch.ones(1)}
    orders = [list(each) for each in (plain, pairs, pairs.copy(), both, reversed(both), plain.fromkeys("zy"))]
    taken = [
        both.popitem()[0],
        list(both.pop("b").shape),
        both.get("b"),
        list(both.setdefault("f", torch.ones(4)).shape),
    ]
    both.clear()
    return [orders, taken, len(both), said(both.popitem), said(lambda: plain.pop("q"))]


@program
def repeated_modules(torch):
    nn = torch.nn
    row = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    twice, more = row * 2, 2 * row
    more += row
    more *= 2
    wrong = [said(lambda: row * 0), said(lambda: row * 1.5), said(lambda: row.__iadd__([nn.Tanh()]))]
    texts = [[kind, text.replace("engine.nn.containers", "torch.nn.modules.container")] for kind, text in wrong]
    return [repr(twice), repr(more), twice[2] is row[0], len(list(more.parameters())), texts]


@program
def gradchecks_of_modules(torch):
    """A function that reaches its inputs by another way than its arguments, as a module its parameters."""
    nn, checks = torch.nn, torch.autograd
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    before = [numbers(each) for each in model.parameters()]
    given = filled(torch, 2, 3, dtype=torch.float64)
    every = tuple(model.parameters())
    told = [
        checks.gradcheck(lambda *_: model(given), every),
        checks.gradcheck(lambda *_: model(given), every, fast_mode=True),
        checks.gradgradcheck(lambda *_: model(given), every),
    ]
    return [told, before == [numbers(each) for each in model.parameters()]]


@program
def modules_without_draws(torch):
    """What stands in the sequence of draws after modules on the meta device, and after those without inputs."""
    nn, after = torch.nn, []

    def drawn(make):
        torch.manual_seed(0)
        make()
        after.append(float(torch.rand(1)))

    meta = torch.empty(3, 4, device="meta")
    for make in (
        lambda: nn.utils.skip_init(nn.Linear, 5, 2),
        lambda: nn.Conv2d(3, 4, 2, device="meta"),
        lambda: nn.functional.dropout(meta),
        lambda: nn.functional.alpha_dropout(meta, training=True),
        lambda: nn.init.trunc_normal_(meta),
        lambda: nn.init.orthogonal_(meta),
        lambda: nn.Conv1d(0, 4, 2),
        lambda: nn.Conv2d(2, 4, 0),
        lambda: nn.ConvTranspose1d(0, 4, 2),
        lambda: nn.Linear(0, 3),
    ):
        drawn(make)
    return after


@program
def convolutions_of_nothing(torch):
    nn, told = torch.nn, []
    for axes in (1, 2, 3):
        layer = getattr(nn, f"Conv{axes}d")(0, 4, 2, stride=2)
        image = torch.zeros(2, 0, *[7] * axes, requires_grad=True)
        made = layer(image)
        made.sum().backward()
        grads = [image.grad, layer.weight.grad, layer.bias.grad]
        told.append([list(made.shape), type(made.grad_fn).__name__, [[list(g.shape), numbers(g)] for g in grads]])
    return told


@program
def weights_drawn_anew(torch):
    """The order in memory does not count."""
    layer = torch.nn.Conv2d(2, 3, 2).to(memory_format=torch.channels_last)
    torch.manual_seed(0)
    layer.reset_parameters()
    return [numbers(layer.weight), numbers(layer.bias), list(layer.weight.stride())]


@program
def padding_takes_no_gradient(torch):
    """Whatever the gradient, also where it is no number."""
    table = filled(torch, 5, 3).requires_grad_()
    index = torch.tensor([[2, 2], [1, 2]])
    weights = torch.tensor([[float("nan"), float("inf")], [1.0, float("nan")]]).unsqueeze(-1)
    found = [torch.autograd.grad((torch.nn.functional.embedding(index, table, 2) * weights).sum(), table)[0]]
    bags = torch.nn.functional.embedding_bag(index, table, mode="sum", padding_idx=2)
    found += torch.autograd.grad((bags * weights[:, 0]).sum(), table)
    return [numbers(each) for each in found]


@program
def state_for_the_meta_device(torch):
    """The warning, with and without swapping."""
    layer, told = torch.nn.Linear(2, 3, device="meta"), []
    state = layer.state_dict() | {"weight": torch.zeros(3, 2)}
    for swaps in (False, True):
        torch.__future__.set_swap_module_params_on_conversion(swaps)
        try:
            told.append(warned(lambda: layer.load_state_dict(state)))
        finally:
            torch.__future__.set_swap_module_params_on_conversion(False)
    return told


@program
def bytes_of_an_own(torch):
    """An image of bytes that is not resized is a copy all the same."""
    image = torch.arange(48, dtype=torch.uint8).reshape(1, 3, 4, 4)
    made = torch.nn.functional.interpolate(image, size=(4, 4), mode="bilinear")
    made.zero_()
    return int(image.sum())


@program
def grids_keep_nothing(torch):
    """The way back from a grid can be gone twice."""
    theta = filled(torch, 2, 2, 3).requires_grad_()
    grid = torch.nn.functional.affine_grid(theta, (2, 1, 2, 3), align_corners=False)
    for _ in range(2):
        grid.backward(filled(torch, 2, 2, 3, 2))
    return [numbers(grid), numbers(theta.grad), type(grid.grad_fn).__name__]
