"""Reading the questions of a survey file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from feedback_app.surveys.definition import ChoiceDefinition, QuestionDefinition
from feedback_app.surveys.models import Polarity, QuestionKind
from feedback_app.surveys.reader import FieldReader, read_wording
from feedback_app.surveys.rules import BANDS
from feedback_app.surveys.yaml_nodes import Node, Problems

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
MOST_QUESTIONS = 20
MOST_CHOICES = 30
CHOOSING = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
NAMES = {
    "key", "kind", "required", "polarity", "text", "text_by_band", "help", "low_label", "high_label", "show_if",
    "choices",
}  # fmt: skip


def read_questions(
    node: Node | None, problems: Problems, languages: tuple[str, ...], line: int
) -> tuple[QuestionDefinition, ...]:
    """Return the questions of `node`, noting what is wrong with each and with their order."""
    if node is None or not isinstance(node.value, list) or not node.value:
        problems.add(node.line if node else line, "questions: at least one question is needed")
        return ()
    if len(node.value) > MOST_QUESTIONS:
        problems.add(node.line, f"questions: {len(node.value)} are too many, at most {MOST_QUESTIONS}")
    questions: dict[str, QuestionDefinition] = {}
    for child in node.value:
        if not child.is_mapping:
            problems.add(child.line, "a question is a mapping of key, kind, text ...")
            continue
        question = _question(child, problems, languages, questions)
        if question is None:
            continue
        if question.key in questions:
            problems.add(child.line, f"key {question.key} stands there twice")
        questions[question.key] = question
    if sum(question.kind is QuestionKind.CONTACT for question in questions.values()) > 1:
        problems.add(node.line, "questions: only one question of kind contact is possible")
    return tuple(questions.values())


def _question(
    node: Node, problems: Problems, languages: tuple[str, ...], earlier: Mapping[str, QuestionDefinition]
) -> QuestionDefinition | None:
    read = FieldReader(node, problems, NAMES, languages)
    key = read.one("key", _key, needed=True, hint="a name of small letters, digits and _")
    kinds = ", ".join(kind.value for kind in QuestionKind)
    kind = read.one("kind", lambda value: QuestionKind(value), needed=True, hint=f"one of {kinds}")
    polarity = read.one(
        "polarity", lambda value: Polarity(value), default=Polarity.OPEN, hint="open, suggestion or praise"
    )
    text = read.wording("text", needed=True)
    if key is None or kind is None:
        return None
    show_key, show_values = _show_if(node, problems, earlier)
    return QuestionDefinition(
        key=key,
        kind=kind,
        text=text,
        required=read.flag("required"),
        polarity=polarity or Polarity.OPEN,
        text_by_band=_by_band(node, problems, languages, earlier),
        help=read.wording("help"),
        low_label=read.wording("low_label"),
        high_label=read.wording("high_label"),
        show_if_key=show_key,
        show_if_values=show_values,
        choices=_choices(node, kind, problems, languages),
    )


def _by_band(
    node: Node, problems: Problems, languages: tuple[str, ...], earlier: Mapping[str, QuestionDefinition]
) -> dict[str, Mapping[str, str]]:
    bands = node.get("text_by_band")
    if bands is None:
        return {}
    if not bands.is_mapping:
        problems.add(bands.line, f"text_by_band is a mapping of {', '.join(BANDS)}")
        return {}
    if not any(question.kind.is_score for question in earlier.values()):
        problems.add(bands.line, "text_by_band: no score is asked before this question")
    found = {}
    for name, child in bands.items():
        if name not in BANDS:
            problems.add(child.line, f"text_by_band: {name} is not one of {', '.join(BANDS)}")
        else:
            found[name] = read_wording(child, f"text_by_band {name}", problems, languages)
    return found


def _show_if(
    node: Node, problems: Problems, earlier: Mapping[str, QuestionDefinition]
) -> tuple[str | None, tuple[str, ...]]:
    condition = node.get("show_if")
    if condition is None:
        return None, ()
    if not condition.is_mapping:
        problems.add(condition.line, "show_if needs question and values")
        return None, ()
    read = FieldReader(condition, problems, {"question", "values"})
    key = read.one("question", str, needed=True)
    values = read.one("values", _texts, needed=True, hint="a list such as [low, middle]") or ()
    asked = earlier.get(key or "")
    if key is not None and asked is None:
        problems.add(read.line("question"), f"show_if: no question {key} stands before this one")
    if asked is None:
        return key, values
    possible = BANDS if asked.kind.is_score else tuple(choice.key for choice in asked.choices)
    if not possible:
        problems.add(read.line("question"), f"show_if: {key} is neither a score nor a choice")
    for value in values if possible else ():
        if value not in possible:
            problems.add(read.line("values"), f"show_if: {value} is not one of {', '.join(possible)}")
    return key, values


def _choices(
    node: Node, kind: QuestionKind, problems: Problems, languages: tuple[str, ...]
) -> tuple[ChoiceDefinition, ...]:
    choices = node.get("choices")
    if kind not in CHOOSING:
        if choices is not None:
            problems.add(choices.line, f"choices: a question of kind {kind.value} has none")
        return ()
    if choices is None or not isinstance(choices.value, list) or not 2 <= len(choices.value) <= MOST_CHOICES:
        problems.add((choices or node).line, f"choices: from 2 to {MOST_CHOICES} are needed")
        return ()
    found: dict[str, ChoiceDefinition] = {}
    for child in choices.value:
        if not child.is_mapping:
            problems.add(child.line, "a choice needs key and text")
            continue
        read = FieldReader(child, problems, {"key", "text"}, languages)
        key = read.one("key", _key, needed=True, hint="a name of small letters, digits and _")
        text = read.wording("text", needed=True)
        if key in found:
            problems.add(child.line, f"choices: key {key} stands there twice")
        if key is not None:
            found[key] = ChoiceDefinition(key, text)
    return tuple(found.values())


def _key(value: Any) -> str:
    if not isinstance(value, str) or not KEY.match(value):
        raise ValueError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(child.value, str) for child in value):
        raise ValueError
    return tuple(child.value for child in value)
