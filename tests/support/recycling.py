"""Databases of PostgreSQL that are emptied and used again: emptying one takes a tenth of the time to make one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.support.postgres import Postgres

END_CONNECTIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
OBJECTS = """
SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
       (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace),
       (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_constraint)
"""
COUNTERS = "SELECT sequencename::text, last_value FROM pg_sequences WHERE last_value IS NOT NULL ORDER BY 1"
TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
# The counters of ids begin again, too: some tests know that theirs is the first case.
EMPTY = """
DO $$
DECLARE
    one text;
    kept text[] := string_to_array('{kept}', ',');  -- tables and counters
    full_ones text := '';
    holds boolean;
BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL (kept) LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one) INTO holds;
        IF holds THEN
            full_ones := full_ones || format(', %I', one);
        END IF;
    END LOOP;
    SET LOCAL session_replication_role = replica;
    IF full_ones <> '' THEN
        EXECUTE 'TRUNCATE ' || substr(full_ones, 3) || ' CASCADE';
    END IF;
    DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace);
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL AND sequencename <> ALL (kept);
END $$
"""


@dataclass
class Recycled:
    """The databases that one process has made from a template, and that nobody uses just now."""

    server: Postgres
    template: str
    _free: list[str] = field(default_factory=list)
    _new: Any = None  # what a new one looks like

    def take(self) -> str:
        """Return the name of a database that is as the template."""
        if self._free:
            return self._free.pop()
        name = f"test_{uuid.uuid4().hex}"
        self.server.execute(f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY WAL_LOG")
        if self._new is None:
            with self.server.connect(name) as connection:
                self._new = _look(connection)
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test; drop it where a test has changed more than rows."""
        with self.server.connect(name) as connection:
            connection.execute(END_CONNECTIONS)
            objects, rows, counters = self._new
            if same := _objects(connection) == objects:
                kept = ",".join([*rows, *(counter for counter, _value in counters)])
                connection.execute(EMPTY.format(kept=kept).encode())
                same = _look(connection) == self._new
        if same:
            self._free.append(name)
        else:
            self.server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _look(connection: psycopg.Connection[Any]) -> tuple[Any, dict[str, Any], list[Any]]:
    """Return how many objects there are, the rows of the tables that hold any, and the counters that have counted."""
    tables = [row[0] for row in connection.execute(TABLES)]
    rows = {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall() for table in tables}
    held = {table: found for table, found in rows.items() if found}
    return _objects(connection), held, connection.execute(COUNTERS).fetchall()


def _objects(connection: psycopg.Connection[Any]) -> Any:
    return connection.execute(OBJECTS).fetchone()
