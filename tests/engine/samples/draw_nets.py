"""Strategies that draw calls of `nn.functional`: activations, normalizations, convolutions, losses."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.engine.samples.draw import EVERY, FLOATS, axis, size_of, tensor

PLAIN = (
    "relu", "relu6", "gelu", "silu", "mish", "elu", "selu", "celu", "leaky_relu", "softplus", "softsign", "tanhshrink",
    "hardtanh", "hardswish", "hardsigmoid", "softshrink", "hardshrink", "logsigmoid", "threshold", "glu", "softmin",
    "normalize", "prelu", "sigmoid", "tanh",
)  # fmt: skip


@st.composite
def activation(draw: Any) -> list[Any]:
    """An activation."""
    name = draw(st.sampled_from(PLAIN))
    x = draw(tensor(kinds=(*FLOATS, draw(st.sampled_from(EVERY))), seeds=(0, 1, 2, 7)))
    ndim = len(size_of(x))
    kind = x["t"][0]
    args, kwargs = {
        "elu": ([0.5], {}), "celu": ([2.0], {}), "leaky_relu": ([0.2], {}), "softplus": ([2.0, 3.0], {}),
        "threshold": ([0.3, -1.0], {}), "hardtanh": ([-0.5, 1.5], {}), "softshrink": ([0.25], {}),
        "gelu": ([], {"approximate": draw(st.sampled_from(["none", "tanh"]))}),
        "glu": ([draw(axis(ndim))], {}), "softmin": ([draw(axis(ndim))], {}),
        "prelu": ([{"t": [kind, [draw(st.sampled_from([1, 3]))], 1, ""]}], {}),
    }.get(name, ([], {}))  # fmt: skip
    return [f"nn.functional.{name}", [x, *args], kwargs]


LOSSES = (
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "kl_div", "poisson_nll_loss", "gaussian_nll_loss", "hinge_embedding_loss", "soft_margin_loss", "cross_entropy",
    "cross_entropy", "cross_entropy", "nll_loss", "multi_margin_loss", "multilabel_margin_loss",
    "multilabel_soft_margin_loss", "margin_ranking_loss", "cosine_embedding_loss", "triplet_margin_loss",
    "cosine_similarity", "pairwise_distance",
)  # fmt: skip


@st.composite
def loss(draw: Any) -> list[Any]:
    """A loss."""
    name = draw(st.sampled_from(LOSSES))
    kind = draw(st.sampled_from(FLOATS))
    n, c = draw(st.sampled_from((1, 2, 3, 0))), 3
    reduction = {"reduction": draw(st.sampled_from(["mean", "sum", "none"]))}

    def made(*size: int, seeds: Any = (0, 1, 2)) -> Any:
        return draw(tensor(list(size), (kind,), seeds))

    if name in ("cosine_similarity", "pairwise_distance"):
        return [f"nn.functional.{name}", [made(n, c), made(n, c)], {}]
    if name in ("cross_entropy", "nll_loss"):
        size = draw(st.sampled_from([[c], [n, c], [n, c, 2]]))
        classes = size[:-1] if len(size) == 1 else [size[0], *size[2:]]
        soft = name == "cross_entropy" and draw(st.integers(0, 3)) == 0
        target = made(*size, seeds=(8,)) if soft else {"t": ["i8", classes, 9, ""]}
        if name == "cross_entropy" and draw(st.booleans()):
            reduction["label_smoothing"] = draw(st.sampled_from([0.1, 0.5]))
        if draw(st.booleans()):
            reduction["weight"] = {"t": [kind, [c], 8, ""]}
        if not soft and draw(st.booleans()):
            reduction["ignore_index"] = draw(st.sampled_from([0, 1, -100]))
        return [f"nn.functional.{name}", [made(*size), target], reduction]
    if name in ("multi_margin_loss", "multilabel_margin_loss"):
        target = {"t": ["i8", [n] if name == "multi_margin_loss" else [n, c], 9, ""]}
        return [f"nn.functional.{name}", [made(n, c), target], reduction]
    if name in ("margin_ranking_loss", "cosine_embedding_loss", "triplet_margin_loss"):
        size = [n] if name == "margin_ranking_loss" else [n, c]
        third = made(*size) if name == "triplet_margin_loss" else made(n)
        return [f"nn.functional.{name}", [made(*size), made(*size), third], reduction]
    size = draw(st.sampled_from([[], [n], [n, c], [2, n, c]]))
    inside = name.startswith("binary")
    given = [made(*size, seeds=(8,) if inside else (0, 1, 2)), made(*size, seeds=(8,) if inside else (0, 1, 2))]
    if name == "gaussian_nll_loss":
        given.append(made(*size, seeds=(8,)))
    if name == "kl_div" and draw(st.booleans()):
        reduction = {"reduction": "batchmean", "log_target": draw(st.booleans())}
    if name == "smooth_l1_loss":
        reduction["beta"] = draw(st.sampled_from([1.0, 0.5, 0.0]))
    return [f"nn.functional.{name}", given, reduction]


LAYERS = (
    "conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "avg_pool1d", "avg_pool2d", "max_pool1d",
    "max_pool2d", "lp_pool1d", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "pad", "pad",
    "interpolate", "interpolate", "layer_norm", "group_norm", "batch_norm", "instance_norm", "rms_norm",
    "local_response_norm", "unfold", "one_hot", "embedding", "pixel_shuffle", "channel_shuffle",
)  # fmt: skip


@st.composite
def layer(draw: Any) -> list[Any]:
    """A convolution, pooling, padding, normalization or resampling."""
    name = draw(st.sampled_from(LAYERS))
    kind = draw(st.sampled_from(FLOATS))
    n, c, w = draw(st.sampled_from((1, 2))), draw(st.sampled_from((2, 4))), draw(st.sampled_from((3, 4, 5)))

    def made(*size: int, seeds: Any = (0, 1, 2)) -> Any:
        return draw(tensor(list(size), (kind,), seeds))

    two = name.endswith("2d")
    wide = [w, 4] if two else [w]
    image = made(*([n] if draw(st.integers(0, 3)) else []), c, *wide)
    full = "nn.functional." + name
    if name.startswith("conv"):
        groups = draw(st.sampled_from((1, 2)))
        kernel = [2] * len(wide)
        shape = [4, c // groups, *kernel] if "transpose" not in name else [c, 2, *kernel]
        bias = made(shape[0] if "transpose" not in name else 2 * groups)
        kwargs = {"stride": draw(st.sampled_from((1, 2))), "padding": draw(st.sampled_from((0, 1))), "groups": groups}
        return [full, [image, made(*shape), draw(st.sampled_from([bias, None]))], kwargs]
    if name in ("avg_pool1d", "avg_pool2d"):
        kwargs = {"ceil_mode": draw(st.booleans()), "count_include_pad": draw(st.booleans())}
        return [full, [image, 2, draw(st.sampled_from((1, 2))), draw(st.sampled_from((0, 1)))], kwargs]
    if name in ("max_pool1d", "max_pool2d"):
        return [full, [image, 2, draw(st.sampled_from((1, 2)))], {"ceil_mode": draw(st.booleans()), "padding": 1}]
    if name == "lp_pool1d":
        return [full, [image, draw(st.sampled_from((1.0, 2.0))), 2], {}]
    if name.startswith("adaptive"):
        return [full, [image, draw(st.sampled_from((1, 2, 3)))], {}]
    if name == "pad":
        mode = draw(st.sampled_from(("constant", "reflect", "replicate", "circular")))
        pads = draw(st.lists(st.integers(-1, 2), min_size=2, max_size=2)) * draw(st.sampled_from((1, 1, 2)))
        kwargs = {"mode": mode} | ({"value": 1.5} if mode == "constant" and draw(st.booleans()) else {})
        return [full, [made(n, c, w) if len(pads) == 2 else made(n, c, w, 4), pads], kwargs]
    if name == "interpolate":
        ways = [("nearest", 3), ("linear", 3), ("nearest-exact", 3), ("bilinear", 4), ("bicubic", 4), ("area", 4)]
        mode, ndim = draw(st.sampled_from(ways))
        how = (
            {"size": draw(st.integers(1, 6))}
            if draw(st.booleans())
            else {"scale_factor": draw(st.sampled_from((2, 0.5, 1.5)))}
        )
        how = how | ({"align_corners": draw(st.booleans())} if mode in ("linear", "bilinear", "bicubic") else {})
        return [full, [made(n, c, w) if ndim == 3 else made(n, c, w, 4)], {"mode": mode, **how}]
    if name in ("layer_norm", "rms_norm"):
        last = [made(w)] + ([made(w)] if name == "layer_norm" else [])
        return [full, [made(n, c, w), [w], *(last if draw(st.booleans()) else [])], {}]
    if name == "group_norm":
        return [full, [made(n, 4, w), draw(st.sampled_from((1, 2, 4, 3)))], {}]
    if name == "batch_norm":
        training = draw(st.booleans())
        own = [{"t": [kind, [c], 0, ""]}, {"t": [kind, [c], 8, ""]}]
        return [full, [made(2, c, w), *([None, None] if training else own), made(c), made(c)], {"training": training}]
    if name == "instance_norm":
        return [full, [made(2, c, w)], {}]
    if name == "local_response_norm":
        return [full, [made(2, c, w), 2], {}]
    if name == "unfold":
        return [full, [made(n, c, w, 4), 2], {"padding": draw(st.sampled_from((0, 1))), "stride": 1}]
    if name == "one_hot":
        return [full, [{"t": ["i8", [n, 2], 9, ""]}, draw(st.sampled_from((-1, 3, 5, 1)))], {}]
    if name == "embedding":
        return [full, [{"t": ["i8", [n, 2], 9, ""]}, made(4, 3)], {"padding_idx": draw(st.sampled_from((None, 0, -1)))}]
    return [full, [made(n, 4, w, 2), 2], {}]
