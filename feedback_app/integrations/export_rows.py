"""What an export says of each response: one row with everything that is known about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback_app.answering.models import Answer, Response
from feedback_app.cells import Cell
from feedback_app.customers.models import Customer
from feedback_app.followup.models import Case
from feedback_app.scoring.models import SentimentScore
from feedback_app.surveys.models import Choice, Question, QuestionKind, Survey

BATCH = 500
HEAD = (
    "response", "survey", "survey_version", "submitted_at", "language", "source", "channel", "agent", "team", "product",
    "order", "customer_reference", "customer_name", "customer_email", "customer_kind", "customer_audience", "company",
    "company_role", "segment", "score_kind", "score",
)  # fmt: skip
TAIL = (
    "corrected_at", "withdrawn_at", "objected_to_machine_reading_at", "flags", "case", "case_status", "case_opened_at",
    "case_owner", "case_first_touch_at", "case_resolved_at", "case_outcome", "case_root_cause",
)  # fmt: skip
SENTIMENT = ("sentiment", "unhappy", "negative", "neutral", "positive", "text_language", "not_scored", "model")


@dataclass(frozen=True)
class ExportColumns:
    """The columns of the questions: by key, the same key of several surveys sharing a column."""

    questions: tuple[tuple[str, bool, bool], ...]  # key, is a text, is a contact question

    @property
    def header(self) -> list[str]:
        """All column names, in order."""
        names = list(HEAD)
        for key, is_text, is_contact in self.questions:
            names.append(f"answer:{key}")
            if is_text:
                names += [f"{name}:{key}" for name in SENTIMENT]
            if is_contact:
                names += [f"contact_how:{key}", f"contact_when:{key}"]
        return names + list(TAIL)


def export_columns(session: Session, surveys: Sequence[Survey]) -> ExportColumns:
    """Return the columns that an export of `surveys` needs; retired questions are among them."""
    query = (
        sa.select(Question)
        .where(Question.survey_id.in_([s.id for s in surveys]))
        .order_by(Question.survey_id, Question.position)
    )
    columns: dict[str, tuple[bool, bool]] = {}
    for question in session.scalars(query):
        is_text, is_contact = columns.get(question.key, (False, False))
        columns[question.key] = (is_text or question.kind.is_text, is_contact or question.kind is QuestionKind.CONTACT)
    return ExportColumns(tuple((key, *kinds) for key, kinds in columns.items()))


def export_rows(
    session: Session, surveys: Sequence[Survey], columns: ExportColumns, model_version: str
) -> Iterator[list[Cell]]:
    """Yield a row a response, oldest first, in flat memory; scores are those of `model_version`."""
    slugs = {survey.id: survey.slug for survey in surveys}
    choice_keys = {choice.id: choice.key for choice in session.execute(sa.select(Choice.id, Choice.key))}
    last = 0
    while responses := _batch(session, list(slugs), last):
        last = responses[-1].id
        cases = _cases(session, responses)
        scores = _scores(session, responses, model_version)
        for response in responses:
            yield _row(response, slugs, columns, cases.get(response.id), scores, choice_keys)
        session.expunge_all()


def _batch(session: Session, survey_ids: list[int], after: int) -> Sequence[Response]:
    query = (
        sa.select(Response)
        .where(Response.survey_id.in_(survey_ids), Response.id > after)
        .order_by(Response.id)
        .limit(BATCH)
        .options(
            joinedload(Response.customer).joinedload(Customer.company),
            selectinload(Response.answers).joinedload(Answer.question),
            selectinload(Response.answers).selectinload(Answer.choices),
        )
    )
    return session.scalars(query).all()


def _cases(session: Session, responses: Sequence[Response]) -> dict[int, Case]:
    query = (
        sa.select(Case)
        .where(Case.response_id.in_([r.id for r in responses]))
        .options(
            selectinload(Case.flags), joinedload(Case.owner), joinedload(Case.outcome), joinedload(Case.root_cause)
        )
    )
    return {case.response_id: case for case in session.scalars(query)}


def _scores(session: Session, responses: Sequence[Response], model_version: str) -> dict[int, SentimentScore]:
    answers = [answer.id for response in responses for answer in response.answers if answer.text is not None]
    query = sa.select(SentimentScore).where(
        SentimentScore.answer_id.in_(answers), SentimentScore.model_version == model_version
    )
    return {score.answer_id: score for score in session.scalars(query)}


def _row(
    response: Response,
    slugs: dict[int, str],
    columns: ExportColumns,
    case: Case | None,
    scores: dict[int, SentimentScore],
    choice_keys: dict[int, str],
) -> list[Cell]:
    customer, company = response.customer, response.customer.company if response.customer else None
    row: list[Cell] = [
        response.id, slugs[response.survey_id], response.survey_version, _time(response.submitted_at),
        response.language, response.source, response.channel, response.agent, response.team, response.product,
        response.order_reference,
    ]  # fmt: skip
    row += [getattr(customer, name, None) for name in ("reference", "name", "email", "kind", "audience")]
    row += [getattr(company, "name", None), getattr(customer, "company_role", None), getattr(customer, "segment", None)]
    row += [response.score_kind, response.score]
    answers = {answer.question.key: answer for answer in response.answers}
    for key, is_text, is_contact in columns.questions:
        row += _answer_cells(answers.get(key), scores, choice_keys, is_text, is_contact)
    return [
        *row,
        _time(response.corrected_at),
        _time(response.withdrawn_at),
        _time(response.objected_at),
        *_case_cells(case),
    ]


def _answer_cells(
    answer: Answer | None,
    scores: dict[int, SentimentScore],
    choice_keys: dict[int, str],
    is_text: bool,
    is_contact: bool,
) -> list[Cell]:
    cells: list[Cell] = [None if answer is None else _value(answer, choice_keys)]
    if is_text:
        score = scores.get(answer.id) if answer is not None else None
        fields = ("label", "unhappy", "negative", "neutral", "positive", "language", "reason", "model_version")
        cells += [getattr(score, field, None) for field in fields]
    if is_contact:
        cells += [getattr(answer, "contact_how", None), getattr(answer, "contact_when", None)]
    return cells


def _value(answer: Answer, choice_keys: dict[int, str]) -> Cell:
    if answer.number is not None:
        return answer.number
    if answer.text is not None:
        return answer.text
    if answer.contact_wanted is not None:
        return "yes" if answer.contact_wanted else "no"
    return "|".join(choice_keys[choice.choice_id] for choice in answer.choices)


def _case_cells(case: Case | None) -> list[Cell]:
    if case is None:
        return [None] * (len(TAIL) - 3)
    flags = "|".join(flag.kind for flag in case.flags)
    people: list[Any] = [case.owner.name if case.owner else None]
    ends = [case.outcome.key if case.outcome else None, case.root_cause.key if case.root_cause else None]
    return [
        flags,
        case.id,
        case.status,
        _time(case.opened_at),
        *people,
        _time(case.first_touch_at),
        _time(case.resolved_at),
        *ends,
    ]


def _time(moment: Any) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None
