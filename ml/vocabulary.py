"""Chooses the pieces that European texts need and builds the tokenizer over them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>")
MAX_TOKENS = 512
_DROPPED_CONTROLS = r"[\x01-\x08\x0b\x0e-\x1f\x7f\x{8f}\x{9f}]"
_SPACES = r"[\t\n\x0c\r\x{1680}\x{200b}-\x{200f}\x{2028}\x{2029}\x{2581}\x{feff}\x{fffd}]"


def kept_pieces(pieces: Sequence[tuple[str, float]]) -> list[int]:
    """Ids of the pieces to keep, ascending: the special ones and every piece without a letter of another script.

    Cutting by rank instead would lose Norwegian pieces, which rank low in a vocabulary of a hundred languages.
    """
    return [
        number
        for number, (piece, _) in enumerate(pieces)
        if piece in SPECIAL_PIECES or (piece != "<mask>" and all(_is_european(sign) for sign in piece))
    ]


def _is_european(sign: str) -> bool:
    """Latin letters, digits, punctuation, symbols and emoji."""
    if sign.isascii():
        return True
    if unicodedata.category(sign)[0] in "LM":
        name = unicodedata.name(sign, "")
        return name.startswith(("LATIN ", "COMBINING ", "VARIATION SELECTOR")) or sign in "ªº"
    return unicodedata.category(sign)[0] in "NPSZ" and not _is_east_asian(sign)


def _is_east_asian(sign: str) -> bool:
    """Signs such as the ideographic full stop, which only stand beside scripts that are not kept."""
    return 0x2E80 <= ord(sign) <= 0xD7FF


def build_tokenizer(pieces: Iterable[tuple[str, float]]) -> PreTrainedTokenizerFast:
    """Return a Unigram tokenizer over `pieces`, whose first four are SPECIAL_PIECES.

    The normal form is the source's own: NFKC, control characters dropped, every other space a plain one. That
    these few rules equal its table of 4,837 code points is tested against the table.
    """
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(Unigram(list(pieces), SPECIAL_PIECES.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_DROPPED_CONTROLS), ""),
            normalizers.Replace(Regex(_SPACES), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    roles = {"bos": "<s>", "cls": "<s>", "eos": "</s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>"}
    named = {f"{role}_token": piece for role, piece in roles.items()}
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, model_max_length=MAX_TOKENS, **named
    )
