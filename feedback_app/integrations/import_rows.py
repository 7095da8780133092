"""One row of an import file: what its columns mean, and what is wrong with a bad one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from feedback_app.customers.rules import problem_with
from feedback_app.customers.service import CustomerDetails
from feedback_app.i18n import LANGUAGES
from feedback_app.invitations.rules import CONTEXT_COLUMNS, problem_with_context
from feedback_app.surveys.models import Question, QuestionKind, Survey
from feedback_app.surveys.rules import SCALES
from feedback_app.tabular import Row

CUSTOMER_COLUMNS = {
    "customer_reference": "reference",
    "customer_email": "email",
    "customer_name": "name",
    "customer_language": "language",
    "customer_kind": "kind",
    "customer_audience": "audience",
    "company": "company",
    "company_role": "company_role",
    "segment": "segment",
    "city": "city",
    "age_group": "age_group",
}
OWN_COLUMNS = {"survey", "submitted_at", "language", "score", "score_kind", "text", "contact_wanted", "external_id"}
COLUMNS = OWN_COLUMNS | CUSTOMER_COLUMNS.keys() | CONTEXT_COLUMNS.keys()
NEEDED = {"submitted_at"}
ANSWER_PREFIX = "answer:"  # answer:<question key> for any other question of the survey
LONGEST_TEXT = 5_000

YES = {"1", "yes", "true", "ja", "x"}
NO = {"0", "no", "false", "nei", ""}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ImportedAnswer:
    """The answer to one question: exactly one of the fields is set."""

    question_id: int
    number: int | None = None
    text: str | None = None
    contact_wanted: bool | None = None
    choice_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedResponse:
    """A checked row, ready to be stored."""

    survey: Survey
    submitted_at: datetime
    language: str
    score_kind: str | None
    score: int | None
    context: dict[str, str]
    customer: CustomerDetails
    answers: tuple[ImportedAnswer, ...]
    external_id: str
    digest: str  # of everything the row says; with its place among equal rows, or its external id, it tells rows apart


class RowProblem(Exception):
    """Why a row cannot be imported."""


class RowReader:
    """Turns rows into `ImportedResponse`s by the questions of the surveys that they name."""

    def __init__(self, surveys: dict[str, Survey], only: str | None, zone: ZoneInfo) -> None:
        """`surveys` by slug with questions loaded; `only` serves rows that name none; `zone` reads local times."""
        self._surveys = surveys
        self._only = only
        self._zone = zone

    def read(self, row: Row, now: datetime) -> ImportedResponse:
        """Return the checked row. Raises `RowProblem` with the reason."""
        survey = self._survey(row)
        questions = {question.key: question for question in survey.questions if not question.retired}
        answers = self._answers(row, questions)
        if not answers:
            raise RowProblem("holds no answer: score, text and all the others are empty")
        kind, score = next(((k, a.number) for k, a in answers if a.number is not None), (None, None))
        return ImportedResponse(
            survey=survey,
            submitted_at=self._moment(row.get("submitted_at"), now),
            language=_language(row.get("language"), survey),
            score_kind=kind,
            score=score,
            context=_context(row),
            customer=_customer(row),
            answers=tuple(answer for _kind, answer in answers),
            external_id=row.get("external_id"),
            digest=hashlib.sha256(json.dumps([survey.slug, sorted(row.cells.items())]).encode()).hexdigest(),
        )

    def _survey(self, row: Row) -> Survey:
        slug = row.get("survey") or self._only
        if not slug:
            raise RowProblem("names no survey")
        try:
            return self._surveys[slug]
        except KeyError:
            raise RowProblem(f"survey {slug!r} does not exist") from None

    def _moment(self, cell: str, now: datetime) -> datetime:
        moment = parse_moment(cell, self._zone)
        if moment > now:
            raise RowProblem(f"submitted_at {cell!r} lies in the future")
        return moment

    def _answers(self, row: Row, questions: dict[str, Question]) -> list[tuple[str | None, ImportedAnswer]]:
        wanted: list[tuple[Question, str]] = []
        if row.get("score"):
            wanted.append((_score_question(questions, row.get("score_kind")), row.get("score")))
        if row.get("text"):
            wanted.append((_first(questions, lambda kind: kind.is_text, "text"), row.get("text")))
        if row.get("contact_wanted"):
            wanted.append(
                (_first(questions, lambda k: k is QuestionKind.CONTACT, "contact_wanted"), row.get("contact_wanted"))
            )
        for column, cell in row.cells.items():
            if column.startswith(ANSWER_PREFIX):
                wanted.append((_named(questions, column.removeprefix(ANSWER_PREFIX)), cell))
        if len({question.id for question, _cell in wanted}) < len(wanted):
            raise RowProblem("answers one question twice")
        return [(question.kind.value, _answer(question, cell)) for question, cell in wanted]


def parse_moment(cell: str, zone: ZoneInfo) -> datetime:
    """Return the moment that `cell` tells: ISO 8601 or dd.mm.yyyy[ hh:mm[:ss]]; without an offset it is time in `zone`.

    A date alone means noon, so that no zone moves it to another day. Raises `RowProblem`.
    """
    text = re.sub(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})", lambda m: f"{m[3]}-{m[2]:0>2}-{m[1]:0>2}", cell)
    try:
        if len(text) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(text), time(12), zone).astimezone(UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowProblem(f"submitted_at {cell!r} is not a time such as 2026-01-31T14:05 or 31.01.2026 14:05") from None


def _language(cell: str, survey: Survey) -> str:
    language = cell.lower().split("-")[0]
    language = {"no": "nb", "": survey.default_language}.get(language, language)
    if not re.fullmatch("[a-z]{2,3}", language):
        raise RowProblem(f"language {cell!r} is not a code such as {', '.join(LANGUAGES)}")
    return language


def _customer(row: Row) -> CustomerDetails:
    details = {field: row.get(column) for column, field in CUSTOMER_COLUMNS.items()}
    for column, field in CUSTOMER_COLUMNS.items():
        if details[field] and (problem := problem_with(field, details[field])):
            raise RowProblem(f"{column}: {problem}")
    if not (details["reference"] or details["email"]) and any(details.values()):
        raise RowProblem("tells of a customer without customer_reference or customer_email")
    return CustomerDetails(**details)


def _context(row: Row) -> dict[str, str]:
    context = {field: row.get(column) for column, field in CONTEXT_COLUMNS.items()}
    for field, value in context.items():
        if problem := problem_with_context(field, value):
            raise RowProblem(problem)
    return context


def _score_question(questions: dict[str, Question], declared: str) -> Question:
    question = _first(questions, lambda kind: kind.is_score, "score")
    if declared and declared.lower() != question.kind.value:
        same = [q for q in questions.values() if q.kind.value == declared.lower()]
        if not same:
            raise RowProblem(f"score_kind {declared!r} is not asked by this survey (it asks {question.kind.value})")
        return same[0]
    return question


def _first(questions: dict[str, Question], fits: Callable[[QuestionKind], bool], column: str) -> Question:
    for question in questions.values():
        if fits(question.kind):
            return question
    raise RowProblem(f"{column}: the survey has no question for it")


def _named(questions: dict[str, Question], key: str) -> Question:
    for question in questions.values():
        if question.key.lower() == key:
            return question
    raise RowProblem(f"{ANSWER_PREFIX}{key}: the survey has no such question")


def _answer(question: Question, cell: str) -> ImportedAnswer:
    kind = question.kind
    if kind.is_score:
        return ImportedAnswer(question.id, number=_number(kind, cell))
    if kind.is_text:
        return ImportedAnswer(question.id, text=_text(cell))
    if kind is QuestionKind.CONTACT:
        if cell.lower() not in YES | NO:
            raise RowProblem(f"contact_wanted {cell!r} is neither yes nor no")
        return ImportedAnswer(question.id, contact_wanted=cell.lower() in YES)
    keys = [key.strip() for key in cell.split("|")] if kind is QuestionKind.MULTIPLE else [cell]
    choices = {choice.key: choice.id for choice in question.choices}
    if strange := [key for key in keys if key not in choices]:
        raise RowProblem(f"{question.key}: {strange[0]!r} is not one of {', '.join(choices)}")
    return ImportedAnswer(question.id, choice_ids=tuple(choices[key] for key in dict.fromkeys(keys)))


def _number(kind: QuestionKind, cell: str) -> int:
    low, high = SCALES[kind]
    if not re.fullmatch(r"\d{1,2}(?:[.,]0+)?", cell, re.ASCII) or not low <= int(re.split("[.,]", cell)[0]) <= high:
        raise RowProblem(f"score {cell!r} is not a whole number from {low} to {high} ({kind.value})")
    return int(re.split("[.,]", cell)[0])


def _text(cell: str) -> str:
    text = _CONTROL.sub(" ", cell).strip()
    if len(text) > LONGEST_TEXT:
        raise RowProblem(f"text has {len(text)} characters, at most {LONGEST_TEXT} fit")
    if not text:
        raise RowProblem("text holds control characters alone")
    return text
