"""Rows of several tables that refer to each other, written together: whole or not at all, and as fast as it goes.

For what a customer waits for. PostgreSQL gets a bundle as one statement, which is a transaction by itself: one journey
to the server, where BEGIN, an INSERT for each table and COMMIT would take four or more. SQLite has no journeys to save,
and gets one INSERT a table. Both go to the driver as text that is made once for each shape: SQLAlchemy's making and
reading of a statement takes longer than SQLite takes to run it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from feedback_app.database import Base, direct_transaction, send


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table, all of one shape, with every column that the database has no default for.

    `parents` says which columns take the id of an earlier part's row. Where that part has several rows, `key` is the
    column of it that tells them apart: it stands in these rows, too, and is not written. All parts that name a parent
    name it by the same key, or all without one.
    """

    table: type[Base]
    rows: Sequence[Mapping[str, Any]]
    parents: Mapping[str, type[Base]] = field(default_factory=dict)
    key: str | None = None


def write_alone(parts: Sequence[Part]) -> int | None:
    """As `write`, in a transaction of its own."""
    with direct_transaction(one_statement=True) as connection:
        return write(connection, parts)


def write(connection: Connection, parts: Sequence[Part]) -> int | None:
    """Insert `parts`, of which the first is one row; return its id, or None where a unique key refuses that row.

    Then nothing is written. A key that refuses any other row is an error, as everywhere.
    """
    filled = [part for part in parts if part.rows]
    if connection.dialect.name == "postgresql":
        return _write_at_once(connection, filled)
    return _write_in_turn(connection, filled)


class _Shape(NamedTuple):
    """What the text of a part's INSERT depends on."""

    table: type[Base]
    columns: tuple[str, ...]  # those that its rows bring
    parents: tuple[tuple[str, type[Base]], ...]
    key: str | None
    rows: int  # how many, where the text depends on it

    @property
    def written(self) -> list[str]:
        """The columns whose values its rows bring."""
        return [column for column in self.columns if column != self.key]

    @property
    def names(self) -> list[str]:
        """All columns that are written, those of the parents first."""
        return [*(column for column, _model in self.parents), *self.written]


def _shape(part: Part, count: int = 1) -> _Shape:
    return _Shape(part.table, tuple(part.rows[0]), tuple(part.parents.items()), part.key, count)


def _keys(shapes: Sequence[_Shape]) -> dict[type[Base], str | None]:
    """Return which tables are parents, and by which column their rows are told apart."""
    return {model: shape.key for shape in shapes for _column, model in shape.parents}


def _table(model: type[Base]) -> sa.Table:
    return cast("sa.Table", model.__table__)


# PostgreSQL: one statement, in which each part's rows are one parameter, as JSON.


def _write_at_once(connection: Connection, parts: Sequence[Part]) -> int | None:
    text = _statement(connection.dialect, tuple(_shape(part) for part in parts))
    values = [json.dumps(part.rows, default=_moment) for part in parts]
    row = send(connection, text, values).fetchone()
    return None if row is None else int(row[0])


@cache
def _statement(dialect: sa.Dialect, shapes: tuple[_Shape, ...]) -> str:
    """Return one INSERT a part, each reading the ids that the earlier ones return."""
    keys = _keys(shapes)
    steps = [_step(dialect, shape, keys, first=number == 0) for number, shape in enumerate(shapes)]
    return f"WITH {', '.join(steps)} SELECT id FROM {_step_name(shapes[0].table)}"  # noqa: S608 (names of our own)


def _step_name(model: type[Base]) -> str:
    return f"new_{model.__tablename__}"


def _step(dialect: sa.Dialect, shape: _Shape, keys: Mapping[type[Base], str | None], *, first: bool) -> str:
    ids = [f"{_step_name(model)}.id" for _column, model in shape.parents]
    values = ", ".join([*ids, *(f"sent.{name}" for name in shape.written)])
    types = ", ".join(f"{name} {_type(dialect, shape, name)}" for name in shape.columns)
    sources = [f"json_to_recordset(%s) AS sent({types})", *(_step_name(model) for _column, model in shape.parents)]
    body = f"INSERT INTO {shape.table.__tablename__} ({', '.join(shape.names)}) SELECT {values}"
    body += f" FROM {', '.join(sources)}"
    if shape.key is not None:
        body += f" WHERE {_step_name(shape.parents[0][1])}.{shape.key} = sent.{shape.key}"
    if first:
        body += " ON CONFLICT DO NOTHING"
    if first or shape.table in keys:
        body += f" RETURNING {', '.join(name for name in ('id', keys.get(shape.table)) if name)}"
    return f"{_step_name(shape.table)} AS ({body})"


def _type(dialect: sa.Dialect, shape: _Shape, name: str) -> str:
    """Return the column's type in words; that of a key is the parent's."""
    model = shape.parents[0][1] if name == shape.key else shape.table
    return _table(model).c[name].type.compile(dialect)


def _moment(value: datetime) -> str:
    """Write a moment into JSON."""
    return value.isoformat()


# SQLite: one statement a part.


def _write_in_turn(connection: Connection, parts: Sequence[Part]) -> int | None:
    shapes = [_shape(part, len(part.rows)) for part in parts]
    keys = _keys(shapes)
    ids: dict[type[Base], dict[Any, int]] = {}
    for number, (part, shape) in enumerate(zip(parts, shapes, strict=True)):
        returned = number == 0 or part.table in keys
        insert = _insert(connection.dialect, shape, first=number == 0, key=keys.get(part.table), returned=returned)
        values: list[Any] = []
        for row in part.rows:
            of = row[part.key] if part.key else None
            values += [ids[model][of] for model in part.parents.values()]
            values += [row[name] if write is None else write(row[name]) for name, write in insert.columns]
        cursor = send(connection, insert.text, values)
        if returned:
            ids[part.table] = {key: found for found, key in cursor.fetchall()}
            if not ids[part.table]:
                return None
    return next(iter(ids[parts[0].table].values()))


class _Insert(NamedTuple):
    """An INSERT with marks for its values, and how each column's values are written for the driver."""

    text: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]


@cache
def _insert(dialect: sa.Dialect, shape: _Shape, *, first: bool, key: str | None, returned: bool) -> _Insert:
    names = shape.names
    row = f"({', '.join('?' * len(names))})"
    text = f"INSERT INTO {shape.table.__tablename__} ({', '.join(names)}) VALUES {', '.join([row] * shape.rows)}"  # noqa: S608 (names of our own)
    text += " ON CONFLICT DO NOTHING" if first else ""
    text += f" RETURNING id, {key or 'NULL'}" if returned else ""
    columns = _table(shape.table).c
    writers = ((name, columns[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in shape.written)
    return _Insert(text, tuple(writers))
