"""Cleaning, sentences, batches and languages: what happens to a text before a network sees it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.batching import batches_by_length, windows
from ml.cleaning import MAX_CHARACTERS, clean, is_mostly_foreign
from ml.language import find_languages
from ml.sentences import sentence_spans


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("", ""),
        (" \t\r\n\u200b\ufeff ", ""),
        ("\x00a\x00", "a"),
        ("hei\ud800 du", "hei du"),
        ("\ud83d\ude00", "😀"),
        ("for\u00adnøyd", "fornøyd"),
        ("dår\u200blig", "dårlig"),
        ("to\n\n  linjer", "to linjer"),
        ("👍🏽 🤬", "👍 😡"),
    ],
)
def test_a_text_is_cleaned(given_text: str, cleaned: str) -> None:
    assert clean(given_text) == (cleaned, False)


def test_a_long_text_is_cut_and_says_so() -> None:
    text, cut = clean("lang " * 400_000)
    assert cut
    assert len(text) <= MAX_CHARACTERS


def test_blanks_at_the_end_are_no_cut() -> None:
    assert clean("kort" + " " * 100_000) == ("kort", False)


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("нет!!!", True),
        ("很好", True),
        ("bra спасибо", True),
        ("veldig bra спас", False),
        ("🤬", False),
        ("ÅØÆ ẞ", False),
    ],
)
def test_another_script_is_seen(text: str, foreign: bool) -> None:
    assert is_mostly_foreign(text) == foreign


@given(st.text(st.characters()))
def test_any_string_can_be_encoded_after_cleaning(text: str) -> None:
    clean(text)[0].encode("utf-8")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Bra mat. Treig service!", ["Bra mat.", "Treig service!"]),
        ("Kom kl. 12. Ingen var der", ["Kom kl. 12. Ingen var der"]),
        ("Den 3. mai kom den. Da var den ødelagt.", ["Den 3. mai kom den.", "Da var den ødelagt."]),
        ("Great...\nanother hour on hold", ["Great...", "another hour on hold"]),
        ('Han sa "nei!" Så gikk han.', ['Han sa "nei!"', "Så gikk han."]),
        ("  ", []),
        ("...", ["..."]),
    ],
)
def test_sentences_are_found(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


@given(st.text(alphabet="aB. !?\n12”", max_size=60))
def test_sentences_follow_each_other_and_lose_no_word(text: str) -> None:
    spans = sentence_spans(text)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


@given(st.lists(st.integers(2, 512), max_size=80))
def test_every_text_is_in_one_batch_within_the_budget(lengths: list[int]) -> None:
    batches = list(batches_by_length(lengths, 1_000))
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[number] for number in batch) <= 1_000 for batch in batches)


def test_a_window_is_read_before_the_rest_is_made() -> None:
    source = iter(range(100))
    next(windows(source, 8))
    assert next(source) == 8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Jeg er svært fornøyd med hjelpen jeg fikk av dere i går", "nb"),
        ("Eg er svært nøgd med hjelpa eg fekk av dykk i går", "nn"),
        ("I am very pleased with the help I got from you yesterday", "en"),
        ("JEG HAR VENTET I TRE UKER OG FORTSATT IKKE FÅTT NOE SVAR", "nb"),
        ("Ich bin mit der Hilfe sehr zufrieden, die ich gestern bekam", "de"),
    ],
)
def test_a_whole_sentence_has_a_sure_language(text: str, code: str) -> None:
    (found,) = find_languages([text])
    assert (found.code, found.sure) == (code, True)


@pytest.mark.parametrize("text", ["nei", "ok", "👍", ":-(", "123", "", "bra!"])
def test_a_short_text_never_has(text: str) -> None:
    assert not find_languages([text])[0].sure
