"""Every command: each a second door to a service. The commands of a feature stand in its `commands.py`."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from functools import wraps
from importlib import import_module
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

COMMANDS = (
    "feedback_app.accounts.commands",
    "feedback_app.surveys.commands",
    "feedback_app.invitations.commands",
    "feedback_app.integrations.commands",
    "feedback_app.nightly_commands",
)


# SQLite's words and PostgreSQL's.
_LACKS_TABLES = re.compile(r"no such (table|column)|(relation|column) .* does not exist|has no column")


class _Migrations(click.Command):
    """`flask db` of Flask-Migrate, which is imported when it is called: Alembic is a third of the start-up time."""

    def __init__(self, app: Flask) -> None:
        super().__init__("db", help="Perform database migrations.")
        self.app = app

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of the real group; click then goes on with the command that the context names."""
        from flask_migrate import Migrate

        from feedback_app.database import MIGRATIONS_FOLDER, db

        Migrate(self.app, db, directory=str(MIGRATIONS_FOLDER), compare_type=True, render_as_batch=True)
        group: click.Group = import_module("flask_migrate.cli").db
        return group.make_context(info_name, args, parent, **extra)


def init_app(app: Flask) -> None:
    """Hang the commands of every module in `COMMANDS` (its list `commands`) and the migrations on `flask`."""
    app.cli.add_command(_Migrations(app))
    for name in COMMANDS:
        commands: list[click.Command] = import_module(name).commands
        for command in commands:
            plain = copy(command)  # commands are shared by all applications of a process
            plain.callback = command.callback and _plainly(command.callback)
            app.cli.add_command(plain)


def _plainly(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command end with a sentence, not a traceback, where the database is not there or not up to date."""

    @wraps(callback)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except (OperationalError, ProgrammingError) as error:
            said = str(error.orig).strip()
            if _LACKS_TABLES.search(said):
                advice = "The database is not up to date: run `flask --app wsgi db upgrade` first."
            elif isinstance(error, OperationalError):
                advice = "The database cannot be used."
            else:
                raise
            raise click.ClickException(f"{advice} ({said.splitlines()[0]})") from error

    return called
