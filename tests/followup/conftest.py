"""A lead, and a case to work on."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from feedback_app.followup.models import Case, FlagKind
from tests.support.clients import Client
from tests.support.desk import TEXT
from tests.support.factories import (
    make_case,
    make_customer,
    make_response,
    make_run,
    make_score,
    text_of,
)
from tests.support.staff import Staff, sign_in


@pytest.fixture
def staff(client: Client, session: Session) -> Staff:
    """A lead who is signed in."""
    return sign_in(client, session)


@pytest.fixture
def case(session: Session) -> Case:
    """A case that only the machine's reading of a text has opened."""
    make_run(session)
    response = make_response(session, answers={"score": 8, "why": TEXT}, customer=make_customer(session))
    sentences = [[0, 14, 0.05, 0.05, 0.9], [15, 32, 0.95, 0.03, 0.02]]
    make_score(session, text_of(response), 0.83, telling_start=15, telling_end=32, sentences=sentences)
    return make_case(session, response, (FlagKind.UNHAPPY_TEXT,))
