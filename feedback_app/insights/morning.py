"""What a lead reads in the morning mail: last night's run, what is new, three quotes, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from feedback_app.answering.models import Answer
from feedback_app.followup.models import Case, CaseStatus
from feedback_app.scoring.models import ScoringRun, SentimentScore
from feedback_app.scoring.queries import last_success
from feedback_app.scoring.rules import batch_is_overdue

PERIOD = timedelta(hours=24)
QUOTES = 3
CANDIDATES = 30  # cases that are looked through for quotes: some have a low score and no text
LONGEST_QUOTE = 240


@dataclass(frozen=True)
class Quote:
    """What a customer wrote: the telling sentence, or how the text begins."""

    case_id: int
    text: str
    customer: str


@dataclass(frozen=True)
class MorningReport:
    """The content of the mail."""

    run: ScoringRun | None
    run_is_overdue: bool
    new: int
    open: int
    overdue: int
    quotes: list[Quote]


def morning_report(session: Session, now: datetime) -> MorningReport:
    """Return what happened in the 24 hours before `now`, and what is open and overdue at `now`."""
    is_open = Case.status == CaseStatus.OPEN
    return MorningReport(
        run=session.scalar(sa.select(ScoringRun).order_by(ScoringRun.started_at.desc()).limit(1)),
        run_is_overdue=batch_is_overdue(last_success(session), now),
        new=_count(session, is_open, Case.opened_at >= now - PERIOD),
        open=_count(session, is_open),
        overdue=_count(session, is_open, Case.due_at < now),
        quotes=_quotes(session, now),
    )


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Case).where(*conditions)) or 0


def _quotes(session: Session, now: datetime) -> list[Quote]:
    """Return quotes of the most urgent new cases."""
    statement = sa.select(Case).where(Case.status == CaseStatus.OPEN, Case.opened_at >= now - PERIOD)
    statement = statement.order_by(Case.urgency_rank, Case.opened_at).limit(CANDIDATES)
    cases = session.scalars(statement.options(joinedload(Case.customer))).all()
    texts = _texts(session, [case.response_id for case in cases])
    return [
        Quote(case.id, texts[case.response_id], case.customer.name if case.customer else "")
        for case in cases
        if case.response_id in texts
    ][:QUOTES]


def _texts(session: Session, response_ids: list[int]) -> dict[int, str]:
    """Return, for each response that has a text, the one to quote: the unhappiest, cut to the telling sentence."""
    score = sa.and_(SentimentScore.answer_id == Answer.id, SentimentScore.unhappy)
    statement = sa.select(Answer.response_id, Answer.text, SentimentScore.telling_start, SentimentScore.telling_end)
    statement = statement.outerjoin(SentimentScore, score).where(Answer.response_id.in_(response_ids))
    statement = statement.where(Answer.text.is_not(None)).order_by(
        SentimentScore.negative.desc().nulls_last(), SentimentScore.scored_at.desc().nulls_last(), Answer.id
    )
    found: dict[int, str] = {}
    for response_id, text, start, end in session.execute(statement):
        if response_id not in found and text:
            found[response_id] = _shortened(text if start is None else text[start:end])
    return found


def _shortened(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST_QUOTE else one_line[: LONGEST_QUOTE - 1].rstrip() + "…"
