"""The service with one setting altered, for tests that must show what the setting is good for; gunicorn loads `app`."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

from feedback_app import create_app, database

if milliseconds := os.environ.get("ALTERED_BUSY_TIMEOUT"):
    database.BUSY_TIMEOUT_MS = int(milliseconds)


@event.listens_for(Pool, "checkout")
def _alter(connection: Any, _record: object, _proxy: object) -> None:
    if synchronous := os.environ.get("ALTERED_SYNCHRONOUS"):
        connection.execute(f"PRAGMA synchronous={synchronous}")


app = create_app()
