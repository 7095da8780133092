"""Reads of the customer's pages; few and plain, because every visit pays for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback_app.answering.content import (
    ChoiceContent,
    QuestionContent,
    QuestionWording,
    SurveyContent,
    SurveyWording,
)
from feedback_app.answering.models import Answer, Response
from feedback_app.customers.models import Customer
from feedback_app.database import Reader
from feedback_app.invitations.models import Invitation
from feedback_app.surveys.models import Choice, Question, Survey

_SETTINGS = (
    Survey.id, Survey.slug, Survey.status, Survey.opens_at, Survey.closes_at, Survey.version, Survey.default_language,
    Survey.anonymous, Survey.minutes, Survey.nps_flag_at, Survey.csat_flag_at, Survey.ces_flag_at,
    Survey.followup_hours, Survey.retention_days,
)  # fmt: skip
_BY_SLUG = sa.select(*_SETTINGS).where(Survey.slug == sa.bindparam("slug"))
_BY_ID = sa.select(*_SETTINGS).where(Survey.id == sa.bindparam("survey_id"))
_INVITATION = sa.select(
    Invitation.id, Invitation.survey_id, Invitation.customer_id, Invitation.language, Invitation.channel,
    Invitation.agent, Invitation.team, Invitation.product, Invitation.order_reference, Invitation.expires_at,
    Invitation.finished_at,
).where(Invitation.token_hash == sa.bindparam("token_hash"))  # fmt: skip
_STORED = sa.select(Response.id, Response.payload_hash, Response.receipt_hash, Response.invitation_id).where(
    Response.survey_id == sa.bindparam("survey_id"), Response.submission_id == sa.bindparam("submission_id")
)
_RECEIPT = (
    sa.select(
        Response.id, Response.survey_id, Response.language, Response.submitted_at, Response.invitation_id,
        Response.corrected_at, Response.withdrawn_at, Response.objected_at, Customer.email,
    )
    .outerjoin(Customer, Customer.id == Response.customer_id)
    .where(Response.receipt_hash == sa.bindparam("receipt_hash"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A personal link, as far as answering it needs."""

    id: int
    survey_id: int
    customer_id: int | None
    language: str | None
    channel: str
    agent: str
    team: str
    product: str
    order_reference: str
    expires_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a submission, to tell a repetition from another one."""

    id: int
    payload_hash: str
    receipt_hash: str | None
    invitation_id: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A response as its own customer sees it, without the answers."""

    id: int
    survey_id: int
    language: str
    submitted_at: datetime
    invitation_id: int | None
    corrected_at: datetime | None
    withdrawn_at: datetime | None
    objected_at: datetime | None
    email: str | None


def find_settings(session: Reader, *, slug: str | None = None, survey_id: int | None = None) -> tuple[Any, ...] | None:
    """Return the columns of one survey, by its slug or its id, or None."""
    if slug is not None:
        row = session.execute(_BY_SLUG, {"slug": slug}).first()
    else:
        row = session.execute(_BY_ID, {"survey_id": survey_id}).first()
    return None if row is None else tuple(row)


def load_content(session: Reader, settings: tuple[Any, ...]) -> SurveyContent:
    """Return the survey of `settings` (see `find_settings`) with everything that is asked."""
    questions = selectinload(Survey.questions)
    survey = session.scalars(
        sa.select(Survey)
        .where(Survey.id == settings[0])
        .options(selectinload(Survey.texts), questions.selectinload(Question.texts))
        .options(questions.selectinload(Question.choices).selectinload(Choice.texts))
        .execution_options(populate_existing=True)
    ).one()
    wordings = {
        text.language: SurveyWording(
            text.title, text.intro, text.thanks, tuple((link["label"], link["url"]) for link in text.links)
        )
        for text in survey.texts
    }
    asked = tuple(_question(question) for question in survey.questions if not question.retired)
    return SurveyContent(*(*settings, wordings, asked))


def _question(question: Question) -> QuestionContent:
    bands: dict[str, dict[str, str]] = {}
    for text in question.texts:
        bands.setdefault(text.language, {})[text.band] = text.text
    wordings = {
        text.language: QuestionWording(
            text.text,
            text.help,
            text.low_label,
            text.high_label,
            {band: wording for band, wording in bands[text.language].items() if band},
        )
        for text in question.texts
        if not text.band
    }
    choices = tuple(
        ChoiceContent(choice.id, choice.key, {text.language: text.text for text in choice.texts})
        for choice in question.choices
        if not choice.retired
    )
    return QuestionContent(
        question.id,
        question.key,
        question.kind,
        question.required,
        question.show_if_key,
        frozenset(question.show_if_values),
        wordings,
        choices,
    )


def find_link(session: Reader, token_hash: str) -> Link | None:
    """Return the personal link whose token has this hash, or None."""
    row = session.execute(_INVITATION, {"token_hash": token_hash}).first()
    return None if row is None else Link(*row)


def find_stored(session: Session, survey_id: int, submission_id: str) -> Stored | None:
    """Return what is kept under a submission's (hashed) id, or None."""
    row = session.execute(_STORED, {"survey_id": survey_id, "submission_id": submission_id}).first()
    return None if row is None else Stored(*row)


def find_receipt(session: Session, receipt_hash: str) -> Receipt | None:
    """Return the response whose receipt token has this hash, or None."""
    row = session.execute(_RECEIPT, {"receipt_hash": receipt_hash}).first()
    return None if row is None else Receipt(*row)


def lock_responses(session: Session, response_ids: Sequence[int]) -> None:
    """Keep several responses to this transaction, the smallest id first: so no two who do this wait for each other."""
    ordered = sa.select(Response.id).where(Response.id.in_(response_ids)).order_by(Response.id)
    session.execute(ordered.with_for_update()).all()


def list_answers(session: Session, response_id: int) -> list[Answer]:
    """Return a response's answers with the choices picked, in the order of the questions."""
    query = sa.select(Answer).join(Question).where(Answer.response_id == response_id).order_by(Question.position)
    return list(session.scalars(query.options(selectinload(Answer.choices), selectinload(Answer.question))))
