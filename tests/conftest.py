"""Fixtures of every test: a database of its own, the app on it, clients, servers, a browser.

A test that uses `app`, `client`, `session`, `cli` or `database_url` runs on SQLite and on PostgreSQL.
`pytestmark = pytest.mark.database("sqlite")` keeps a module, or a test, to one of them.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.config import Config
from tests.support import databases, network
from tests.support.clients import Client, CliRunner
from tests.support.databases import Databases
from tests.support.postgres import Postgres
from tests.support.templates import COMPILED

pytest_plugins = ["tests.support.servers", "tests.support.browser"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that needs a database once on each kind, or on those of its `database` mark."""
    if "database_kind" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("database")
        metafunc.parametrize("database_kind", mark.args if mark else databases.KINDS, indirect=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop PostgreSQL; under xdist the controller does it, after all workers."""
    if not hasattr(session.config, "workerinput"):
        folder = getattr(session.config, "_tmp_path_factory").getbasetemp()  # noqa: B009
        Databases(folder).close()


@pytest.fixture
def size() -> Callable[[int, int], int]:
    """Choose between the short form of a test and the whole one: `size(200, 1000)` is 1000 with FULL=1."""
    whole = os.environ.get("FULL") == "1"
    return lambda short, full: full if whole else short


@pytest.fixture(scope="session")
def all_databases(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Databases:
    """The session's databases, shared by all workers."""
    folder = tmp_path_factory.getbasetemp()
    return Databases(folder.parent if hasattr(request.config, "workerinput") else folder)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Either "sqlite" or "postgresql"."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, all_databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A new, migrated database for this test alone."""
    with all_databases.fresh(database_kind, tmp_path) as url:
        yield url


@pytest.fixture
def empty_database_url(database_kind: str, all_databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A new database without any table, for tests of the migrations."""
    folder = tmp_path / "empty"
    folder.mkdir()
    with all_databases.fresh(database_kind, folder, migrated=False) as url:
        yield url


@pytest.fixture
def durable_postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A PostgreSQL of the test's own that keeps what it acknowledged, to be stopped and started at will.

    Its database `stemme` (`durable_postgres.url("stemme")`) is migrated.
    """
    server = Postgres.create(durable=True)
    try:
        server.execute("CREATE DATABASE stemme")
        databases.migrate(server.url("stemme"), tmp_path)
        yield server
    finally:
        server.remove()


@pytest.fixture
def public_url() -> str:
    """PUBLIC_URL; `live_server` replaces it by its own address."""
    return "http://ask.example"


@pytest.fixture
def config(database_url: str, tmp_path: Path, public_url: str, request: pytest.FixtureRequest) -> Config:
    """The configuration of `app`: working, quiet, everything in the test's own folder."""
    if "live_server" in request.fixturenames:
        public_url = f"http://127.0.0.1:{request.getfixturevalue('server_socket').getsockname()[1]}"
    environ = databases.environment(database_url, tmp_path / "instance", PUBLIC_URL=public_url, ORGANISATION="Fjord AS")
    return dataclasses.replace(Config.from_environ(environ), testing=True)


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """The application. No context is pushed: a forgotten commit must show."""
    from feedback_app import create_app
    from feedback_app.database import db

    app = create_app(config)
    app.jinja_env.bytecode_cache = COMPILED
    yield app
    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        engine.dispose()


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session of the test's own, on the same database as `app`.

    It is committed before each request of `client` and each command of `cli`, so that they see what the test wrote and
    the test then sees what they wrote.
    """
    from feedback_app.database import engine_for

    engine = engine_for(database_url)
    with Session(engine, autoflush=True) as session:
        yield session
        session.rollback()
    engine.dispose()


@pytest.fixture
def client(app: Flask, session: Session) -> Client:
    """A browser without JavaScript."""
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    client.session_of_test = session
    return client


@pytest.fixture
def cli(app: Flask, session: Session) -> CliRunner:
    """The command line: `cli.run("list-surveys")` returns the result, and fails the test where it raised."""
    return CliRunner(app, session)


@pytest.fixture(autouse=True)
def network_guard() -> Iterator[network.NetworkGuard]:
    """Fail a test that reached for another machine, even if the error was swallowed.

    A test of what is refused reads `network_guard.attempts`, and clears it.
    """
    network.guard.attempts.clear()
    network.guard.active = True
    yield network.guard
    network.guard.active = False
    assert network.guard.attempts == []
