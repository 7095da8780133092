"""`/healthz` for a load balancer; `/healthz/batch` for whoever watches that the nightly run comes every night."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint

from feedback_app.access import PUBLIC, allow
from feedback_app.clock import utc_now
from feedback_app.database import db
from feedback_app.scoring.queries import last_success
from feedback_app.scoring.rules import batch_is_overdue

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allow(PUBLIC)
def healthz() -> dict[str, str]:
    """Answer "ok" where the database answers; else the error page with 503."""
    db.session.execute(sa.text("SELECT 1"))
    return {"status": "ok"}


@blueprint.get("/healthz/batch")
@allow(PUBLIC)
def healthz_batch() -> tuple[dict[str, str], int]:
    """Answer "ok" where the nightly run has succeeded within 26 hours; else 503 and a sentence."""
    ended = last_success(db.session())
    if not batch_is_overdue(ended, utc_now()):
        return {"status": "ok", "message": f"The last successful run ended at {ended:%Y-%m-%d %H:%M} UTC."}, 200
    if ended is None:
        return {"status": "overdue", "message": "The nightly run has never succeeded."}, 503
    message = f"The last successful run ended at {ended:%Y-%m-%d %H:%M} UTC, more than 26 hours ago."
    return {"status": "overdue", "message": message}, 503
