"""The list of surveys, for staff."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template

from feedback_app.access import allow
from feedback_app.accounts.models import Role
from feedback_app.answering.queries_counts import survey_counts
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db
from feedback_app.surveys import queries
from feedback_app.surveys.rules import availability

blueprint = Blueprint("surveys", __name__)


@blueprint.get("/surveys")
@allow(Role.VIEWER)
def surveys() -> str:
    """List every survey with its link, counts and status."""
    config: Config = current_app.extensions["stemme"]
    session, now = db.session(), utc_now()
    rows = queries.list_surveys(session)
    return render_template(
        "surveys/list.html",
        rows=[(row, availability(row.survey, now).value) for row in rows],
        counts=survey_counts(session),
        public_url=config.public_url,
    )
