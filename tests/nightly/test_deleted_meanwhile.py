"""A customer deletes an answer at the very moment at which the nightly run records what it read in it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.answering.models import Response
from feedback_app.answering.receipt_service import delete_response
from feedback_app.database import engine_for
from feedback_app.followup.models import Case
from feedback_app.scoring import service
from tests.nightly.test_run import ANGRY, score, write

WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def wait_for_a_lock(look: sa.Connection, seconds: float = 20) -> None:
    """Return once somebody in this database waits for a lock."""
    until = time.monotonic() + seconds
    while not look.scalar(WAITING) and time.monotonic() < until:
        look.rollback()
        time.sleep(0.01)
    look.rollback()


@pytest.mark.database("postgresql")
def test_neither_the_customer_nor_the_run_is_in_the_way_of_the_other(
    app: Flask, session: Session, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_for(database_url)
    [answer] = write(session, ANGRY)
    response_id, problems = answer.response_id, []
    record = service.record_scores

    def delete() -> None:
        try:
            with Session(engine) as own, own.begin():
                delete_response(own, response_id)
        except Exception as problem:
            problems.append(problem)

    customer = threading.Thread(target=delete)

    def record_and_let_the_customer_delete(*arguments: Any, **named: Any) -> list[int]:
        recorded = record(*arguments, **named)
        customer.start()
        with engine.connect() as look:
            wait_for_a_lock(look)
        return recorded

    monkeypatch.setattr(service, "record_scores", record_and_let_the_customer_delete)
    done = score(app, session)
    customer.join(20)
    session.rollback()
    left = [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Response, Case)]
    engine.dispose()
    assert (done.state, done.scored, done.flagged, done.failed) == ("succeeded", 1, 1, 0)
    assert problems == []
    assert left == [0, 0]
