"""Whether a process is still at work: each holds a lock under its own number, which its death releases at once.

On PostgreSQL the lock is an advisory lock of a connection of its own, seen from every machine; with SQLite, where all
processes share one machine, it is a lock on a file beside the database. Neither needs a clock or a heartbeat.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

KEY_SPACE = 0x5374656D  # "Stem": the first half of the advisory lock's key
HELD = sa.text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :a AND objid = :b"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Liveness:
    """The lock that says that this process lives. `number` is its name in the database."""

    def __init__(self, engine: Engine) -> None:
        self.number = secrets.randbelow(2**31 - 1) + 1
        self._engine = engine
        self._folder = Path(engine.url.database or ".").with_suffix(".processes")
        self._connection: Connection | None = None
        self._file: int | None = None

    def __enter__(self) -> Liveness:
        """Take the lock."""
        if self._engine.dialect.name == "postgresql":
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection.execute(sa.text("SELECT pg_advisory_lock(:a, :b)"), self._key(self.number))
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path(self.number), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_error: object) -> None:
        """Let it go."""
        if self._connection is not None:
            with suppress(sa.exc.SQLAlchemyError):  # a server that has gone away has dropped the lock
                self._connection.execute(sa.text("SELECT pg_advisory_unlock(:a, :b)"), self._key(self.number))
            self._connection.invalidate()  # no other use of this connection may hold the lock by mistake
            self._connection.close()
        if self._file is not None:
            self._path(self.number).unlink(missing_ok=True)
            os.close(self._file)

    def is_alive(self, number: int) -> bool:
        """Whether the process with `number` still holds its lock."""
        if number == self.number:
            return True
        if self._connection is not None:
            return self._held_in_database(number)
        return self._held_in_file(number)

    def dead_among(self, numbers: set[int]) -> set[int]:
        """Return those of `numbers` whose process is gone."""
        return {number for number in numbers if not self.is_alive(number)}

    def _held_in_database(self, number: int) -> bool:
        assert self._connection is not None  # noqa: S101
        return bool(self._connection.scalar(HELD, self._key(number)))

    def _held_in_file(self, number: int) -> bool:
        try:
            file = os.open(self._path(number), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            self._path(number).unlink(missing_ok=True)
            return False
        finally:
            os.close(file)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.lock"

    @staticmethod
    def _key(number: int) -> dict[str, int]:
        return {"a": KEY_SPACE, "b": number}
