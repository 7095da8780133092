"""Loading the story into the demo's database, through the services that every other answer passes through."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Response
from feedback_app.customers.models import Customer
from feedback_app.customers.service import CustomerDetails, remember_customers
from feedback_app.demo.story import DAYS, FOLDER, SURVEYS, Told, read_answers, read_customers
from feedback_app.integrations.import_rows import ImportedAnswer, ImportedResponse
from feedback_app.integrations.import_service import import_responses
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.rules import token_hash
from feedback_app.surveys.models import QuestionKind, Survey
from feedback_app.surveys.reader import load_definition
from feedback_app.surveys.service import create_survey

VALID_FOR = timedelta(days=30)
READ_AFTER = timedelta(hours=5)  # from the invitation to the answer


def is_loaded(session: Session) -> bool:
    """Whether the story is in the database. It is loaded in one transaction: whole or not at all."""
    return session.scalar(sa.select(Survey.id).limit(1)) is not None


def load_story(session: Session, now: datetime, zone: ZoneInfo) -> None:
    """Store surveys, customers, invitations and answers of the month before `now`."""
    began = now - timedelta(days=DAYS + 5)
    surveys = {}
    for name, slug in SURVEYS.items():
        surveys[slug] = create_survey(session, load_definition(FOLDER / f"{name}.yaml", zone), began)
    customers = _remember(session, read_customers(), began)
    told = read_answers(now, zone)
    for _day, answers in groupby(told, key=lambda one: one.submitted_at.date()):  # each flagged on its own day
        _store(session, list(answers), surveys)
    _store_invitations(session, told, surveys, customers)


def _remember(session: Session, details: Sequence[CustomerDetails], began: datetime) -> dict[str, Customer]:
    """Store companies before the people in them, who name their company by its reference."""
    companies = remember_customers(session, [one for one in details if one.kind == "company"], began)
    people = remember_customers(session, [one for one in details if one.kind != "company"], began)
    return companies | people


def _store(session: Session, told: Sequence[Told], surveys: dict[str, Survey]) -> None:
    rows = [(one.submission_id, _as_imported(one, surveys[one.survey])) for one in told]
    import_responses(session, rows, told[-1].submitted_at)


def _as_imported(one: Told, survey: Survey) -> ImportedResponse:
    questions = {question.key: question for question in survey.questions}
    answers = [ImportedAnswer(questions["score"].id, number=one.score)]
    if one.text:
        answers.append(ImportedAnswer(questions[one.question].id, text=one.text))
    if one.contact_wanted:
        contact = next(question for question in survey.questions if question.kind is QuestionKind.CONTACT)
        answers.append(ImportedAnswer(contact.id, contact_wanted=True))
    return ImportedResponse(
        survey=survey,
        submitted_at=one.submitted_at,
        language=one.language,
        score_kind=questions["score"].kind.value,
        score=one.score,
        context=one.context,
        customer=CustomerDetails(reference=one.customer or ""),
        answers=tuple(answers),
        external_id="",
        digest=one.submission_id,
    )


def _store_invitations(
    session: Session, told: Sequence[Told], surveys: dict[str, Survey], customers: dict[str, Customer]
) -> None:
    """Make the personal links behind the answers of known customers, and those that nobody took up."""
    used = [one for one in told if one.customer]
    rows = [_invitation(surveys[one.survey], customers[one.customer or ""], one) for one in used]
    statement = sa.insert(Invitation).returning(Invitation.id, sort_by_parameter_order=True)
    ids = session.scalars(statement, rows, execution_options={"render_nulls": True})
    links = [{"b_key": one.submission_id, "b_id": id_} for one, id_ in zip(used, ids, strict=True)]
    change = sa.update(Response).where(Response.submission_id == sa.bindparam("b_key"))
    connection = session.connection()
    connection.execute(sa.update(Response).values(source="link"))
    connection.execute(change.values(source="invitation", invitation_id=sa.bindparam("b_id")), links)
    sent_at = told[-1].submitted_at - timedelta(days=10)
    session.execute(sa.insert(Invitation), list(_unanswered(surveys.values(), customers.values(), sent_at)))


def _invitation(survey: Survey, customer: Customer, one: Told) -> dict[str, Any]:
    sent_at = one.submitted_at - READ_AFTER
    return {
        "survey_id": survey.id,
        "customer_id": customer.id,
        "token_hash": token_hash(secrets.token_urlsafe()),  # nobody has the link: it is used up
        "language": customer.language,
        "created_at": sent_at,
        "expires_at": sent_at + VALID_FOR,
        "finished_at": one.submitted_at,
        **one.context,
    }


def _unanswered(
    surveys: Iterable[Survey], customers: Iterable[Customer], sent_at: datetime
) -> Iterable[dict[str, Any]]:
    """Yield an invitation to each survey for each person, sent on one day, that nobody took up."""
    for survey in surveys:
        for customer in customers:
            if customer.kind == "person":
                yield {
                    "survey_id": survey.id,
                    "customer_id": customer.id,
                    "token_hash": token_hash(secrets.token_urlsafe()),
                    "language": customer.language,
                    "channel": "mail",
                    "created_at": sent_at,
                    "expires_at": sent_at + VALID_FOR,
                }
