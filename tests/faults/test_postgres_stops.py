"""Check 8: PostgreSQL crashes again and again while customers submit; nothing is lost or doubled, nobody sees a 500."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from feedback_app.database import engine_for
from feedback_app.surveys.models import QuestionKind
from tests.faults.traffic import Traffic
from tests.support.factories import make_survey, question
from tests.support.postgres import Postgres
from tests.support.servers import Gunicorn, free_port


@pytest.fixture
def server(durable_postgres: Postgres, tmp_path: Path) -> Iterator[Gunicorn]:
    """The service on a PostgreSQL that keeps what it acknowledged."""
    server = Gunicorn(durable_postgres.url("stemme"), tmp_path, 2, free_port())
    yield server
    server.stop()


def test_a_crashing_postgresql_loses_and_doubles_nothing(
    server: Gunicorn, durable_postgres: Postgres, size: Callable[[int, int], int]
) -> None:
    count, stops = size(150, 1000), size(2, 3)
    engine = engine_for(durable_postgres.url("stemme"))
    with Session(engine) as session:
        asked = [question("score", QuestionKind.NPS, required=True), question("why", QuestionKind.LONG)]
        path = f"/s/{make_survey(session, asked).slug}"
    server.start(path)
    traffic = Traffic(server.url, path)
    traffic.start(count)
    for number in range(1, stops + 1):
        traffic.wait_for(number * count // (stops + 1))
        durable_postgres.stop("immediate")
        time.sleep(0.3)
        durable_postgres.start()
    account = traffic.finish()
    engine.dispose()
    with Session(engine) as session:
        balance = account.balance(session)
    engine.dispose()
    print(f"{count} submissions, {stops} crashes: {balance}; answers {dict(account.statuses)}")
    assert balance == {"accepted": count, "lost": 0, "duplicates": 0, "partial": 0, "stored": count}
    assert set(account.statuses) <= {"200", "303", "503"}
    assert account.statuses["503"] > 0, "nobody noticed the crashes: the test does not bite"
