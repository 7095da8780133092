"""Whoever locks several responses takes them in the order of their ids, so that no two wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from feedback_app import retention
from feedback_app.answering.models import Answer, Response
from feedback_app.clock import utc_now
from feedback_app.database import engine_for
from tests.nightly.test_deleted_meanwhile import wait_for_a_lock
from tests.nightly.test_run import score, write


def keep(app: Flask, _session: Session) -> None:
    """Delete what is too old."""
    with app.app_context():
        retention.delete_expired()


@pytest.mark.database("postgresql")
@pytest.mark.parametrize("work", [keep, score])
def test_who_waits_for_the_first_response_holds_none_of_the_others(
    app: Flask,
    session: Session,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[Flask, Session], object],
) -> None:
    ids = sorted(answer.response_id for answer in write(session, *[f"text {number}" for number in range(4)]))
    session.execute(sa.update(Response).values(submitted_at=utc_now() - timedelta(days=9_000)))
    for table, key in ((Response, Response.id), (Answer, Answer.response_id)):  # writes the rows anew, at the end
        session.execute(sa.update(table).where(key == ids[0]).values(id=table.id))
    session.commit()
    # Read in the order of the file, in which the first response is the last: an index would hide a missing ORDER BY.
    monkeypatch.setenv("PGOPTIONS", " ".join(f"-c enable_{way}=off" for way in ("indexscan", "bitmapscan")))
    engine = engine_for(database_url)
    with engine.connect() as first, engine.connect() as others, Session(engine) as own:
        first.execute(sa.select(Response.id).where(Response.id == ids[0]).with_for_update())
        worker = threading.Thread(target=work, args=(app, own))
        worker.start()
        wait_for_a_lock(others)
        locked = sa.select(Response.id).where(Response.id.in_(ids[1:])).with_for_update(nowait=True)
        try:
            assert len(others.execute(locked).all()) == 3
        except OperationalError:
            pytest.fail("it holds a later response while it waits for the first")
        finally:
            others.rollback()
            first.rollback()
            worker.join(30)
    engine.dispose()
