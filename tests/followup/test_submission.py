"""The flag of a submission as it comes in: the same as reading everything back would have given."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Response
from feedback_app.clock import utc_now
from feedback_app.followup.models import Case, CaseEvent, CaseText, Flag
from feedback_app.followup.service import flag_response
from tests.faults.traffic import FormFields
from tests.support.clients import Client
from tests.support.factories import make_customer, make_invitation, make_survey

WORDS = "Nobody called me back."


def submit(client: Client, path: str, **values: str) -> None:
    """Fill the form in and send it."""
    fields = FormFields(client.get(path).get_data(as_text=True), WORDS).fields
    assert client.post(path, data=fields | values).status_code == 303


def stored(session: Session) -> list[Any]:
    """Return everything that was written about cases, apart from ids."""
    session.rollback()
    case = session.scalars(sa.select(Case)).one()
    copied = (
        case.survey_id,
        case.customer_id,
        case.language,
        case.status,
        case.urgency_rank,
        case.answered_at,
        case.due_at,
    )
    flags = [(flag.kind, flag.response_id, flag.answer_id) for flag in case.flags]
    body = session.scalars(sa.select(CaseText.body)).one()
    event = session.scalars(sa.select(CaseEvent)).one()
    return [copied, flags, body, event.kind, event.detail, case.lock_version]


def test_it_is_the_same_as_reading_everything_back(client: Client, session: Session) -> None:
    company = make_customer(session, kind="company", name="Fjordfisk")
    customer = make_customer(session, name="Kari Nes", company=company)
    _invitation, token = make_invitation(session, customer=customer)
    submit(client, f"/i/{token}", **{"q.score": "1", "q.contact": "yes"})
    at_once = stored(session)
    for table in (CaseEvent, CaseText, Flag, Case):
        session.execute(sa.delete(table))
    response = session.scalars(sa.select(Response)).one()
    assert flag_response(session, response.id, utc_now()) == 2
    session.commit()
    assert stored(session) == at_once
    assert "Kari Nes" in at_once[2] and "Fjordfisk" in at_once[2] and WORDS in at_once[2]  # noqa: PT018


def test_a_content_customer_opens_no_case(client: Client, session: Session) -> None:
    submit(client, f"/s/{make_survey(session).slug}", **{"q.score": "9"})
    assert session.scalar(sa.select(sa.func.count()).select_from(Response)) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 0
