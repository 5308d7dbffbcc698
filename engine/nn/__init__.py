"""Layers, losses, and what models are built from, under PyTorch's names."""

from __future__ import annotations

import importlib
from typing import Any

from engine import errors as _errors
from engine.nn import functional, init, utils
from engine.nn.activation import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmax2d,
    Softmin,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from engine.nn.containers import ModuleDict, ModuleList, Sequential
from engine.nn.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout
from engine.nn.linear import Bilinear, Flatten, Identity, Linear, Unflatten
from engine.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from engine.nn.module import Module
from engine.nn.parameter import Buffer, Parameter
from engine.spaces import without_parts as _without_parts

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "AlphaDropout",
    "BCELoss",
    "BCEWithLogitsLoss",
    "Bilinear",
    "Buffer",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
    "Flatten",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HuberLoss",
    "Identity",
    "KLDivLoss",
    "L1Loss",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "PReLU",
    "Parameter",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "Unflatten",
    "functional",
    "init",
    "utils",
]


# Imported when first asked for: where each of these names stands.
_LATER = {
    name: home
    for home, names in {
        "adaptive": "AdaptiveLogSoftmaxWithLoss LinearCrossEntropyOptions",
        "batch_norm": "BatchNorm1d BatchNorm2d BatchNorm3d",
        "containers": "Container",
        "conv": "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d",
        "cross_map": "CrossMapLRN2d",
        "distance": "PairwiseDistance",
        "embedding": "Embedding EmbeddingBag",
        "instance_norm": "InstanceNorm1d InstanceNorm2d InstanceNorm3d",
        "lazy": "LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d "
        "LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d "
        "LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear",
        "margin_loss": "CosineEmbeddingLoss CosineSimilarity CTCLoss GaussianNLLLoss HingeEmbeddingLoss "
        "LinearCrossEntropyLoss MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss "
        "MultiMarginLoss NLLLoss2d PoissonNLLLoss SoftMarginLoss TripletMarginLoss "
        "TripletMarginWithDistanceLoss",
        "more_pool": "AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d FractionalMaxPool2d "
        "FractionalMaxPool3d LPPool1d LPPool2d LPPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d",
        "multihead": "MultiheadAttention",
        "norm": "GroupNorm LayerNorm LocalResponseNorm RMSNorm",
        "pad": "CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
        "ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d "
        "ReplicationPad3d ZeroPad1d ZeroPad2d ZeroPad3d",
        "parallel": "DataParallel",
        "parameter_containers": "ParameterDict ParameterList",
        "pool": "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AvgPool1d AvgPool2d AvgPool3d "
        "MaxPool1d MaxPool2d MaxPool3d",
        "rearrange": "ChannelShuffle Fold PixelShuffle PixelUnshuffle Unfold Upsample UpsamplingBilinear2d "
        "UpsamplingNearest2d",
        "rnn": "RNN LSTM GRU RNNBase",
        "rnn_cells": "RNNCell LSTMCell GRUCell RNNCellBase",
        "sync_batch_norm": "SyncBatchNorm",
        "transformer": "Transformer TransformerEncoder TransformerDecoder TransformerEncoderLayer "
        "TransformerDecoderLayer",
        "tuples": "factory_kwargs",
        "uninitialized": "UninitializedBuffer UninitializedParameter",
    }.items()
    for name in names.split()
}
_PARTS = ("attention", "common_types", "grad", "modules", "parallel")
__all__ += [*_LATER, *_PARTS]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = globals()[name] = getattr(importlib.import_module(f"engine.nn.{_LATER[name]}"), name)
        return value
    if name in _PARTS:
        return importlib.import_module(f"engine.nn.{name}")
    if name in ("intrinsic", "qat", "quantizable", "quantized"):
        raise _errors.LeftOut(f"torch.nn.{name} is left out of this engine on purpose: quantization")
    raise _errors.MissingName("torch.nn", name, lambda: __all__)


_PUBLIC = (*_PARTS, "functional", "init", "parameter", "utils")
_without_parts(globals())
