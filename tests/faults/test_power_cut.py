"""Check 2: the power fails and what was not synced is gone; every acknowledged answer must still be there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.faults.disk import Disk
from tests.faults.traffic import Traffic
from tests.support.servers import Gunicorn

pytestmark = pytest.mark.database("sqlite")

Cuts = Callable[..., dict[str, int]]


@pytest.fixture
def cut_power(
    gunicorn: Callable[..., Gunicorn],
    session: Session,
    survey_path: str,
    size: Callable[[int, int], int],
    tmp_path: Path,
) -> Cuts:
    """Let customers submit, cut the power some times in the middle of it, and return the balance."""
    count, cuts = size(150, 1000), size(2, 5)

    def run(**settings: str) -> dict[str, int]:
        database = tmp_path / "stemme.sqlite"
        disk = Disk(tmp_path, database)
        server = gunicorn(workers=2, app="tests.faults.altered:app", **disk.settings, **settings)
        session.rollback()
        session.get_bind().dispose()  # type: ignore[union-attr]  # no connection past the disk while it is in use
        server.start(survey_path)
        traffic = Traffic(server.url, survey_path)
        traffic.start(count)
        lost_writes = 0
        for number in range(1, cuts + 1):
            traffic.wait_for(number * count // (cuts + 1))
            server.kill()
            database.with_name("stemme.sqlite-shm").unlink()
            lost_writes += disk.lose_power()
            if number < cuts:
                server.start(survey_path)
        account = traffic.stop()
        balance = account.balance(session)
        print(f"{cuts} power cuts {settings}: {balance}, {lost_writes} unsynced writes lost; {dict(account.statuses)}")
        assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
        return balance

    return run


def test_a_power_cut_loses_nothing_that_was_acknowledged(cut_power: Cuts) -> None:
    balance = cut_power()
    assert balance["accepted"] > 0
    assert (balance["lost"], balance["duplicates"], balance["partial"]) == (0, 0, 0)


def test_the_same_power_cut_bites_where_sqlite_syncs_less(cut_power: Cuts) -> None:
    assert cut_power(ALTERED_SYNCHRONOUS="NORMAL")["lost"] > 0
