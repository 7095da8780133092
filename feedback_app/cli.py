"""Every command: each a second door to a service. The commands of a feature stand in its `commands.py`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click
from flask import Flask

COMMANDS = (
    "feedback_app.accounts.commands",
    "feedback_app.surveys.commands",
    "feedback_app.invitations.commands",
    "feedback_app.integrations.commands",
    "feedback_app.nightly_commands",
)


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
            app.cli.add_command(command)
