"""PyTorch's places of the layers: `torch.nn.modules.linear.Linear` and so on, each made from the table below."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

from engine import nn
from engine.nn import module as _module

# Where PyTorch keeps a layer: the place, and the names there.
PLACES = {
    "activation": "CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish "
    "MultiheadAttention PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus Softshrink "
    "Softsign Tanh Tanhshrink Threshold",
    "adaptive": "AdaptiveLogSoftmaxWithLoss",
    "batchnorm": "BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d SyncBatchNorm "
    "_BatchNorm _NormBase",
    "channelshuffle": "ChannelShuffle",
    "container": "Container ModuleDict ModuleList ParameterDict ParameterList Sequential",
    "conv": "Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d LazyConv2d LazyConv3d "
    "LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d _ConvNd _ConvTransposeNd",
    "distance": "CosineSimilarity PairwiseDistance",
    "dropout": "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout _DropoutNd",
    "flatten": "Flatten Unflatten",
    "fold": "Fold Unfold",
    "instancenorm": "InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d LazyInstanceNorm2d "
    "LazyInstanceNorm3d _InstanceNorm",
    "lazy": "LazyModuleMixin",
    "linear": "Bilinear Identity LazyLinear Linear",
    "loss": "BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss "
    "HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss LinearCrossEntropyLoss MSELoss MarginRankingLoss "
    "MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss NLLLoss2d PoissonNLLLoss SmoothL1Loss "
    "SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss _Loss _WeightedLoss",
    "module": "Module",
    "normalization": "CrossMapLRN2d GroupNorm LayerNorm LocalResponseNorm RMSNorm",
    "padding": " ".join(
        f"{kind}Pad{axes}d"
        for kind in ("Circular", "Constant", "Reflection", "Replication", "Zero")
        for axes in (1, 2, 3)
    ),
    "pixelshuffle": "PixelShuffle PixelUnshuffle",
    "pooling": "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d "
    "AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool2d FractionalMaxPool3d LPPool1d LPPool2d "
    "LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d",
    "rnn": "GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase",
    "sparse": "Embedding EmbeddingBag",
    "transformer": "Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer",
    "upsampling": "Upsample UpsamplingBilinear2d UpsamplingNearest2d",
    "utils": "consume_prefix_in_state_dict_if_present _single _pair _triple _quadruple _ntuple",
}
# What is not in `torch.nn` itself: where the engine has it, and its name there.
_ELSEWHERE = {
    "LazyModuleMixin": ("engine.nn.lazy", "LazyModuleMixin"),
    "_BatchNorm": ("engine.nn.batch_norm", "_BatchNorm"),
    "_NormBase": ("engine.nn.batch_norm", "NormBase"),
    "_ConvNd": ("engine.nn.conv", "_Conv"),
    "_ConvTransposeNd": ("engine.nn.conv", "_Transposed"),
    "_DropoutNd": ("engine.nn.dropout", "_Dropout"),
    "_InstanceNorm": ("engine.nn.instance_norm", "_InstanceNorm"),
    "_Loss": ("engine.nn.loss", "_Loss"),
    "_WeightedLoss": ("engine.nn.loss", "_Weighted"),
    **{name: ("engine.nn.tuples", name) for name in PLACES["utils"].split()},
}


class _Place(ModuleType):
    """A module whose names are found elsewhere, when first asked for."""

    def __getattr__(self, name: str) -> Any:
        short = self.__name__.rpartition(".")[2]
        if name.startswith("__") or (name not in PLACES[short].split() and short != "module"):
            raise AttributeError(f"module 'torch.nn.modules.{short}' has no attribute '{name}'", name=name)
        value = _found(name) if name in PLACES[short].split() else getattr(_module, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__all__})


def _found(name: str) -> Any:
    if name not in _ELSEWHERE:
        return getattr(nn, name)
    home, there = _ELSEWHERE[name]
    return getattr(importlib.import_module(home), there)


def _place(short: str) -> ModuleType:
    made = _Place(f"{__name__}.{short}", f"PyTorch's place of {PLACES[short]}.")
    made.__all__ = [name for name in PLACES[short].split() if not name.startswith("_")]  # type: ignore[attr-defined]
    return made


for _short in PLACES:
    globals()[_short] = sys.modules[f"{__name__}.{_short}"] = _place(_short)

__all__ = sorted({name for names in PLACES.values() for name in names.split() if not name.startswith("_")})


def __getattr__(name: str) -> Any:
    if name in __all__:
        return _found(name)
    raise AttributeError(f"module 'torch.nn.modules' has no attribute '{name}'", name=name)
