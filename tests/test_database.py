"""The end of a request gives the connection back, whatever has become of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.database import db


@pytest.mark.database("postgresql")
def test_a_server_that_goes_away_when_the_answer_is_made_changes_nothing(app: Flask, session: Session) -> None:
    with app.app_context():
        ours = db.session.scalar(sa.text("SELECT pg_backend_pid()"))
        assert session.scalar(sa.text("SELECT pg_terminate_backend(:ours, 5000)"), {"ours": ours})
    with app.app_context():
        theirs = db.session.scalar(sa.text("SELECT pg_backend_pid()"))
        assert theirs != ours
    with app.app_context():
        assert db.engine.pool.checkedout() == 0, "both gave their connection back"  # type: ignore[attr-defined]
