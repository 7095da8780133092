"""Reads of the inbox: a page of rows, the tabs' counts, and what stands before and after a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.accounts.models import User
from feedback_app.answering.models import Answer, Response
from feedback_app.customers.models import COMPANY, Customer
from feedback_app.followup.listing import TABS, Listing
from feedback_app.followup.models import Case, Flag, FlagKind
from feedback_app.followup.quotes import Quote, quote
from feedback_app.scoring.models import Correction, SentimentScore
from feedback_app.scoring.queries_version import current_model_version
from feedback_app.surveys.models import Survey, SurveyText

PAGE = 40
COUNT_TO = 1000  # beyond, a tab says "1,000+"
UNHAPPY = FlagKind.UNHAPPY_TEXT.value
KINDS = [kind.value for kind in FlagKind]


@dataclass(frozen=True)
class InboxRow:
    """One case as the inbox shows it."""

    case: Any  # columns of the case, its response and customer
    kinds: list[str]
    quote: Quote | None
    judged_answer_id: int | None  # the text that the machine called unhappy, where it did
    verdict: bool | None  # what a person said: unhappy or not


@dataclass(frozen=True)
class InboxPage:
    """A page of the inbox, with the cursors of its neighbours."""

    rows: list[InboxRow]
    previous: str | None
    next: str | None


def inbox_page(
    session: Session, listing: Listing, now: datetime, after: str | None = None, before: str | None = None
) -> InboxPage:
    """Return the page of `listing` after, or before, a cursor. Raises `ValueError` on a cursor that is none."""
    backwards, cursor = bool(before) and not after, after or before
    statement = sa.select(Case.id).where(*listing.conditions(session, now))
    if cursor:
        statement = statement.where(listing.beyond(cursor, backwards=backwards))
    page = listing.sorted(statement, backwards=backwards).limit(PAGE + 1).subquery()
    found = list(session.execute(listing.sorted(_rows().join(page, page.c.id == Case.id), backwards=backwards)))
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    earlier, later = (more, True) if backwards else (bool(cursor), more)
    return InboxPage(
        rows=_complete(session, found),
        previous=listing.cursor_of(found[0]) if found and earlier else None,
        next=listing.cursor_of(found[-1]) if found and later else None,
    )


def neighbours(session: Session, listing: Listing, case_id: int, now: datetime) -> tuple[int | None, int | None]:
    """Return the cases before and after a case in `listing`; its own status may have changed by now."""
    here = session.execute(sa.select(*listing.order).where(Case.id == case_id)).one_or_none()
    if here is None or any(value is None for value in here):
        return None, None
    cursor = listing.cursor_of(here)
    base = sa.select(Case.id).where(*listing.conditions(session, now))
    before, after = (
        session.scalar(listing.sorted(base.where(listing.beyond(cursor, backwards=back)), backwards=back).limit(1))
        for back in (True, False)
    )
    return before, after


def tab_counts(session: Session, listing: Listing, now: datetime) -> dict[str, int]:
    """Return how many cases each tab holds without filters, counted to a thousand and one."""
    columns = []
    for tab in TABS:
        plain = Listing(user_id=listing.user_id, seen_at=listing.seen_at, tab=tab)
        some = sa.select(Case.id).where(*plain.conditions(session, now)).limit(COUNT_TO + 1).subquery()
        columns.append(sa.select(sa.func.count()).select_from(some).scalar_subquery().label(tab))
    return dict(session.execute(sa.select(*columns)).one()._mapping)


def survey_titles(session: Session, language: str) -> dict[int, str]:
    """Return the title of every survey, in `language` where it has one."""
    statement = sa.select(Survey.id, Survey.slug, Survey.default_language, SurveyText.language, SurveyText.title)
    statement = statement.outerjoin(SurveyText, SurveyText.survey_id == Survey.id).order_by(Survey.id)
    titles: dict[int, str] = {}
    for survey_id, slug, default, spoken, title in session.execute(statement):
        if spoken == language or (spoken == default and titles.get(survey_id, slug) == slug):
            titles[survey_id] = title
        titles.setdefault(survey_id, slug)
    return titles


def _rows() -> Any:
    statement = sa.select(
        Case.id, Case.response_id, Case.survey_id, Case.status, Case.urgency_rank, Case.opened_at, Case.answered_at,
        Case.due_at, Case.resolved_at, Case.owner_id, Case.language, Case.lock_version, Response.score_kind,
        Response.score, User.name.label("owner"), Customer.name.label("customer"), Customer.kind.label("customer_kind"),
        COMPANY.c.name.label("company"),
    ).join(Response, Response.id == Case.response_id)  # fmt: skip
    statement = statement.outerjoin(User, User.id == Case.owner_id)
    statement = statement.outerjoin(Customer, Customer.id == Case.customer_id)
    return statement.outerjoin(COMPANY, COMPANY.c.id == Customer.company_id)


def _complete(session: Session, found: Sequence[Any]) -> list[InboxRow]:
    """Add reasons, quote and verdict: three statements for the whole page."""
    kinds, flagged = _flags(session, [row.id for row in found])
    texts = _texts(session, [row.response_id for row in found])
    chosen = {row.id: _telling(texts[row.response_id], flagged.get(row.id)) for row in found}
    judged = {row.id: chosen[row.id].id for row in found if UNHAPPY in kinds[row.id] and chosen[row.id] is not None}
    verdicts = _verdicts(session, judged.values())
    return [
        InboxRow(
            case=row,
            kinds=kinds[row.id],
            quote=quote(text.text, text.telling_start, text.telling_end) if (text := chosen[row.id]) else None,
            judged_answer_id=judged.get(row.id),
            verdict=verdicts.get(judged.get(row.id, 0)),
        )
        for row in found
    ]


def _flags(session: Session, case_ids: list[int]) -> tuple[dict[int, list[str]], dict[int, int]]:
    kinds: dict[int, list[str]] = defaultdict(list)
    answers: dict[int, int] = {}
    statement = sa.select(Flag.case_id, Flag.kind, Flag.answer_id).where(Flag.case_id.in_(case_ids))
    for case_id, kind, answer_id in session.execute(statement):
        kinds[case_id].append(kind)
        if answer_id is not None:
            answers[case_id] = answer_id
    for found in kinds.values():
        found.sort(key=KINDS.index)
    return kinds, answers


def _texts(session: Session, response_ids: list[int]) -> dict[int, list[Any]]:
    version = current_model_version(session)
    score = sa.and_(SentimentScore.answer_id == Answer.id, SentimentScore.model_version == version)
    statement = sa.select(
        Answer.id, Answer.response_id, Answer.text, SentimentScore.negative, SentimentScore.unhappy,
        SentimentScore.telling_start, SentimentScore.telling_end,
    ).outerjoin(SentimentScore, score)  # fmt: skip
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(statement.where(Answer.response_id.in_(response_ids), Answer.text.is_not(None))):
        found[row.response_id].append(row)
    return found


def _telling(texts: list[Any], flagged_answer_id: int | None) -> Any:
    """Return the text to quote: the flagged one, else the unhappiest, else the longest."""
    return max(
        texts,
        key=lambda text: (text.id == flagged_answer_id, bool(text.unhappy), text.negative or 0.0, len(text.text)),
        default=None,
    )


def _verdicts(session: Session, answer_ids: Collection[int]) -> dict[int, bool]:
    statement = sa.select(Correction.answer_id, Correction.unhappy)
    statement = statement.where(Correction.current, Correction.answer_id.in_(list(answer_ids)))
    return {row[0]: row[1] for row in session.execute(statement)} if answer_ids else {}
