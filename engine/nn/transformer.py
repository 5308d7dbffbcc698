"""Transformers as modules: layers of attention and of a small network, encoders and decoders of such layers.

Vaswani and others, "Attention is all you need", 2017.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import engine
from engine import graph
from engine.nn import functional as F
from engine.nn import init
from engine.nn.activation import GELU, ReLU
from engine.nn.containers import ModuleList
from engine.nn.dropout import Dropout
from engine.nn.linear import Linear
from engine.nn.module import Module
from engine.nn.multihead import MultiheadAttention
from engine.nn.norm import LayerNorm
from engine.ops.heads import canonical_mask
from engine.tensor import Tensor

Activation = str | Callable[[Any], Any]


def causal_mask(sz: int, device: Any = None, dtype: Any = None) -> Tensor:
    """What is added to the scores (sz, sz) so that no place attends to a later one: minus infinity there."""
    mask: Tensor = engine.triu(engine.full((sz, sz), float("-inf"), device=device, dtype=dtype), diagonal=1)
    return mask


def _is_causal(mask: Any, told: bool | None, size: int | None) -> bool:
    """Whether a mask lets no place attend to a later one: as told, or as it is."""
    if told is not None or mask is None:
        return told is True
    expected = causal_mask(mask.shape[-2] if size is None else size, mask.device, mask.dtype)
    return mask.shape == expected.shape and bool((mask == expected).all())


def _length(x: Any, batch_first: bool) -> int:
    return int(x.shape[0] if x.ndim == 2 or not batch_first else x.shape[1])


def _function(activation: Activation) -> Any:
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return getattr(F, activation)


class _Layer(Module):
    """What the layers of encoders and decoders share: attention to itself, the small network, norms and dropouts."""

    attentions: tuple[str, ...] = ("self_attn",)

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        of: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        for name in self.attentions:
            setattr(self, name, MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **of))
        self.linear1 = Linear(d_model, dim_feedforward, **of)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **of)
        self.norm_first = norm_first
        parts = range(1, len(self.attentions) + 2)
        for i in parts:
            setattr(self, f"norm{i}", LayerNorm(d_model, layer_norm_eps, **of))
        for i in parts:
            setattr(self, f"dropout{i}", Dropout(dropout))
        self.activation = _function(activation)

    def _through(self, x: Any, parts: list[Callable[[Any], Any]]) -> Any:
        """The input after each part was added to it, normalized before the part or after the sum."""
        for i, part in enumerate(parts, 1):
            norm = getattr(self, f"norm{i}")
            x = x + part(norm(x)) if self.norm_first else norm(x + part(x))
        return x

    def _sa_block(self, x: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False) -> Any:
        kept = {"attn_mask": attn_mask, "key_padding_mask": key_padding_mask}
        return self.dropout1(self.self_attn(x, x, x, need_weights=False, is_causal=is_causal, **kept)[0])

    def _ff_block(self, x: Any) -> Any:
        last = getattr(self, f"dropout{len(self.attentions) + 1}")
        return last(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoderLayer(_Layer):
    """Attention to itself, then a small network for each place; each added to its input and normalized."""

    @property
    def activation_relu_or_gelu(self) -> int:
        """1 for relu, 2 for gelu, 0 for any other activation."""
        if self.activation is F.relu or isinstance(self.activation, ReLU):
            return 1
        return 2 if self.activation is F.gelu or isinstance(self.activation, GELU) else 0

    def forward(
        self,
        src: Any,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """(time, batch, d_model), with `batch_first` (batch, time, d_model), to the same shape."""
        padding = canonical_mask(src_key_padding_mask, "src_key_padding_mask", src, src_mask, "src_mask")
        mask = canonical_mask(src_mask, "src_mask", src)
        made: Tensor = self._through(src, [lambda x: self._sa_block(x, mask, padding, is_causal), self._ff_block])
        return made


class TransformerDecoderLayer(_Layer):
    """Attention to itself, then to the encoder's result, then a small network; each added and normalized."""

    attentions = ("self_attn", "multihead_attn")

    def __setstate__(self, state: dict[str, Any]) -> None:
        # As PyTorch's does: a copy, and so each layer of a `TransformerDecoder`, has relu where the activation given
        # was a module, which is still shown.
        self.__dict__.update({"activation": F.relu} | state)

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """(time, batch, d_model), with `batch_first` (batch, time, d_model), to the same shape."""
        made: Tensor = self._through(
            tgt,
            [
                lambda x: self._sa_block(x, tgt_mask, tgt_key_padding_mask, tgt_is_causal),
                lambda x: self._mha_block(x, memory, memory_mask, memory_key_padding_mask, memory_is_causal),
                self._ff_block,
            ],
        )
        return made

    def _mha_block(self, x: Any, mem: Any, attn_mask: Any, key_padding_mask: Any, is_causal: bool = False) -> Any:
        kept = {"attn_mask": attn_mask, "key_padding_mask": key_padding_mask}
        return self.dropout2(self.multihead_attn(x, mem, mem, need_weights=False, is_causal=is_causal, **kept)[0])


def _get_clones(module: Any, count: int) -> ModuleList:
    return ModuleList([copy.deepcopy(module) for _ in range(count)])


def _why_not_nested(layer: Any) -> str:
    """Why PyTorch would not compute a padded batch as a nested tensor; empty where it would."""
    if not isinstance(layer, TransformerEncoderLayer):
        return "encoder_layer was not TransformerEncoderLayer"
    attention = layer.self_attn
    reasons = {
        "encoder_layer.norm_first was True": layer.norm_first,
        "encoder_layer.self_attn.batch_first was not True(use batch_first for better inference performance)":
            not attention.batch_first,
        "encoder_layer.self_attn was passed bias=False": attention.in_proj_bias is None,
        "encoder_layer.activation_relu_or_gelu was not True": not layer.activation_relu_or_gelu,
        "encoder_layer.norm1.eps was not equal to encoder_layer.norm2.eps": layer.norm1.eps != layer.norm2.eps,
        "encoder_layer.self_attn.num_heads is odd": attention.num_heads % 2 == 1,
    }  # fmt: skip
    return next((why for why, holds in reasons.items() if holds), "")


class TransformerEncoder(Module):
    """Layers of an encoder, copies of the one given, then a norm where one is given."""

    def __init__(
        self,
        encoder_layer: Any,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.layers = _get_clones(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        why = _why_not_nested(encoder_layer)
        if enable_nested_tensor and why:
            warnings.warn(
                f"enable_nested_tensor is True, but self.use_nested_tensor is False because {why}", stacklevel=2
            )
        self.use_nested_tensor = enable_nested_tensor and not why
        self.mask_check = mask_check

    def forward(
        self,
        src: Any,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """(time, batch, d_model), with `batch_first` (batch, time, d_model), to the same shape.

        As PyTorch does where it leaves padding out (a padded batch in evaluation without gradients), the places of
        padding are zero in the result of the last layer.
        """
        padding = canonical_mask(src_key_padding_mask, "src_key_padding_mask", src, mask, "mask")
        mask = canonical_mask(mask, "mask", src)
        left_out = self._left_out(src, mask, padding)
        first: Any = self.layers[0] if len(self.layers) else None
        batch_first = bool(getattr(getattr(first, "self_attn", None), "batch_first", False))
        causal = _is_causal(mask, is_causal, _length(src, batch_first))
        output = src
        for layer in self.layers:
            output = layer(output, src_mask=mask, is_causal=causal, src_key_padding_mask=padding)
        if left_out is not None:
            output = output.masked_fill(left_out.unsqueeze(-1), 0.0)
        return output if self.norm is None else self.norm(output)

    def _left_out(self, src: Any, mask: Any, padding: Any) -> Any:
        """The places that PyTorch would not compute at all; None for a run in which it computes them."""
        if padding is None or mask is not None or not self.use_nested_tensor or self.training or src.ndim != 3:
            return None
        if graph.recording() and any(each.requires_grad for each in (src, *self.parameters())):
            return None
        absent = padding != 0
        ended = absent.to(engine.int64).cummax(1).values != 0
        return absent if not self.mask_check or bool((ended == absent).all()) else None


class TransformerDecoder(Module):
    """Layers of a decoder, copies of the one given, then a norm where one is given."""

    def __init__(self, decoder_layer: Any, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _get_clones(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """(time, batch, d_model), with `batch_first` (batch, time, d_model), to the same shape."""
        first: Any = self.layers[0] if len(self.layers) else None
        batch_first = bool(getattr(getattr(first, "self_attn", None), "batch_first", False))
        causal = _is_causal(tgt_mask, tgt_is_causal, _length(tgt, batch_first))
        output = tgt
        for layer in self.layers:
            output = layer(
                output, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )  # fmt: skip
        return output if self.norm is None else self.norm(output)


class Transformer(Module):
    """An encoder of the source and a decoder of the target that attends to it."""

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        of: dict[str, Any] = {"bias": bias, "device": device, "dtype": dtype}
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first)
        if custom_encoder is None:
            norm = LayerNorm(d_model, layer_norm_eps, **of)
            custom_encoder = TransformerEncoder(TransformerEncoderLayer(*layer, **of), num_encoder_layers, norm)
        self.encoder = custom_encoder
        if custom_decoder is None:
            norm = LayerNorm(d_model, layer_norm_eps, **of)
            custom_decoder = TransformerDecoder(TransformerDecoderLayer(*layer, **of), num_decoder_layers, norm)
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    generate_square_subsequent_mask = staticmethod(causal_mask)

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Source (S, N, E) and target (T, N, E), with `batch_first` (N, S, E) and (N, T, E), to the target's shape."""
        at = 0 if self.batch_first else 1
        if src.ndim == 3 and src.shape[at] != tgt.shape[at]:
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise RuntimeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        decoded: Tensor = self.decoder(
            tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )  # fmt: skip
        return decoded
