"""Retention: what a survey allows to be kept no longer is gone, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app import retention
from feedback_app.answering.models import Answer, Response
from feedback_app.clock import utc_now
from feedback_app.followup.models import Case
from feedback_app.scoring.models import SentimentScore
from tests.support.factories import make_case, make_noise, make_response, make_score, make_survey


def test_answers_older_than_their_survey_allows_are_deleted_with_all_that_hangs_on_them(
    app: Flask, session: Session
) -> None:
    kept = make_noise(session)
    short, long = make_survey(session, retention_days=30), make_survey(session, retention_days=90)
    then = utc_now() - timedelta(days=31)
    old, still = (make_response(session, survey, submitted_at=then) for survey in (short, long))
    make_score(session, old.answers[1])
    make_case(session, old)
    gone = [answer.id for answer in old.answers]
    session.commit()
    with app.app_context():
        assert retention.delete_expired() == 1
        assert retention.delete_expired() == 0
    session.expire_all()
    assert set(session.scalars(sa.select(Response.id))) == {kept.response_id, still.id}
    for column in (Answer.id, SentimentScore.answer_id):
        assert not set(session.scalars(sa.select(column))) & set(gone)
    assert session.scalars(sa.select(Case.id)).all() == [kept.id]
