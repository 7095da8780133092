"""Check 1: the server is killed again and again while customers submit; no answer is lost, doubled or halved."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.faults.traffic import Traffic
from tests.support.servers import Gunicorn


def test_a_killed_server_loses_and_doubles_nothing(
    gunicorn: Callable[..., Gunicorn], session: Session, survey_path: str, size: Callable[[int, int], int]
) -> None:
    count, kills = size(150, 1000), size(2, 5)
    server = gunicorn(workers=2)
    server.start(survey_path)
    traffic = Traffic(server.url, survey_path)
    traffic.start(count)
    for number in range(1, kills + 1):
        traffic.wait_for(number * count // (kills + 1))
        server.kill()
        server.start(survey_path)
    account = traffic.finish()
    balance = account.balance(session)
    print(f"{count} submissions, {kills} kills: {balance}; answers {dict(account.statuses)}")
    assert balance == {"accepted": count, "lost": 0, "duplicates": 0, "partial": 0, "stored": count}
    assert account.server_errors() == 0
    assert account.statuses["no answer"] > 0, "no customer noticed the kills: the test does not bite"
    if session.get_bind().dialect.name == "sqlite":
        assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
