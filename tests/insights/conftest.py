"""A site with a month of answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.answering.rules import hidden
from feedback_app.clock import utc_now
from tests.nightly.test_run import ANGRY, score
from tests.support.clients import Client, CliRunner
from tests.support.factories import make_noise, make_response, make_survey
from tests.support.month import Site


@pytest.fixture
def site(app: Flask, session: Session, client: Client, cli: CliRunner, tmp_path: Path) -> Site:
    """A site at its second visit by the nightly run."""
    survey, now = make_survey(session, slug="old", retention_days=90), utc_now()
    make_noise(session)
    for back in range(0, 30, 3):
        answers = {"score": back % 11, "why": ANGRY if back % 2 else "Thank you."}
        make_response(session, survey, answers, submitted_at=now - timedelta(days=back, hours=1))
    moment = now - timedelta(days=5)
    answers = {"score": 3, "why": ANGRY}
    mine = make_response(session, survey, answers, submitted_at=moment, receipt_hash=hidden("mine"))
    assert score(app, session).state == "succeeded"
    session.expire_all()
    found = Site(app, session, client, cli, tmp_path, mine)
    found.refresh()
    return found
