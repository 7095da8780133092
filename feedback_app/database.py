"""The database: engine settings as they were measured, the declarative base, and the one way to open a transaction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session
from sqlalchemy.types import TypeDecorator

from feedback_app.config import PROJECT_FOLDER, Config

logger = logging.getLogger(__name__)

MIGRATIONS_FOLDER = PROJECT_FOLDER / "migrations"
BUSY_TIMEOUT_MS = 15_000
LONGEST_TURN = 0.25  # seconds
SAFE_SQLITE = (3, 51, 3)  # earlier versions have the WAL-reset corruption bug
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITE = "stemme_write"  # execution option: this transaction will write

_writing = threading.Lock()

# What a read may be given: a session, or the promise of one, which is only made when something is read.
Reader = Session | scoped_session[Any]

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def text_enum(kind: type[StrEnum]) -> sa.Enum:
    """Return a column type that stores the members' values as text; the database does not list them."""
    return sa.Enum(
        kind, native_enum=False, create_constraint=False, length=20, values_callable=lambda e: [m.value for m in e]
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. A naive datetime is refused with `ValueError`."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all tables; every constraint gets a name by convention."""

    metadata = sa.MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {datetime: UtcDateTime, str: sa.Text}  # noqa: RUF012


# The tables inherit from Base, which type checkers understand; Flask-SQLAlchemy gives them session and engine.
db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True, session_options={"autoflush": False})


def engine_options(url: str) -> dict[str, Any]:
    """Return the `create_engine` arguments for `url`."""
    if url.startswith("sqlite"):
        return {
            "module": _sqlite_driver(),
            "connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        }
    return {"pool_pre_ping": False, "pool_size": 5, "max_overflow": 10, "connect_args": {"connect_timeout": 5}}


def engine_for(url: str) -> Engine:
    """Return an engine of its own for `url`, set as the service sets it; for tools and tests without an app."""
    engine = sa.create_engine(url, **engine_options(url))
    _listen(engine)
    return engine


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield the session inside one write transaction: committed at the end, rolled back on any error.

    Only the edges (routes, commands, nightly) call this. On SQLite it begins with BEGIN IMMEDIATE, so that a
    transaction that reads before it writes waits for its turn instead of failing.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("unsaved objects from before the transaction; make them inside it")
    session.rollback()  # ends a read transaction that an earlier query began
    with _turn(session.get_bind()):
        try:
            session.connection(execution_options={WRITE: True})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def direct_transaction(*, one_statement: bool = False) -> Iterator[Connection]:
    """As `transaction`, but without a session, whose bookkeeping takes longer than an answer takes to store.

    With `one_statement` PostgreSQL is told no BEGIN and COMMIT: a statement is a transaction by itself there, so that
    one statement, and no more, may be sent.
    """
    if db.session.registry.has():
        db.session.rollback()  # ends a read transaction that an earlier query began
    engine = db.engine
    if one_statement and engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection
        return
    with _turn(engine), engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        yield connection


def send(connection: Connection, text: str, values: Sequence[Any]) -> Any:
    """Send a statement in the driver's own words, past SQLAlchemy, and return the driver's cursor.

    Errors are SQLAlchemy's own. Where one says that the server has gone away, connections kept from before go, too.
    """
    pooled = connection.connection
    cursor = pooled.cursor()
    try:
        cursor.execute(text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        gone = connection.dialect.is_disconnect(error, pooled, cursor)
        if gone:
            connection.invalidate(error)
            connection.engine.dispose()
        base = connection.dialect.loaded_dbapi.Error
        raise sa.exc.DBAPIError.instance(None, None, error, base, connection_invalidated=gone) from error
    return cursor


@contextmanager
def _turn(engine: Engine | Connection) -> Iterator[None]:
    """Let the threads of a process write to SQLite one after the other.

    SQLite lets a writer that finds the file locked sleep, longer each time; a thread that waits here goes on at once.
    It is a help, not a rule: who has waited for `LONGEST_TURN` tries in any case, and SQLite decides.
    """
    taken = engine.dialect.name == "sqlite" and _writing.acquire(timeout=LONGEST_TURN)
    try:
        yield
    finally:
        if taken:
            _writing.release()


def init_app(app: Flask, config: Config) -> None:
    """Bind `db` and the migrations to `app`."""
    import feedback_app.tables  # noqa: F401  (every table must be known before the first query)

    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    db.init_app(app)
    app.teardown_appcontext(_end_session)  # runs before Flask-SQLAlchemy's own, which then finds nothing to end
    with app.app_context():
        _listen(db.engine)


def _end_session(_error: BaseException | None) -> None:
    """Give the connection back; that the server has gone away since the answer was made does not change the answer."""
    if not db.session.registry.has():
        return
    try:
        db.session.remove()
    except sa.exc.DBAPIError as error:
        logger.warning("at the end of a request: %s", type(error).__name__)
        db.session.registry.clear()


def _sqlite_driver() -> Any:
    try:
        import pysqlite3 as driver
    except ImportError:  # no wheel for this platform: the standard library's may be old
        import sqlite3 as driver
    if driver.sqlite_version_info < SAFE_SQLITE:
        logger.warning(
            "SQLite %s can corrupt a database in WAL mode; install pysqlite3 (SQLite %s or newer)",
            driver.sqlite_version,
            ".".join(map(str, SAFE_SQLITE)),
        )
    return driver


def _listen(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin event below says BEGIN, not the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "trusted_schema=OFF",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
