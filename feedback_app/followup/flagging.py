"""Reading what decides about responses, and writing the flags: set-based, a fixed number of statements a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.bundles import Part
from feedback_app.customers.models import COMPANY, Customer
from feedback_app.database import Base
from feedback_app.followup.models import Case, CaseEvent, CaseStatus, CaseText, Flag, FlagKind
from feedback_app.followup.rules import Facts, ReadText, reasons, urgency_rank
from feedback_app.scoring.models import SentimentScore
from feedback_app.surveys.models import Question, QuestionKind, Survey
from feedback_app.upserts import insert_for, insert_or_ignore


@dataclass(frozen=True)
class Flagged:
    """A response that needs a person, and why."""

    row: Any  # the columns of `_OF_RESPONSE`
    facts: Facts
    kinds: dict[FlagKind, ReadText | None]
    body: str  # for the search


_OF_RESPONSE = (
    Response.id, Response.survey_id, Response.customer_id, Response.language, Response.submitted_at,
    Response.corrected_at, Survey.nps_flag_at, Survey.csat_flag_at, Survey.ces_flag_at, Survey.followup_hours,
    Customer.name.label("customer"), COMPANY.c.name.label("company"),
)  # fmt: skip
_OF_ANSWER = (
    Answer.id.label("answer_id"), Answer.number, Answer.text, Answer.contact_wanted, Question.kind, Question.polarity,
    SentimentScore.unhappy, SentimentScore.negative, SentimentScore.positive, SentimentScore.threshold,
    SentimentScore.model_version,
)  # fmt: skip


def read_flagged(session: Session, response_ids: Collection[int], model_version: object) -> list[Flagged]:
    """Return those of `response_ids` that need a person, as `model_version` reads their texts; one statement."""
    score = sa.and_(
        SentimentScore.answer_id == Answer.id,
        SentimentScore.model_version == model_version,
        SentimentScore.reason.is_(None),
        sa.or_(Response.corrected_at.is_(None), SentimentScore.scored_at >= Response.corrected_at),
    )
    statement = sa.select(*_OF_RESPONSE, *_OF_ANSWER).select_from(Response).join(Survey)
    statement = (
        statement.join(Answer, Answer.response_id == Response.id).join(Question).outerjoin(SentimentScore, score)
    )
    statement = statement.outerjoin(Customer, Customer.id == Response.customer_id)
    statement = statement.outerjoin(COMPANY, COMPANY.c.id == Customer.company_id)
    statement = statement.where(Response.id.in_(response_ids), Response.withdrawn_at.is_(None))
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(statement.order_by(Question.position, Answer.id)):
        grouped[row.id].append(row)
    found = (_judged(rows) for rows in grouped.values())
    return [one for one in found if one.kinds]


def write_flags(session: Session, found: Sequence[Flagged], now: datetime) -> dict[int, list[FlagKind]]:
    """Open the cases of `found` where there are none, and raise what is new; return new kinds by response."""
    if not found:
        return {}
    new_cases = _insert(session, Case, [{"response_id": one.row.id} | _case(one, now) for one in found])
    opened = set(session.scalars(new_cases.returning(Case.response_id)))
    cases = _cases(session, [one.row.id for one in found])
    ids = [{"case_id": cases[one.row.id].id, "response_id": one.row.id} for one in found]
    flags = [of | _flag(one, kind, now) for one, of in zip(found, ids, strict=True) for kind in one.kinds]
    raised: dict[int, list[FlagKind]] = defaultdict(list)
    for response_id, kind in session.execute(_insert(session, Flag, flags).returning(Flag.response_id, Flag.kind)):
        raised[response_id].append(FlagKind(kind))
    texts = [{"case_id": cases[one.row.id].id, "body": one.body} for one in found if one.row.id in opened]
    insert_or_ignore(session, CaseText, texts)
    _write_history(session, cases, opened, raised, now)
    _raise_urgency(session, [one for one in found if one.row.id in raised and one.row.id not in opened], cases)
    return raised


def new_case(one: Flagged, now: datetime) -> list[Part]:
    """Return the rows of the case of a response that is not stored yet; they take its id when it is."""
    case: dict[str, type[Base]] = {"case_id": Case}
    response: dict[str, type[Base]] = {"response_id": Response}
    detail = {"reasons": [kind.value for kind in one.kinds]}
    return [
        Part(Case, [_case(one, now)], response),
        Part(Flag, [_flag(one, kind, now) for kind in one.kinds], case | response),
        Part(CaseText, [{"body": one.body}], case),
        Part(CaseEvent, [{"at": now, "kind": "opened", "detail": detail}], case),
    ]


def search_text(texts: Iterable[str | None]) -> str:
    """Return what the inbox's search looks through."""
    return "\n".join(text for text in texts if text)


def _judged(rows: Sequence[Any]) -> Flagged:
    """Put the answers of one response together."""
    facts = Facts(
        scores=tuple((row.kind.value, row.number) for row in rows if row.kind.is_score and row.number is not None),
        contact_wanted=any(row.kind is QuestionKind.CONTACT and row.contact_wanted for row in rows),
        texts=tuple(_read_text(row) for row in rows if row.negative is not None),
    )
    first = rows[0]
    body = search_text([*(row.text for row in rows), first.customer, first.company])
    return Flagged(first, facts, reasons(facts, first), body)


def _read_text(row: Any) -> ReadText:
    return ReadText(
        answer_id=row.answer_id,
        polarity=row.polarity,
        unhappy=row.unhappy,
        negative=row.negative,
        positive=row.positive,
        threshold=row.threshold,
        model_version=row.model_version,
    )


def _case(one: Flagged, now: datetime) -> dict[str, Any]:
    """Return the columns of a case, but for its response's id."""
    row = one.row
    return {
        "survey_id": row.survey_id,
        "customer_id": row.customer_id,
        "language": row.language,
        "status": CaseStatus.OPEN.value,
        "urgency_rank": urgency_rank(one.facts, one.kinds),
        "opened_at": now,
        "answered_at": row.submitted_at,
        "due_at": row.submitted_at + timedelta(hours=row.followup_hours),
        "lock_version": 1,
    }


def _flag(one: Flagged, kind: FlagKind, now: datetime) -> dict[str, Any]:
    """Return the columns of a flag, but for the ids of its case and response."""
    text = one.kinds[kind]
    return {
        "answer_id": text.answer_id if text else None,
        "kind": kind.value,
        "raised_at": now,
        "negative": text.negative if text else None,
        "threshold": text.threshold if text else None,
        "model_version": text.model_version if text else None,
    }


def _insert(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> Any:
    """Return one INSERT for all `rows`; given apart from the statement they would go one by one."""
    return insert_for(session, table).values(rows).on_conflict_do_nothing()


def _cases(session: Session, response_ids: list[int]) -> dict[int, Any]:
    statement = sa.select(Case.id, Case.response_id, Case.urgency_rank).where(Case.response_id.in_(response_ids))
    return {row.response_id: row for row in session.execute(statement)}


def _write_history(
    session: Session, cases: dict[int, Any], opened: set[int], raised: dict[int, list[FlagKind]], now: datetime
) -> None:
    events = [
        {
            "case_id": cases[response_id].id,
            "at": now,
            "kind": "opened" if response_id in opened else "flagged",
            "detail": {"reasons": [kind.value for kind in kinds]},
        }
        for response_id, kinds in raised.items()
    ]
    if events:
        session.execute(sa.insert(CaseEvent), events)


def _raise_urgency(session: Session, found: Sequence[Flagged], cases: dict[int, Any]) -> None:
    """Move cases with a new reason forward; `lock_version` stays, so that a lead at work is not interrupted."""
    changes = [
        {"b_id": cases[one.row.id].id, "b_rank": rank}
        for one in found
        if (rank := urgency_rank(one.facts, one.kinds)) < cases[one.row.id].urgency_rank
    ]
    if changes:
        change = sa.update(Case).where(Case.id == sa.bindparam("b_id")).values(urgency_rank=sa.bindparam("b_rank"))
        session.connection().execute(change, changes)
