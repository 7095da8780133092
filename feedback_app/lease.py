"""The lease: of all scheduler processes, on whichever machine, one works and the others stand by."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from feedback_app import jobs
from feedback_app.clock import utc_now
from feedback_app.database import db, transaction
from feedback_app.liveness import KEY_SPACE, Liveness

NAME = "scheduler"
LOCK = {"a": KEY_SPACE, "b": 0}  # no process has the number 0
HEARTBEAT = timedelta(seconds=15)
EXPIRES = timedelta(seconds=60)


class SchedulerLease:
    """An advisory lock of a connection of its own on PostgreSQL; a row with a heartbeat on SQLite."""

    def __init__(self, process: Liveness) -> None:
        self.process = process
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Take the lease, or prove that it is still ours. False: somebody else has it."""
        if db.engine.dialect.name != "postgresql":
            return self._take_row()
        try:
            return self._take_lock()
        except DBAPIError:  # the connection broke, and with it the lock
            self._close()
            return False

    def drop(self) -> None:
        """Give the lease up, so that another process need not wait for it."""
        if db.engine.dialect.name == "postgresql":
            self._close()
        else:
            with transaction() as session:
                jobs.drop_lease(session, NAME, holder=self.process.number)

    def _take_row(self) -> bool:
        now = utc_now()
        with transaction() as session:
            holder = jobs.lease_holder(session, NAME)
            dead = self.process.dead_among({holder} if holder is not None else set())
            return jobs.take_lease(session, NAME, holder=self.process.number, dead=dead, until=now + EXPIRES, now=now)

    def _take_lock(self) -> bool:
        if self._connection is not None:
            self._connection.execute(sa.text("SELECT 1"))
            return True
        self._connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = bool(self._connection.scalar(sa.text("SELECT pg_try_advisory_lock(:a, :b)"), LOCK))
        if not taken:
            self._close()
        return taken

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
