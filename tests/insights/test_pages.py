"""The overview, the answers behind its figures, the list of surveys and the runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Role
from feedback_app.clock import utc_now
from feedback_app.followup.models import CaseStatus
from feedback_app.scoring.models import ScoringRun
from feedback_app.surveys.models import QuestionKind
from tests.support.clients import Client
from tests.support.factories import (
    MODEL_VERSION,
    make_case,
    make_invitation,
    make_noise,
    make_response,
    make_run,
    make_score,
    make_survey,
    question,
    save,
    text_of,
)
from tests.support.staff import sign_in

pytestmark = pytest.mark.usefixtures("run")


@pytest.fixture
def run(session: Session) -> ScoringRun:
    """A run that succeeded just now."""
    return make_run(session)


def test_an_anonymous_visitor_of_the_overview_is_shown_the_way_in(client: Client) -> None:
    response = client.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/login")


def test_under_thirty_answers_the_overview_shows_counts_and_no_percentage(client: Client, session: Session) -> None:
    survey = make_survey(session)
    for score in (10, 9, 3):
        make_response(session, survey, {"score": score})
    sign_in(client, session, Role.VIEWER)
    page = client.get("/").text
    assert "n = 3" in page
    assert "Too few answers for a figure" in page
    assert "Promoters (9–10): 2" in page
    assert "95 %" not in page


def test_from_thirty_answers_on_nps_has_a_sign_and_an_interval(client: Client, session: Session) -> None:
    survey = make_survey(session)
    for number in range(30):
        make_response(session, survey, {"score": 10 if number < 20 else 5})
    make_response(session, survey, {"score": 0}, withdrawn_at=utc_now())
    make_response(session, survey, {"score": 0}, submitted_at=utc_now() - timedelta(days=40))
    sign_in(client, session)
    page = client.get("/").text
    assert "+33" in page
    assert "n = 30" in page
    assert "95 % interval" in page


def test_the_overview_counts_open_overdue_and_resolved_cases(client: Client, session: Session) -> None:
    now = utc_now()
    make_case(session)
    make_case(session, due_at=now - timedelta(hours=1), answered_at=now - timedelta(hours=50))
    make_case(
        session, status=CaseStatus.RESOLVED, resolved_at=now, first_touch_at=now, answered_at=now - timedelta(hours=5)
    )
    sign_in(client, session)
    page = client.get("/").text
    assert '<span class="stat-value">2</span> <span class="stat-label">open cases' in page
    assert '<span class="stat-value">1</span> <span class="stat-label">overdue' in page
    assert "5 hours" in page


FILTERS = {
    "survey=mine": {"low", "high"},
    "kind=nps&band=low&survey=mine": {"low"},
    "reading=unhappy&survey=mine": {"low"},
    "reading=not_scored&survey=mine": {"high"},
    "reason=language": {"high"},
    "language=nn&survey=mine": {"high"},
    "kind=csat": set(),
    "from=2999-01-01": set(),
    "to=1999-01-01": set(),
}


@pytest.mark.parametrize("query", FILTERS)
def test_the_list_of_answers_shows_what_its_address_says(client: Client, session: Session, query: str) -> None:
    make_noise(session)
    survey = make_survey(session, slug="mine")
    low = make_response(session, survey, {"score": 2, "why": "Text of the low one"})
    high = make_response(session, survey, {"score": 9, "why": "Text of the high one"}, language="nn")
    make_score(session, text_of(low), 0.9)
    make_score(session, text_of(high), 0.0, reason="language", label=None, unhappy=False)
    sign_in(client, session)
    page = client.get(f"/answers?{query}").text
    assert {name for name in ("low", "high") if f"Text of the {name} one" in page} == FILTERS[query]


def test_a_text_that_was_not_scored_is_never_called_neutral(client: Client, session: Session) -> None:
    response = make_response(session, answers={"score": 9, "why": "Wszystko w porządku"})
    score = {"reason": "language", "label": None, "unhappy": False}
    make_score(session, text_of(response), 0.0, **score)
    sign_in(client, session)
    page = client.get("/answers").text
    assert "not scored: language not covered" in page
    assert "neutral" not in page


def test_the_answers_come_a_page_at_a_time_and_none_twice(client: Client, session: Session) -> None:
    survey = make_survey(session, slug="long")
    moment = utc_now()
    for number in range(60):
        make_response(session, survey, {"why": f"text{number:02}."}, submitted_at=moment)
    sign_in(client, session)
    first = client.get("/answers?survey=long").text
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(following).text
    seen = [sum(f"text{number:02}." in page for page in (first, second)) for number in range(60)]
    assert seen == [1] * 60


def test_a_page_that_ends_within_a_response_goes_on_with_its_next_text(client: Client, session: Session) -> None:
    why, more = question("why", QuestionKind.LONG), question("more", QuestionKind.LONG)
    survey = make_survey(session, [why, more], slug="long")
    make_response(session, survey, {"why": "The first text", "more": "The second text"})
    for number in range(49):  # newer, so that the page's last row is the first text
        moment = utc_now() + timedelta(seconds=number + 1)
        make_response(session, survey, {"why": f"text {number}"}, submitted_at=moment)
    sign_in(client, session)
    first = client.get("/answers?survey=long").text
    second = client.get(first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")).text
    assert ("The first text" in first, "The second text" in first) == (True, False)
    assert ("The first text" in second, "The second text" in second) == (False, True)


@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=2026-01-01T00:00:00Z_99999999999999999999_1",
        "before=2026-01-01_1_1",
        "from=0001-01-01",
        "band=\0",
        "kind=nps'",
    ],
)
def test_a_strange_address_of_the_list_is_no_error(client: Client, session: Session, query: str) -> None:
    sign_in(client, session)
    assert client.get("/answers", query_string=query).status_code == 200


def test_the_surveys_show_links_counts_and_status(client: Client, session: Session) -> None:
    survey = make_survey(session, slug="mine")
    make_response(session, survey, {"score": 9, "why": "Good"})
    make_response(session, survey, {"score": 9})
    make_invitation(session, survey, finished_at=utc_now())
    make_invitation(session, survey)
    sign_in(client, session, Role.VIEWER)
    page = client.get("/surveys").text
    assert "http://ask.example/s/mine" in page
    assert '<a href="/answers?survey=mine">2</a>' in page
    assert "1 of 2" in page


def test_the_runs_are_red_when_the_last_success_is_too_old(client: Client, session: Session, run: ScoringRun) -> None:
    sign_in(client, session, Role.VIEWER)
    assert "notice-good" in client.get("/runs").text
    run.finished_at = utc_now() - timedelta(hours=27)
    run.started_at = run.finished_at - timedelta(minutes=1)
    assert "more than 26 hours ago" in client.get("/runs").text


def test_a_run_tells_why_texts_were_not_scored_and_how_that_compares(
    client: Client, session: Session, run: ScoringRun
) -> None:
    run.scored, run.unhappy, run.skipped_language, run.failed = 100, 20, 7, 1
    earlier = run.started_at - timedelta(days=1)
    save(session, ScoringRun(started_at=earlier, state="succeeded", model_version=MODEL_VERSION, scored=50, unhappy=5))
    sign_in(client, session)
    page = client.get("/runs").text
    assert "language not covered: 7" in page
    assert "(20 %; usually 10 %)" in page.replace("\xa0", " ")
