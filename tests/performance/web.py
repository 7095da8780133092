"""The survey page and the submission, as a ratio to a bare Flask view in the same run."""

from __future__ import annotations

import itertools
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Response
from feedback_app.database import engine_for
from tests.faults.traffic import FormFields
from tests.performance.load import Round, drive, request_bytes, workers_of
from tests.support.databases import ROOT, environment, migrate
from tests.support.factories import make_survey
from tests.support.postgres import Postgres
from tests.support.servers import Gunicorn, free_port

REASON = (
    "I waited for a quarter of an hour, and then nobody could tell me where my order had gone. Please call me back."
)
SCORES = (9, 10, 8, 3)  # one in four is low, and opens a case
TARGETS = {("post", "sqlite"): 0.5, ("post", "postgresql"): 0.6, ("get", "sqlite"): 0.5, ("get", "postgresql"): 0.5}
CREATE = "CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"
CREATE_POSTGRESQL = "CREATE TABLE bare (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text TEXT NOT NULL)"
MOST_MEGABYTES = 100
MOST_HELP_SECONDS = 0.6


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Yield a function that makes a new, empty, durable database and returns its URL."""
    if kind == "sqlite":
        yield lambda name: f"sqlite:///{folder / name}.sqlite"
        return
    server = Postgres.create(durable=True)

    def create(name: str) -> str:
        server.execute(f"CREATE DATABASE {name}")
        return server.url(name)

    try:
        yield create
    finally:
        server.remove()


class Pair:
    """The service and the bare views, each under gunicorn with two workers on a database of its own."""

    def __init__(self, url: Callable[[str], str], folder: Path) -> None:
        ours, theirs = url("ours"), url("bare")
        migrate(ours, folder)
        self.engine = engine_for(ours)
        with Session(self.engine) as session:
            self.path = f"/s/{make_survey(session).slug}"
        engine = engine_for(theirs)
        with engine.begin() as connection:
            postgresql = engine.dialect.name == "postgresql"
            connection.execute(sa.text(CREATE_POSTGRESQL if postgresql else CREATE))
        engine.dispose()
        self.ours = Gunicorn(ours, folder, 2, free_port())
        self.bare = Gunicorn(theirs, folder, 2, free_port(), app="tests.performance.bare:app")
        self.ours.start(self.path)
        self.bare.start("/constant")
        with urllib.request.urlopen(self.ours.url + self.path) as page:
            self.fields = FormFields(page.read().decode(), REASON).fields
        self._numbers = itertools.count()

    def stop(self) -> None:
        """Stop both."""
        self.ours.stop()
        self.bare.stop()
        self.engine.dispose()

    def submission(self) -> bytes:
        """Return a request that submits a new answer."""
        score = SCORES[next(self._numbers) % len(SCORES)]
        fields = {name: str(score) if value == "3" else value for name, value in self.fields.items()}
        return request_bytes("POST", self.path, urllib.parse.urlencode(fields | _new_id(fields)).encode())

    def rounds(self, seconds: float) -> dict[str, Round]:
        """Let the four kinds of request have `seconds` each."""
        insert = request_bytes("POST", "/insert", urllib.parse.urlencode(self.fields).encode())
        return {
            "constant": drive(self.bare, lambda: request_bytes("GET", "/constant"), seconds),
            "page": drive(self.ours, lambda: request_bytes("GET", self.path), seconds),
            "insert": drive(self.bare, lambda: insert, seconds),
            "submit": drive(self.ours, self.submission, seconds),
        }

    def stored(self) -> int:
        """Return how many responses there are."""
        with Session(self.engine) as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Response)) or 0


def _new_id(fields: dict[str, str]) -> dict[str, str]:
    if "submission_id" not in fields:
        raise RuntimeError(f"the form has no submission_id, but {sorted(fields)}")
    return {"submission_id": secrets.token_hex(16)}


def measure(kind: str, rounds: int, seconds: float) -> bool:
    """Measure on one kind of database, print the figures, and return whether they reach the targets."""
    with tempfile.TemporaryDirectory() as name, database(kind, Path(name)) as url:
        pair = Pair(url, Path(name))
        try:
            pair.rounds(0.5)  # warms both up
            single = [pair.rounds(seconds) for _ in range(rounds)]
            stored = pair.stored()
            megabytes = max(worker.memory_info().rss for worker in workers_of(pair.ours)) / 1e6
        finally:
            pair.stop()
    total = {kind_of: Round() for kind_of in single[0]}
    for one in single:
        for kind_of, figures in one.items():
            total[kind_of].add(figures)
    print(f"\n{kind}: 2 workers, 8 connections, {rounds} interleaved rounds of {seconds} s")
    for kind_of, figures in total.items():
        latency = f"p50 {figures.percentile(0.5):6.2f} ms   p99 {figures.percentile(0.99):6.2f} ms"
        cost = f"{figures.cost:5.2f} ms of processor"
        print(f"  {kind_of:9}{figures.rate:8.0f}/s   {latency}   {cost}   {dict(figures.statuses)}")
    good = _ratio(single, "get", "page", "constant", kind) & _ratio(single, "post", "submit", "insert", kind)
    if any(set(figures.statuses) != {303 if name == "submit" else 200} for name, figures in total.items()):
        raise RuntimeError("something did not answer as it should; the figures mean nothing")
    answered = sum(total[kind_of].statuses.total() for kind_of in ("page", "submit"))
    print(f"  {stored} responses stored; a worker holds {megabytes:.0f} MB after {answered} requests to the two")
    return good and megabytes < MOST_MEGABYTES


def _ratio(single: list[dict[str, Round]], method: str, ours: str, theirs: str, kind: str) -> bool:
    ratios = [one[ours].rate / one[theirs].rate for one in single]
    target = TARGETS[method, kind]
    good = median(ratios) >= target
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"  {ours} / {theirs}: {median(ratios):.2f} ({spread}), wanted {target}: {'met' if good else 'MISSED'}")
    return good


def measure_start() -> bool:
    """Time `flask --app wsgi --help`, print it, and return whether it reaches the target."""
    with tempfile.TemporaryDirectory() as name:
        env = environment(f"sqlite:///{name}/x.sqlite", Path(name))
        del env["PYTHONDONTWRITEBYTECODE"]
        times = []
        for _ in range(6):
            began = time.perf_counter()
            command = [sys.executable, "-m", "flask", "--app", "wsgi", "--help"]
            subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
            times.append(time.perf_counter() - began)
    good = min(times) < MOST_HELP_SECONDS
    print(f"\nflask --app wsgi --help: {min(times):.2f} s (median {median(times):.2f}): {'met' if good else 'MISSED'}")
    return good


def main(full: bool) -> bool:
    """Measure everything of the web part."""
    rounds, seconds = (10, 3.0) if full else (5, 1.0)
    return all([measure("sqlite", rounds, seconds), measure("postgresql", rounds, seconds), measure_start()])
