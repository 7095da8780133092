"""Alembic's environment: the app's own engine, and foreign keys off while SQLite rebuilds a table."""

from alembic import context
from flask import current_app

from feedback_app.database import Base, db

FOREIGN_TABLES = ("case_fts", "procrastinate_")  # SQLite's full-text index with its own tables; the task queue's
SEARCH_INDEX = "ix_case_text_search"  # PostgreSQL's, over an expression that reflection cannot compare


def ours(_object, name, kind, _reflected, _compare_to):
    """Leave the full-text index and the task queue's own tables out of comparisons."""
    return not (kind == "table" and name and name.startswith(FOREIGN_TABLES)) and name != SEARCH_INDEX


def run() -> None:
    """Run the migrations in one transaction on the app's database."""
    options = {**current_app.extensions["migrate"].configure_args, "include_object": ours}
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        raw = connection.connection.dbapi_connection
        if sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        context.configure(connection=connection, target_metadata=Base.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()
        if sqlite:
            raw.execute("PRAGMA foreign_keys=ON")


run()
