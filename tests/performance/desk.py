"""The lead's desk on PostgreSQL with a thousand answers and with a million: no slower for it."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from pathlib import Path

from sqlalchemy.orm import Session

from feedback_app import create_app
from feedback_app.config import Config
from feedback_app.database import db, engine_for
from feedback_app.figures import refresh_days
from tests.performance.fill import fill
from tests.support.clients import Client
from tests.support.databases import environment, migrate
from tests.support.postgres import Postgres
from tests.support.staff import sign_in

PAGES = {
    "inbox": "/inbox",
    "inbox, overdue": "/inbox?tab=overdue",
    "inbox, resolved": "/inbox?tab=resolved",
    "inbox, a filter": "/inbox?reason=unhappy_text&language=nn",
    "search, one hit": "/inbox?q=order+{last}",
    "search, word in all": "/inbox?q=nobody+called",
    "case": "/cases/{case}",
    "overview": "/",
}
MOST_MILLISECONDS = 150
MOST_RATIO = 1.5


def pages(count: int) -> dict[str, str]:
    """Return the addresses to visit where `count` answers are stored; the case is an open one in the middle.

    The last angry text alone holds its number, so that this search lists as much among few texts as among many.
    """
    return {name: path.format(case=count * 3 // 40, last=count - 10) for name, path in PAGES.items()}


def measure(server: Postgres, count: int, times: int) -> dict[str, float]:
    """Return each page's p95 in milliseconds, from request to last byte, within one process."""
    name = f"desk_{count}"
    server.execute(f"CREATE DATABASE {name}")
    with tempfile.TemporaryDirectory() as folder:
        address = server.url(name)
        migrate(address, Path(folder))
        engine = engine_for(address)
        began = time.perf_counter()
        app = create_app(dataclasses.replace(Config.from_environ(environment(address, Path(folder))), testing=True))
        app.test_client_class = Client
        client = app.test_client()
        assert isinstance(client, Client)
        with Session(engine) as session:
            sign_in(client, session, user=fill(session, count))
        engine.dispose()
        print(f"  {count} answers stored in {time.perf_counter() - began:.0f} s")
        began = time.perf_counter()
        with app.app_context():
            days = refresh_days()  # as the nightly run does
        print(f"  {days} past days counted in {time.perf_counter() - began:.2f} s")
        figures = {name: _p95(client, path, times) for name, path in pages(count).items()}
        with app.app_context():
            db.engine.dispose()
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    return figures


def _p95(client: Client, path: str, times: int) -> float:
    taken = []
    for number in range(times + 5):
        began = time.perf_counter()
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        if number >= 5:  # the first ones fill caches
            taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[int(0.95 * len(taken))]


def main(full: bool) -> bool:
    """Measure the desk; without `full` with a hundred thousand answers in the place of a million."""
    many = 1_000_000 if full else 100_000
    print("\nthe desk, PostgreSQL")
    server = Postgres.create()
    try:
        few_p95, many_p95 = measure(server, 1_000, 60), measure(server, many, 60)
    finally:
        server.remove()
    good = True
    for name, low in few_p95.items():
        high = many_p95[name]
        met = high < MOST_MILLISECONDS and high <= MOST_RATIO * low
        good = good and met
        verdict = "met" if met else "MISSED"
        print(f"  {name:20} p95 {low:6.1f} ms and {high:6.1f} ms: {high / low:.2f} (at most {MOST_RATIO}) {verdict}")
    return good
