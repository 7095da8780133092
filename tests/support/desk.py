"""What tests of the desk do: read the inbox, look at a case, press its buttons."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.followup.models import Case, Outcome, RootCause
from tests.support.clients import Client
from tests.support.factories import make_case, make_response, make_survey
from tests.support.staff import Staff

TEXT = "Fine at first. Then nobody came."


def show(client: Client, case: Case, status: int = 200) -> str:
    """Return the page of a case."""
    response = client.get(f"/cases/{case.id}")
    assert response.status_code == status
    return html.unescape(response.get_data(as_text=True))


def do(staff: Staff, case: Case, action: str, status: int = 302, **values: Any) -> str:
    """Send a form of the case's page; return what comes back."""
    form = staff.form(**({"lock_version": case.lock_version} | values))
    response = staff.client.post(f"/cases/{case.id}/{action}", data=form)
    assert response.status_code == status, response.get_data(as_text=True)[:2000]
    return html.unescape(response.get_data(as_text=True))


def lists(session: Session) -> dict[str, int]:
    """Return the values with which a case is resolved."""
    outcome = session.scalar(sa.select(Outcome.id).where(Outcome.key == "solved"))
    cause = session.scalar(sa.select(RootCause.id).where(RootCause.key == "delivery"))
    assert outcome
    assert cause
    return {"outcome": outcome, "root_cause": cause}


def page(client: Client, **query: Any) -> str:
    """Return the inbox as a lead sees it."""
    response = client.get("/inbox?" + urlencode(query))
    assert response.status_code == 200, response.status
    return html.unescape(response.get_data(as_text=True))


def listed(client: Client, **query: Any) -> list[int]:
    """Return the cases of a list, in order."""
    return [int(number) for number in re.findall(r'id="case-(\d+)"', page(client, **query))]


def cases(session: Session, count: int, **values: Any) -> list[Case]:
    """Make cases of one survey, each due a minute after the one before."""
    survey, now = make_survey(session), utc_now()
    made = []
    for number in range(count):
        response = make_response(session, survey)
        made.append(make_case(session, response, due_at=now + timedelta(hours=9, minutes=number), **values))
    return made
