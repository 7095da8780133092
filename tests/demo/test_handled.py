"""What the demo's invented leads did: it fits in time, follows the labels, and leaves work for the visitor."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.demo.handled import handle_cases, is_handled
from feedback_app.demo.load import load_story
from feedback_app.demo.report import compare
from feedback_app.demo.story import read_labels
from feedback_app.followup.models import Case, CaseEvent, CaseStatus
from feedback_app.followup.service import flag_scored
from feedback_app.scoring.models import Correction, ScoringRun, SentimentScore
from tests.support.factories import MODEL_VERSION

pytestmark = pytest.mark.database("sqlite")

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)


@pytest.fixture
def scored(session: Session) -> Session:
    """The story, read by a model that is right but for every seventh comment."""
    load_story(session, NOW, OSLO)
    labels = read_labels()
    statement = sa.select(Answer, Response.submission_id).join(Response).where(Answer.text.is_not(None))
    rows = session.execute(statement.order_by(Answer.id)).all()
    for number, (answer, key) in enumerate(rows):
        unhappy = (labels[key] == "negative") != (number % 7 == 0)
        shares = (
            {"negative": 0.95, "neutral": 0.05, "positive": 0.0}
            if unhappy
            else {"negative": 0.1, "neutral": 0.6, "positive": 0.3}
        )
        session.add(
            SentimentScore(
                answer_id=answer.id,
                model_version=MODEL_VERSION,
                scored_at=NOW,
                unhappy=unhappy,
                threshold=0.5,
                label="negative",
                **shares,
            )
        )
    session.add(ScoringRun(started_at=NOW, finished_at=NOW, state="succeeded", model_version=MODEL_VERSION))
    session.flush()
    flag_scored(session, [answer.response_id for answer, _key in rows], MODEL_VERSION, NOW)
    session.commit()
    return session


def test_the_report_counts_what_was_found_and_missed(scored: Session) -> None:
    found = compare(scored, MODEL_VERSION)
    assert (found.comments, found.unhappy) == (600, 172)
    assert found.unhappy - found.found == pytest.approx(172 / 7, abs=6)
    assert found.taken - found.found == pytest.approx(428 / 7, abs=6)
    assert found.found < found.with_case <= found.unhappy
    assert f"{found.found} of 172 unhappy comments found" in found.sentences[0]
    assert compare(scored, "another").found == 0


def test_most_older_cases_are_judged_and_closed_in_order_of_time_and_recent_ones_wait(scored: Session) -> None:
    assert not is_handled(scored)
    handle_cases(scored, NOW, OSLO)
    assert is_handled(scored)
    cases = scored.scalars(sa.select(Case)).all()
    closed = [case for case in cases if case.status == CaseStatus.RESOLVED]
    waiting = [case for case in cases if case.status == CaseStatus.OPEN]
    assert len(closed) + len(waiting) == len(cases)
    for case in closed:
        assert case.resolved_at is not None
        assert case.first_touch_at is not None
        assert case.answered_at <= case.opened_at < case.first_touch_at <= case.resolved_at < NOW
        assert case.outcome is not None
        assert case.root_cause is not None
    assert all(case in waiting for case in cases if NOW - case.answered_at < timedelta(days=3))
    assert 5 < sum(case.due_at < NOW for case in waiting) < 30
    assert all(moment <= NOW for moment in scored.scalars(sa.select(CaseEvent.at)))
    # The leads judge texts by the labels.
    statement = sa.select(Correction.unhappy, Response.submission_id).select_from(Correction)
    rows = scored.execute(
        statement.join(Answer, Answer.id == Correction.answer_id).join(Response, Response.id == Answer.response_id)
    ).all()
    assert len(rows) > 100
    labels = read_labels()
    assert all(row.unhappy == (labels[row.submission_id] == "negative") for row in rows)
    assert {row.unhappy for row in rows} == {True, False}
    sources = Counter(scored.scalars(sa.select(Correction.source)))
    assert sources["sample"] >= 30  # enough for a figure on the page of quality
