"""Makes a Hugging Face folder, encoder and tokenizer, out of the packed encoder file: `python -m ml convert`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ml.encoder_file import EncoderFile, find_encoder_file, read_encoder_file
from ml.vocabulary import build_tokenizer, kept_pieces

if TYPE_CHECKING:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

LABELS = ("negative", "neutral", "positive")
WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight"

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def convert(folder: Path) -> None:
    """Write model and tokenizer into `folder` (some 90 MB); ModelError where the source package is missing."""
    source = read_encoder_file(find_encoder_file())
    kept = kept_pieces(source.pieces)
    model = build_model(source, kept)
    folder.mkdir(parents=True, exist_ok=True)
    save_model(model, folder)
    build_tokenizer(source.pieces[number] for number in kept).save_pretrained(folder)


def build_model(source: EncoderFile, kept: list[int]) -> BertForSequenceClassification:
    """The encoder with the kept rows of its embeddings, and a head that has not learnt anything yet.

    The embeddings are rounded to eight bits here, before any training, and stay frozen in it: the rest of the
    model learns around the rounding, and storing them in eight bits loses nothing.
    """
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(0)
    model = BertForSequenceClassification(_config(source, len(kept)))
    state = _encoder_state(source)
    state[WORD_EMBEDDINGS] = state[WORD_EMBEDDINGS][kept].to(torch.float8_e4m3fn).float()
    # The pooler starts as "pass the first token on": it is not in the file, and noise there would cost steps.
    state["bert.pooler.dense.weight"] = torch.eye(source.hidden)
    state["bert.pooler.dense.bias"] = torch.zeros(source.hidden)
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected, unexpected
    assert all(name.startswith("classifier.") for name in missing), missing
    return model


def _config(source: EncoderFile, rows: int) -> BertConfig:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=rows,
        hidden_size=source.hidden,
        num_hidden_layers=source.layers,
        num_attention_heads=source.heads,
        intermediate_size=source.inner,
        max_position_embeddings=source.positions,
        type_vocab_size=source.types,
        layer_norm_eps=1e-12,
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
    )


def _encoder_state(source: EncoderFile) -> dict[str, torch.Tensor]:
    """The file's tensors under the names that Hugging Face gives them."""
    import torch

    embeddings = "bert.embeddings."
    state = {
        WORD_EMBEDDINGS: source.tensors["emb.word"],
        embeddings + "position_embeddings.weight": source.tensors["emb.pos"].reshape(-1, source.hidden),
        embeddings + "token_type_embeddings.weight": source.tensors["emb.type"].reshape(-1, source.hidden),
        embeddings + "LayerNorm.weight": source.tensors["emb.ln.w"],
        embeddings + "LayerNorm.bias": source.tensors["emb.ln.b"],
    }
    for layer in range(source.layers):
        for short, long in _LAYER_NAMES.items():
            stem = f"bert.encoder.layer.{layer}.{long}."
            state[stem + "weight"] = source.tensors[f"l{layer}.{short}.w"]
            state[stem + "bias"] = source.tensors[f"l{layer}.{short}.b"]
    return {name: torch.from_numpy(values) for name, values in state.items()}


def save_model(model: BertForSequenceClassification, folder: Path) -> None:
    """Store word embeddings in eight bits and all else in sixteen, which `from_pretrained` reads as it is."""
    import torch
    from safetensors.torch import save_file

    stored = {
        name: values.to(torch.float8_e4m3fn if name == WORD_EMBEDDINGS else torch.float16).contiguous()
        for name, values in model.state_dict().items()
        if values.is_floating_point()
    }
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    model.config.architectures = [type(model).__name__]
    model.config.dtype = "float32"
    model.config.save_pretrained(folder)
