"""Check 6: the disk is full while customers submit; they are told to come back, and it works once there is room."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.faults.disk import Disk
from tests.faults.traffic import Traffic
from tests.support.servers import Gunicorn

pytestmark = pytest.mark.database("sqlite")


def test_a_full_disk_is_said_and_got_over(
    gunicorn: Callable[..., Gunicorn],
    session: Session,
    survey_path: str,
    size: Callable[[int, int], int],
    tmp_path: Path,
) -> None:
    count = size(100, 200)
    disk = Disk(tmp_path, tmp_path / "stemme.sqlite")
    server = gunicorn(workers=2, **disk.settings)
    server.start(survey_path)
    traffic = Traffic(server.url, survey_path)
    traffic.start(count)
    traffic.wait_for(count // 4)
    disk.fill()
    time.sleep(size(1, 5))
    during = traffic.account.balance(session)
    refused = traffic.account.statuses["503"]
    disk.make_room()
    account = traffic.finish()
    balance = account.balance(session)
    print(f"{count} submissions; full: {during}, {refused} times 503; after: {balance}; {dict(account.statuses)}")
    assert refused > 0, "nobody was refused: the test does not bite"
    assert during["accepted"] < count
    assert (during["lost"], during["partial"]) == (0, 0)
    assert balance == {"accepted": count, "lost": 0, "duplicates": 0, "partial": 0, "stored": count}
    assert account.server_errors() == 0
    assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
