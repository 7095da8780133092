"""What the service is measured against: a Flask view that returns a constant, and one that does an INSERT and a COMMIT.

It has the same engine settings and runs under the same gunicorn settings; `gunicorn tests.performance.bare:app`.
"""

from __future__ import annotations

import os

import sqlalchemy as sa
from flask import Flask, request

from feedback_app.database import WRITE, engine_for

app = Flask(__name__)
engine = engine_for(os.environ["DATABASE_URL"])
INSERT = sa.text("INSERT INTO bare (text) VALUES (:text)")


@app.get("/constant")
def constant() -> str:
    """Return a constant string."""
    return "Thank you."


@app.post("/insert")
def insert() -> str:
    """Store the text of the form in one INSERT, and commit."""
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        connection.execute(INSERT, {"text": request.form["q.why"]})
    return "Thank you."
