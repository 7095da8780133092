"""A command whose database is not there, or not up to date, says so in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from feedback_app import create_app
from feedback_app.config import Config
from feedback_app.database import db
from tests.support.databases import environment

COMMANDS = [
    ["list-surveys"],
    ["create-user", "kari@example.com", "--role", "lead"],
    ["score"],
    ["export-answers", "x.csv"],
]


def run(url: str, folder: Path, command: list[str]) -> Result:
    """Run a command of an application of its own on `url`."""
    app = create_app(Config.from_environ(environment(url, folder / "instance")))
    done = app.test_cli_runner().invoke(args=command)
    with app.app_context():
        db.engine.dispose()
    return done


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_empty_database_is_told_how_to_be_filled(
    empty_database_url: str, tmp_path: Path, command: list[str]
) -> None:
    done = run(empty_database_url, tmp_path, command)
    assert done.exit_code == 1
    assert "flask --app wsgi db upgrade" in done.output
    assert len(done.output.splitlines()) == 1


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run("postgresql+psycopg://nobody@127.0.0.1:1/stemme", tmp_path, ["list-surveys"])
    assert done.exit_code == 1
    assert "The database cannot be used." in done.output
    assert "Traceback" not in done.output
