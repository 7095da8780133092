"""Migrations go up and down on both databases, and end where the models say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from feedback_app.database import engine_for
from tests.support.databases import environment

KEPT = {"alembic_version"}


def flask_db(url: str, folder: Path, *arguments: str) -> None:
    """Run `flask db ARGUMENTS`; a failure shows what it printed."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", *arguments]
    done = subprocess.run(command, env=environment(url, folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def tables(url: str) -> set[str]:
    """Return the names of all tables."""
    engine = engine_for(url)
    try:
        return set(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_up_equals_the_models_down_leaves_nothing_and_up_works_again(empty_database_url: str, tmp_path: Path) -> None:
    flask_db(empty_database_url, tmp_path, "upgrade")
    flask_db(empty_database_url, tmp_path, "check")
    there = tables(empty_database_url)
    assert {"survey", "response", "answer", "sentiment_score", "case_", "audit_entry"} <= there
    flask_db(empty_database_url, tmp_path, "downgrade", "base")
    assert tables(empty_database_url) <= KEPT
    flask_db(empty_database_url, tmp_path, "upgrade")
    assert tables(empty_database_url) == there
