"""BERT's layers in bfloat16 on a CPU: what transformers computes, in about three quarters of its time.

Weights are laid out once as the matrix product wants them, key and value are one product, GELU and the sum with
the layer's input are done in the product's last step, and of the last layer only the first token is computed, the only
one that the classifier reads. Embeddings and classifier stay the library's.

Attention works in float32, and rows are filled up: each shape of a product in bfloat16 has kernels of its own, which
are kept (measured: 300 MB for the lengths that customers write; so it is 100).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_FAMILIES = ("bert", "roberta", "xlm-roberta")
_ROWS = 64  # to a multiple of which they are filled up
_SHORT = 96  # tokens; the fused attention only pays for longer texts


def fits(model: Any) -> bool:
    """Whether `model` is a classifier of BERT's family, as `FastEncoder` computes it, in bfloat16."""
    import torch

    config = model.config
    return bool(
        config.model_type in _FAMILIES
        and config.hidden_act == "gelu"
        and not getattr(config, "is_decoder", False)
        and getattr(config, "position_embedding_type", None) in (None, "absolute")
        and model.dtype == torch.bfloat16
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )


class FastEncoder:
    """Takes over the layers of a classifier; the classifier itself keeps none of them."""

    def __init__(self, model: Any) -> None:
        base, config = model.base_model, model.config
        self._embed = base.embeddings
        self._classify: Callable[[Tensor], Tensor] = _head(model)
        self._heads, self._width, self._type = config.num_attention_heads, config.hidden_size, model.dtype
        self._layers = [_Layer.of(layer) for layer in base.encoder.layer]
        base.encoder.layer = None

    def __call__(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        """(texts, classes) raw scores of (texts, tokens) ids; `mask` is 1 where there is a token, None for all."""
        texts, tokens = ids.shape
        forbidden = None if mask is None else _minus_infinity(mask)
        hidden = self._rows(self._embed(input_ids=ids))
        for layer in self._layers[:-1]:
            hidden = self._step(layer, hidden, hidden, (texts, tokens, tokens), forbidden)
        first = self._rows(hidden[: texts * tokens].view(texts, tokens, self._width)[:, 0])
        found = self._step(self._layers[-1], first, hidden, (texts, 1, tokens), forbidden)
        return self._classify(found[:texts].unsqueeze(1))

    def _step(
        self, layer: _Layer, asking: Tensor, asked: Tensor, shape: tuple[int, int, int], forbidden: Tensor | None
    ) -> Tensor:
        """One layer for the rows that are `asking`; `shape` counts texts, and tokens asking and asked of each."""
        texts, few, tokens = shape
        [query] = self._split(layer.query(asking), texts, few)
        key, value = self._split(layer.key_value(asked), texts, tokens)
        context = _attend(query, key, value, forbidden)
        return layer.finish(self._rows(context.transpose(1, 2)), asking)

    def _rows(self, values: Tensor) -> Tensor:
        """Any shape of tokens -> (rows, width), filled up so that few shapes occur: each has kernels of its own."""
        rows = values.numel() // self._width
        filled = values.new_zeros(-(-rows // _ROWS) * _ROWS, self._width, dtype=self._type)
        filled[:rows].view(values.shape).copy_(values)
        return filled

    def _split(self, joint: Tensor, texts: int, tokens: int) -> Tensor:
        """(texts * tokens, parts * width) -> (parts, texts, heads, tokens, width of a head)."""
        import torch

        parts = joint[: texts * tokens].view(texts, tokens, -1, self._heads, self._width // self._heads)
        return parts.permute(2, 0, 3, 1, 4).to(torch.float32, memory_format=torch.contiguous_format)


@dataclass(frozen=True, slots=True)
class _Layer:
    """The products and norms of one layer."""

    query: _Product
    key_value: _Product
    out: _Product
    norm: Any
    up: _Product
    down: _Product
    last_norm: Any

    @classmethod
    def of(cls, layer: Any) -> _Layer:
        inner = layer.attention.self
        return cls(
            query=_Product.of(inner.query),
            key_value=_Product.of(inner.key, inner.value),
            out=_Product.of(layer.attention.output.dense),
            norm=layer.attention.output.LayerNorm,
            up=_Product.of(layer.intermediate.dense, gelu=True),
            down=_Product.of(layer.output.dense),
            last_norm=layer.output.LayerNorm,
        )

    def finish(self, context: Tensor, hidden: Tensor) -> Tensor:
        """What the layer makes of its attention's outcome and of what it was given; both are (rows, width)."""
        hidden = self.norm(self.out(context, add=hidden))
        return self.last_norm(self.down(self.up(hidden), add=hidden))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Product:
    """Linear maps side by side, with what follows them."""

    weight: Tensor
    bias: Tensor
    after: str

    @classmethod
    def of(cls, *linear: torch.nn.Linear, gelu: bool = False) -> _Product:
        import torch

        weight = torch.cat([one.weight.detach() for one in linear])
        bias = torch.cat([one.bias.detach() for one in linear])
        return cls(torch.ops.mkldnn._reorder_linear_weight(weight), bias, "gelu" if gelu else "none")

    def __call__(self, rows: Tensor, add: Tensor | None = None) -> Tensor:
        import torch

        multiply = torch.ops.mkldnn._linear_pointwise
        if add is not None:
            found: Tensor = multiply.binary(rows, add, self.weight, self.bias, "add")
        else:
            found = multiply(rows, self.weight, self.bias, self.after, [], "none")
        return found


def _minus_infinity(mask: Tensor) -> Tensor:
    """(texts, tokens) -> (texts, 1, 1, tokens): what is added to the scores so that padding gets no attention."""
    import torch

    nothing = torch.zeros(mask.shape)
    return nothing.masked_fill_(mask == 0, -math.inf)[:, None, None, :]


def _attend(query: Tensor, key: Tensor, value: Tensor, forbidden: Tensor | None) -> Tensor:
    """Attention of each head; all are (texts, heads, tokens, width), and `forbidden` is added to the scores."""
    import torch

    if key.shape[2] > _SHORT:
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=forbidden)
    scores = (query / math.sqrt(query.shape[3])) @ key.transpose(2, 3)
    if forbidden is not None:
        scores += forbidden
    return torch.softmax(scores, -1) @ value


def _head(model: Any) -> Callable[[Tensor], Tensor]:
    """The classifier of (texts, 1, width); BERT has a pooler in front of it, RoBERTa's brings its own."""
    pooler = getattr(model.base_model, "pooler", None)
    return model.classifier if pooler is None else lambda hidden: model.classifier(pooler(hidden))
