"""No page of the desk reads a big table from end to end: what PostgreSQL says of each statement of each page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from feedback_app.accounts.models import User
from tests.performance.desk import pages
from tests.performance.fill import fill
from tests.support.clients import Client
from tests.support.staff import sign_in

pytestmark = pytest.mark.database("postgresql")

COUNT = 20_000
BIG = {"response", "answer", "case_", "case_text", "case_event", "flag", "sentiment_score", "customer"}


@pytest.fixture
def lead(session: Session) -> User:
    """A lead of a company with twenty thousand answers."""
    return fill(session, COUNT)


def statements_of(client: Client, path: str) -> list[tuple[str, Any]]:
    """Return every SELECT that a page needs, with its parameters."""
    found: list[tuple[str, Any]] = []
    with client.application.app_context():
        from feedback_app.database import db

        engine = db.engine

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found


def whole_reads(session: Session, statement: str, parameters: Any) -> list[str]:
    """Return the big tables that the statement's plan reads from end to end.

    Sequential scans are made dear, so that one is left only where no index serves: small tables would be read whole
    however good the indexes are.
    """
    connection = session.connection()
    connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return [node["Relation Name"] for node in _nodes(top) if _reads_all(node)]


def _reads_all(node: dict[str, Any]) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def test_no_page_reads_a_big_table_whole(client: Client, session: Session, lead: User) -> None:
    sign_in(client, session, user=lead)
    wrong, seen = [], 0
    for name, path in pages(COUNT).items():
        for statement, parameters in statements_of(client, path):
            seen += 1
            wrong += [f"{name}: {table} in {statement}" for table in whole_reads(session, statement, parameters)]
            session.rollback()
    print(f"{seen} statements of {len(pages(COUNT))} pages over {COUNT} answers: {len(wrong)} sequential scans")
    assert seen > 20
    assert wrong == []


def test_a_statement_without_an_index_is_found(session: Session, lead: User) -> None:
    assert whole_reads(session, "SELECT id FROM response WHERE agent = %(agent)s", {"agent": "x"}) == ["response"]
    assert whole_reads(session, "SELECT id FROM response WHERE id = %(id)s", {"id": 1}) == []
