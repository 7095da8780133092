"""The pages of figures and lists, in a browser: accessible, and within a phone's width."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.followup.models import FlagKind
from feedback_app.scoring.models import QualitySample, ScoringRun
from tests.support.browser import axe, scrolls_sideways
from tests.support.factories import (
    MODEL_VERSION,
    make_case,
    make_flag,
    make_response,
    make_score,
    make_survey,
    make_user,
    save,
)
from tests.support.staff import sign_in_page

pytestmark = pytest.mark.database("sqlite")  # what differs between the databases is tested without a browser

PAGES = ("/", "/answers", "/surveys", "/runs", "/quality")


def fill(session: Session) -> None:
    """Store what makes every part of the pages appear."""
    now = utc_now()
    ran = {"started_at": now - timedelta(minutes=2), "finished_at": now, "state": "succeeded"}
    save(session, ScoringRun(model_version=MODEL_VERSION, scored=40, unhappy=9, skipped_language=2, failed=1, **ran))
    survey = make_survey(session)
    for number in range(35):
        response = make_response(session, survey, {"score": number % 11, "why": f"Nobody answered letter {number}."})
        answer = next(one for one in response.answers if one.text)
        make_score(session, answer, 0.9 if number % 3 else 0.1)
    drawn = {"night": "2026-01-31", "population": 9, "drawn_at": now, "model_version": MODEL_VERSION}
    save(session, QualitySample(answer_id=answer.id, **drawn))
    flagged = {"answer_id": answer.id, "model_version": MODEL_VERSION}
    make_flag(session, make_case(session, response, kinds=()), FlagKind.CONTRADICTION, **flagged)


@pytest.mark.slow
def test_the_pages_of_figures_have_no_barrier_and_fit_a_phone(page: Page, session: Session) -> None:
    fill(session)
    sign_in_page(page, make_user(session))
    for path in PAGES:
        page.goto(path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert (path, axe(page)) == (path, [])
        assert (path, scrolls_sideways(page)) == (path, False)
