"""Databases for tests: made once a session by the migrations, then copied for each test, or emptied and used again."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.postgres import Postgres
from tests.support.recycling import Recycled

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY = "0123456789abcdef" * 4  # of the tests only
KINDS = ("sqlite", "postgresql")
TEMPLATE = "stemme_template"


def environment(database_url: str, instance: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a child process that runs the service on `database_url`."""
    base = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    base |= {"DATABASE_URL": database_url, "INSTANCE_FOLDER": str(instance), "SECRET_KEY": SECRET_KEY}
    return base | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | settings


def migrate(database_url: str, instance: Path) -> None:
    """Bring the database to the newest version, exactly as an operator does: `flask --app wsgi db upgrade`."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=ROOT,
        env=environment(database_url, instance),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"flask db upgrade failed:\n{done.stderr[-4000:]}")


class Databases:
    """The databases of one test session. Its workers share the folder, the templates and the PostgreSQL server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pool: Recycled | None = None

    @contextmanager
    def fresh(self, kind: str, folder: Path, migrated: bool = True) -> Iterator[str]:
        """Yield the URL of a new database: migrated, or with nothing in it. It is gone afterwards."""
        if kind == "sqlite":
            file = folder / "stemme.sqlite"
            if migrated:
                shutil.copyfile(self._sqlite_template(), file)
            yield f"sqlite:///{file}"
            for path in folder.glob("stemme.sqlite*"):
                path.unlink()
            return
        if migrated:
            name = self._recycled().take()
            yield self.postgres().url(name)
            self._recycled().give_back(name)
            return
        server, name = self.postgres(), f"test_{uuid.uuid4().hex}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield server.url(name)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def postgres(self) -> Postgres:
        """Return the session's PostgreSQL server; the first who asks starts it."""
        with self._only_one():
            note = self.folder / "postgres.json"
            if note.exists():
                return Postgres(Path(json.loads(note.read_text())["folder"]))
            server = Postgres.create()
            note.write_text(json.dumps({"folder": str(server.folder)}))
            return server

    def close(self) -> None:
        """Stop what was started. Called once, when all workers are done."""
        note = self.folder / "postgres.json"
        if note.exists():
            Postgres(Path(json.loads(note.read_text())["folder"])).remove()
            note.unlink()

    def _recycled(self) -> Recycled:
        if self._pool is None:
            self._pool = Recycled(self.postgres(), self._postgres_template())
        return self._pool

    def _sqlite_template(self) -> Path:
        template = self.folder / "template.sqlite"
        with self._only_one():
            if not template.exists():
                unfinished = self.folder / "unfinished.sqlite"
                self._migrate(f"sqlite:///{unfinished}")
                unfinished.rename(template)
        return template

    def _postgres_template(self) -> str:
        server = self.postgres()
        with self._only_one():
            done = self.folder / "postgres-template"
            if not done.exists():
                server.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
                server.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
                self._migrate(server.url(TEMPLATE))
                done.touch()
        return TEMPLATE

    def _migrate(self, url: str) -> None:
        failure = self.folder / "migration-failed"  # said again to every test at once, not tried again by each
        if failure.exists():
            raise RuntimeError(failure.read_text())
        try:
            migrate(url, self.folder)
        except RuntimeError as error:
            failure.write_text(str(error))
            raise

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
