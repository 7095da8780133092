"""Every string that people read is translated, with the same placeholders, and the compiled catalogues are current."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path("feedback_app")
TRANSLATIONS = ROOT / "translations"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


@pytest.fixture(scope="module")
def sources() -> set[str]:
    """The English strings of code and templates; of a plural the singular."""
    with (TRANSLATIONS / "babel.cfg").open() as stream:
        methods, options = parse_mapping_cfg(stream)
    found = extract_from_dir(ROOT, methods, options, keywords=_keywords())
    return {text if isinstance(text, str) else text[0] for _file, _line, text, _comments, _context in found}


def _keywords() -> dict[str, tuple[int, ...] | None]:
    return {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}


def catalogue(language: str) -> Catalog:
    """Return the translations of `language`."""
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as stream:
        return read_po(stream, locale=language)


def single(text: str | tuple[str, ...] | list[str]) -> str:
    """Return the singular."""
    return text if isinstance(text, str) else text[0]


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_string_is_translated(language: str, sources: set[str]) -> None:
    translated = {single(message.id) for message in catalogue(language) if message.id and all(_texts(message))}
    assert len(sources) > 400
    assert sources - translated == set()


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_no_translation_loses_a_placeholder(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            source = message.id if isinstance(message.id, str) else message.id[-1]
            assert sorted(PLACEHOLDER.findall(_texts(message)[-1])) == sorted(PLACEHOLDER.findall(source)), source


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_compiled_catalogue_says_what_its_source_says(language: str) -> None:
    compiled = read_mo(BytesIO((TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo").read_bytes()))
    for message in catalogue(language):
        if message.id:
            found = compiled.get(single(message.id))
            assert found is not None, message.id
            assert _texts(found) == _texts(message)


def _texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
