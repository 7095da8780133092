"""Reading what a customer sent: strict, complete, and without losing a word of what was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feedback_app.answering.content import QuestionContent, SurveyContent
from feedback_app.answering.rules import (
    LONGEST_CONTACT,
    LONGEST_TEXT,
    Contact,
    Value,
    Values,
    clean_text,
    is_asked,
    is_submission_id,
)
from feedback_app.surveys.models import QuestionKind

OTHER_FIELDS = frozenset({"submission_id", "lang"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field: a code that the page puts in words."""

    field: str
    code: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: clean values, and the problems with them. `written` is for showing the form again."""

    submission_id: str
    values: Values = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    written: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read_form(survey: SurveyContent, fields: Mapping[str, Sequence[str]], *, contact_known: bool = False) -> Sent:
    """Return what `fields` (name -> values) say about `survey`.

    Answers to questions that were not asked, given the others, are left out. With `contact_known` somebody who wants
    to be contacted need not say how.
    """
    submission_id = _first(fields, "submission_id")
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    known = set(OTHER_FIELDS)
    for question in survey.questions:
        known.update(question.fields)
        if not is_asked(question, values, survey):
            continue
        value, problem = _READERS[question.kind](question, fields)
        if isinstance(value, Contact) and not value.how and not contact_known and problem is None:
            problem = Problem(f"{question.field}.how", "contact_how")
        if problem is None and value is None and question.required:
            problem = Problem(question.field, "required_text" if question.kind.is_text else "required")
        if problem is not None:
            problems.append(problem)
        elif value is not None:
            values[question.key] = value
    if not fields.keys() <= known:
        problems.append(Problem("", "unknown"))
    elif not is_submission_id(submission_id):
        problems.append(Problem("", "incomplete"))
    elif not values and not problems:
        problems.append(Problem("", "empty"))
    return Sent(submission_id, values, tuple(problems), fields)


def _first(fields: Mapping[str, Sequence[str]], name: str) -> str:
    given = fields.get(name)
    return given[0] if given else ""


def _number(question: QuestionContent, fields: Mapping[str, Sequence[str]]) -> tuple[Value | None, Problem | None]:
    given = [text for text in fields.get(question.field, ()) if text]
    if not given:
        return None, None
    text = given[0]
    if len(given) == 1 and len(text) <= 2 and text.isascii() and text.isdigit() and int(text) in question.scale:
        return int(text), None
    return None, Problem(question.field, "choice")


def _choices(question: QuestionContent, fields: Mapping[str, Sequence[str]]) -> tuple[Value | None, Problem | None]:
    given = [text for text in fields.get(question.field, ()) if text]
    if not given:
        return None, None
    picked = tuple(choice.key for choice in question.choices if choice.key in given)
    if len(picked) != len(set(given)) or (question.kind is QuestionKind.SINGLE and len(picked) > 1):
        return None, Problem(question.field, "choice")
    return picked, None


def _text(question: QuestionContent, fields: Mapping[str, Sequence[str]]) -> tuple[Value | None, Problem | None]:
    text = clean_text("\n".join(fields.get(question.field, ())))
    if len(text) > LONGEST_TEXT:
        return None, Problem(question.field, "long", len(text) - LONGEST_TEXT)
    return text or None, None


def _contact(question: QuestionContent, fields: Mapping[str, Sequence[str]]) -> tuple[Value | None, Problem | None]:
    given = _first(fields, question.field)
    if not given:
        return None, None
    if given != "yes":
        return None, Problem(question.field, "choice")
    parts = []
    for name in question.fields[1:]:
        text = clean_text(_first(fields, name)).replace("\n", " ")
        if len(text) > LONGEST_CONTACT:
            return None, Problem(name, "long", len(text) - LONGEST_CONTACT)
        parts.append(text)
    return Contact(*parts), None


_READERS = {
    QuestionKind.NPS: _number,
    QuestionKind.CSAT: _number,
    QuestionKind.CES: _number,
    QuestionKind.SINGLE: _choices,
    QuestionKind.MULTIPLE: _choices,
    QuestionKind.SHORT: _text,
    QuestionKind.LONG: _text,
    QuestionKind.CONTACT: _contact,
}
