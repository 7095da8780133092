"""The overview, and the list of answers behind every figure."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from feedback_app.access import PUBLIC, allow
from feedback_app.accounts.models import Role
from feedback_app.accounts.sessions import current_user
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db
from feedback_app.i18n import LANGUAGE_NAMES
from feedback_app.insights import queries
from feedback_app.insights.days import fresh_days
from feedback_app.insights.queries_answers import PAGE, READINGS, REASONS, AnswerFilter, list_answers
from feedback_app.insights.wording import FOR_TEMPLATES
from feedback_app.scoring.queries import last_success
from feedback_app.scoring.queries_version import current_model_version
from feedback_app.scoring.rules import batch_is_overdue
from feedback_app.surveys.queries import list_surveys
from feedback_app.surveys.rules import BANDS

blueprint = Blueprint("insights", __name__)


@blueprint.app_context_processor
def figure_wording() -> dict[str, Any]:
    """Let every template write figures alike."""
    return FOR_TEMPLATES


@blueprint.get("/")
@allow(PUBLIC)
def overview() -> Any:
    """Show staff the overview, and everybody else the way in."""
    if current_user() is None:
        return redirect(url_for("accounts.login_page"))
    config: Config = current_app.extensions["stemme"]
    session, now, zone = db.session(), utc_now(), config.timezone
    version = current_model_version(session)
    kept = fresh_days(session, version, now, zone)
    days = queries.unhappy_by_day(session, version, now, zone, kept)
    return render_template(
        "insights/overview.html",
        cases=queries.case_figures(session, now),
        most=queries.COUNT_TO,
        scores=queries.score_figures(session, now, zone, kept),
        days=days,
        since=days[0].day,
        tallest=max((day.scored for day in days), default=0),
        batch_overdue=batch_is_overdue(last_success(session), now),
    )


@blueprint.get("/answers")
@allow(Role.VIEWER)
def answers() -> str:
    """Show the answers that a figure is made of; the address says which."""
    config: Config = current_app.extensions["stemme"]
    session, wanted = db.session(), AnswerFilter.from_query(request.args)
    rows = list_answers(session, wanted, current_model_version(session), config.timezone)
    here = "/answers?" + urlencode([(name, value) for name, value in request.args.items() if name != "before"])
    return render_template(
        "insights/answers.html",
        rows=rows[:PAGE],
        wanted=wanted,
        following=f"{here}&before={quote(rows[PAGE - 1].cursor)}" if len(rows) > PAGE else None,
        first=here if wanted.before else None,
        surveys=list_surveys(session),
        bands=BANDS,
        readings=READINGS,
        reasons=REASONS,
        languages=LANGUAGE_NAMES,
    )
