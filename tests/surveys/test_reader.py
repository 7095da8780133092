"""Survey files: what they mean, and how mistakes are told."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedback_app.surveys.models import Polarity, QuestionKind, SurveyStatus
from feedback_app.surveys.reader import SurveyFileError, load_definition, read_definition

OSLO = ZoneInfo("Europe/Oslo")
TEMPLATES = sorted(Path("feedback_app/surveys/templates").glob("*.yaml"))
GOOD = """\
slug: short
status: open
title: {en: Short, nb: Kort}
opens_at: 2026-01-31T08:00
thresholds: {nps: 5}
questions:
  - key: nps
    kind: nps
    text: {en: How likely?, nb: Hvor sannsynlig?}
    required: true
  - key: better
    kind: long_text
    polarity: suggestion
    text: {en: Better, nb: Bedre}
    show_if: {question: nps, values: [low, middle]}
""".replace("How likely?", "'How likely?'").replace("Hvor sannsynlig?", "'Hvor sannsynlig?'")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_every_template_is_worded_in_three_languages(template: Path) -> None:
    definition = load_definition(template, OSLO)
    assert set(definition.languages) == {"en", "nb", "nn"}
    assert definition.questions[0].kind.is_score


def test_there_is_a_template_for_each_kind_of_score() -> None:
    kinds = {load_definition(template, OSLO).questions[0].kind for template in TEMPLATES}
    assert kinds == {QuestionKind.NPS, QuestionKind.CSAT, QuestionKind.CES}


def test_a_good_file_says_what_it_means() -> None:
    definition = read_definition(GOOD, "good.yaml", OSLO)
    assert (definition.status, definition.nps_flag_at, definition.csat_flag_at) == (SurveyStatus.OPEN, 5, 2)
    assert definition.opens_at is not None
    assert definition.opens_at.isoformat() == "2026-01-31T08:00:00+01:00"
    better = definition.questions[1]
    assert (better.polarity, better.show_if_key, better.show_if_values) == (
        Polarity.SUGGESTION,
        "nps",
        ("low", "middle"),
    )


MISTAKES = {
    "slug: short": ("slug: Not A Slug", 1, "small letters"),
    "status: open": ("status: ajar", 2, "draft, open or closed"),
    "title: {en: Short, nb: Kort}": ("title: {en: Short, xx: Kort}", 3, "xx is not a language"),
    "opens_at: 2026-01-31T08:00": ("opens_at: tomorrow", 4, "a time such as"),
    "thresholds: {nps: 5}": ("thresholds: {nps: 11}", 5, "from 0 to 10"),
    "kind: nps": ("kind: stars", 8, "one of nps"),
    "required: true": ("requried: true", 10, "requried is not known"),
    "polarity: suggestion": ("polarity: angry", 13, "open, suggestion or praise"),
    "text: {en: Better, nb: Bedre}": ("text: {en: Better}", 14, "the text in nb is missing"),
    "question: nps": ("question: later", 15, "no question later stands before"),
    "values: [low, middle]": ("values: [lowest]", 15, "lowest is not one of low, middle, high"),
}


@pytest.mark.parametrize("right", MISTAKES, ids=lambda right: right.split(":")[0])
def test_each_mistake_is_told_with_its_line(right: str) -> None:
    wrong, line, reason = MISTAKES[right]
    with pytest.raises(SurveyFileError) as caught:
        read_definition(GOOD.replace(right, wrong), "bad.yaml", OSLO)
    assert any(at == line and reason in told for at, told in caught.value.problems), caught.value.problems


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = GOOD
    for right in ("slug: short", "status: open", "required: true", "polarity: suggestion"):
        text = text.replace(right, MISTAKES[right][0])
    with pytest.raises(SurveyFileError) as caught:
        read_definition(text, "bad.yaml", OSLO)
    assert [line for line, _reason in caught.value.problems] == [1, 2, 10, 13]
    assert str(caught.value).startswith("bad.yaml:1: slug")


@pytest.mark.parametrize("text", ["", "[]", "slug: [", "slug: a\nslug: b", "- a\n- b", "title: 3", "questions: {}"])
def test_what_is_no_survey_at_all_is_told_too(text: str) -> None:
    with pytest.raises(SurveyFileError):
        read_definition(text, "bad.yaml", OSLO)
