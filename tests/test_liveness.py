"""A process is known to be alive by a lock that only its death, or its end, releases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.database import engine_for
from feedback_app.liveness import Liveness
from tests.support.databases import ROOT, environment

CHILD = """
import sys, time
from feedback_app.database import engine_for
from feedback_app.liveness import Liveness
with Liveness(engine_for(sys.argv[1])) as me:
    print(me.number, flush=True)
    time.sleep(60)
"""


def test_a_killed_process_is_seen_as_dead_at_once(database_url: str, tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, database_url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(database_url, tmp_path),
    )
    assert child.stdout is not None
    number = int(child.stdout.readline())
    engine = engine_for(database_url)
    with Liveness(engine) as me:
        assert me.is_alive(me.number)
        assert me.is_alive(number)
        assert me.dead_among({number, me.number, 99}) == {99}
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        deadline = time.monotonic() + 5  # the server notices the closed socket a moment later
        while me.is_alive(number) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not me.is_alive(number)
    engine.dispose()


def test_a_process_that_ended_is_dead(database_url: str) -> None:
    engine = engine_for(database_url)
    with Liveness(engine) as first:
        pass
    with Liveness(engine) as second:
        assert second.number != first.number
        assert not second.is_alive(first.number)
    engine.dispose()


@pytest.mark.database("postgresql")
@pytest.mark.parametrize("noticed", [False, True])
def test_a_process_ends_well_where_the_server_has_gone_away(database_url: str, session: Session, noticed: bool) -> None:
    engine = engine_for(database_url)
    holders = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = :number"
    with Liveness(engine) as first:
        assert session.scalar(sa.text(holders), {"number": first.number})
        if noticed:
            with pytest.raises(sa.exc.OperationalError):
                first.is_alive(99)
    with Liveness(engine) as second:
        assert not second.is_alive(first.number)
    engine.dispose()
