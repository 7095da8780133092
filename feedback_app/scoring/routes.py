"""Pages about the machine: its runs, and how good it is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from feedback_app.access import allow
from feedback_app.accounts.models import Role
from feedback_app.accounts.sessions import current_user
from feedback_app.clock import utc_now
from feedback_app.database import db, transaction
from feedback_app.errors import InvalidError, NotFoundError
from feedback_app.followup.queries_contradictions import list_contradictions
from feedback_app.scoring import queries_quality, queries_runs
from feedback_app.scoring.corrections import record_correction
from feedback_app.scoring.queries import last_success
from feedback_app.scoring.queries_version import current_model_version
from feedback_app.scoring.rules import batch_is_overdue

blueprint = Blueprint("scoring", __name__)


@blueprint.get("/runs")
@allow(Role.VIEWER)
def runs() -> str:
    """List the nightly runs, newest first."""
    session = db.session()
    before = request.args.get("before", "")
    rows = queries_runs.list_runs(
        session, int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    )
    more = len(rows) > queries_runs.PAGE
    rows = rows[: queries_runs.PAGE]
    ended = last_success(session)
    return render_template(
        "scoring/runs.html",
        rows=rows,
        ended=ended,
        overdue=batch_is_overdue(ended, utc_now()),
        following=url_for(".runs", before=rows[-1].run.id) if more else None,
        first=url_for(".runs") if before else None,
    )


@blueprint.get("/quality")
@allow(Role.VIEWER)
def quality() -> str:
    """Show precision, recall and tonight's five."""
    session = db.session()
    version = current_model_version(session)
    figures = queries_quality.quality(session, version) if version else {}
    five = queries_quality.tonights_five(session, version) if version else []
    return render_template(
        "scoring/quality.html",
        version=version,
        figures=figures,
        five=five,
        contradictions=list_contradictions(session, version) if version else [],
    )


@blueprint.post("/quality/<int:answer_id>")
@allow(Role.LEAD)
def judge(answer_id: int) -> Any:
    """Keep a lead's verdict on one of tonight's five."""
    verdict = request.form.get("unhappy")
    if verdict not in {"yes", "no"}:
        raise InvalidError(_("Say whether the customer is unhappy or not."))
    user = current_user()
    user_id = user.id if user else None
    with transaction() as session:
        if not queries_quality.is_sampled(session, current_model_version(session), answer_id):
            raise NotFoundError(_("This text is not one of tonight's five."))
        record_correction(session, answer_id, user_id, verdict == "yes", "sample", utc_now())
    flash(_("Noted. Thank you."))
    return redirect(url_for(".quality"))
