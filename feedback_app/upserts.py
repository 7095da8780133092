"""Insert-or-ignore for both databases: a unique key decides, never a look-up before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.database import Base

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def _dialect(name: str) -> Any:
    """Return SQLAlchemy's module of the database in use; each takes a while to import, and one is enough."""
    return import_module(f"sqlalchemy.dialects.{'postgresql' if name == 'postgresql' else 'sqlite'}")


def insert_for(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return the dialect's own INSERT for `table`, which knows ON CONFLICT."""
    return _dialect(session.get_bind().dialect.name).insert(table)


def insert_or_ignore(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert `rows` (of one shape), leaving out those that a unique key refuses; return how many went in."""
    if not rows:
        return 0
    values = [dict(row) for row in rows]  # one row apart: of a statement with a list SQLAlchemy keeps no compiled form
    insert = insert_for(session, table)
    statement = (insert.values(values[0]) if len(values) == 1 else insert.values(values)).on_conflict_do_nothing()
    result = session.execute(statement, execution_options={"preserve_rowcount": True})  # or it is -1 on PostgreSQL
    return cast("sa.CursorResult[Any]", result).rowcount


def insert_many_or_ignore(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], key: str) -> set[int]:
    """Insert many `rows` of one shape, leaving out those that a unique key refuses; return the `key` of the others.

    On PostgreSQL they travel as one JSON parameter: as thousands of parameters they cost more than the insert itself.
    """
    if not rows:
        return set()
    if session.get_bind().dialect.name == "postgresql":
        name, columns = table.__tablename__, ", ".join(rows[0])
        statement = sa.text(
            f"INSERT INTO {name} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{name}, :rows)"  # noqa: S608
            f" ON CONFLICT DO NOTHING RETURNING {key}"
        )
        return set(session.scalars(statement, {"rows": json.dumps(rows, default=_moment)}))
    insert = _dialect("sqlite").insert(table).on_conflict_do_nothing().returning(getattr(table, key))
    # Without `render_nulls` rows with and without a None go in separate statements.
    return set(session.scalars(insert, list(rows), execution_options={"render_nulls": True}))


def _moment(value: datetime) -> str:
    """Write a moment into JSON."""
    return value.isoformat()
