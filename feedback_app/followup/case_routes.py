"""Pages of one case: read it, work on it, close it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequest, Forbidden

from feedback_app.access import allow
from feedback_app.accounts.guard import relative_path
from feedback_app.accounts.models import Role, User
from feedback_app.accounts.sessions import current_user
from feedback_app.clock import utc_now
from feedback_app.database import db, transaction
from feedback_app.errors import ConflictError, InvalidError
from feedback_app.followup import queries_case, service_case
from feedback_app.followup.addresses import listing_from, parameters
from feedback_app.followup.case_page import render_case, with_lists
from feedback_app.followup.forms import AssignForm, CaseForm, JudgeForm, MergeForm, NoteForm, ResolveForm

blueprint = Blueprint("cases", __name__)
CASE = "/cases/<int(max=9007199254740991):case_id>"


@blueprint.get(CASE)
@allow(Role.VIEWER)
def show(case_id: int) -> Any:
    """Show a case."""
    return render_case(case_id, _me())


@blueprint.post(f"{CASE}/assign")
@allow(Role.LEAD)
def assign(case_id: int) -> Any:
    """Give the case to somebody, or to nobody."""
    form = AssignForm(request.form)
    chosen = form.owner.data or ""
    if chosen not in {"", "me"} and not (chosen.isascii() and chosen.isdigit() and len(chosen) < 17):
        raise BadRequest
    owner_id = _me().id if chosen == "me" else int(chosen) if chosen else None
    return _act(case_id, form, service_case.assign_case, owner_id)


@blueprint.post(f"{CASE}/note")
@allow(Role.LEAD)
def note(case_id: int) -> Any:
    """Write a note."""
    form = NoteForm(request.form)
    return _act(case_id, form, service_case.note_case, form.text.data or "", note=form)


@blueprint.post(f"{CASE}/replied")
@allow(Role.LEAD)
def replied(case_id: int) -> Any:
    """Keep that the customer was answered."""
    return _act(case_id, CaseForm(request.form), service_case.mark_replied)


@blueprint.post(f"{CASE}/resolve")
@allow(Role.LEAD)
def resolve(case_id: int) -> Any:
    """Close the case with outcome and root cause."""
    form = with_lists(ResolveForm(request.form), db.session())
    values = form.outcome_id, form.root_cause_id, form.note.data or ""
    return _act(case_id, form, service_case.resolve_case, *values, resolve=form, done=_("Resolved."))


@blueprint.post(f"{CASE}/close-mistake")
@allow(Role.LEAD)
def close_mistake(case_id: int) -> Any:
    """Close a case that only a machine's mistake had opened."""
    return _act(case_id, CaseForm(request.form), service_case.close_mistake, done=_("Closed: not unhappy."))


@blueprint.post(f"{CASE}/reopen")
@allow(Role.LEAD)
def reopen(case_id: int) -> Any:
    """Open it again."""
    return _act(case_id, CaseForm(request.form), service_case.reopen_case)


@blueprint.post(f"{CASE}/merge")
@allow(Role.LEAD)
def merge(case_id: int) -> Any:
    """Put another case of the same customer into this one."""
    form = MergeForm(request.form)
    return _act(case_id, form, service_case.merge_case, form.other_id)


@blueprint.post(f"{CASE}/judge")
@allow(Role.LEAD)
def judge(case_id: int) -> Any:
    """Keep whether the machine was right about a text."""
    form = JudgeForm(request.form)
    return _act(case_id, form, _judge, form.judged_id, form.verdict.data == "unhappy")


def _judge(session: Session, case_id: int, _version: int, *verdict: Any, by: User, now: datetime) -> None:
    """A verdict overwrites nothing, so the version of the page does not matter."""
    service_case.judge_text(session, case_id, *verdict, by=by, now=now)


def _act(
    case_id: int,
    form: CaseForm,
    action: Callable[..., None],
    *values: Any,
    note: NoteForm | None = None,
    resolve: ResolveForm | None = None,
    done: str = "",
) -> Any:
    """Do it and go back to the page; where it is refused, show the case again with what was typed."""
    user = _me()
    user_id = user.id
    if not form.validate():
        return render_case(case_id, user, note=note, resolve=resolve, problem=_first_error(form)), 422
    try:
        with transaction() as session:
            action(session, case_id, form.version, *values, by=user, now=utc_now())
    except (ConflictError, StaleDataError):
        return _refused(case_id, user_id, note, resolve)
    except InvalidError:
        return render_case(case_id, _me(), note=note, resolve=resolve, problem=_("That is not possible here.")), 422
    if done:
        flash(done)
    return redirect(_back(case_id))


def _refused(case_id: int, user_id: int, note: NoteForm | None, resolve: ResolveForm | None) -> Any:
    conflict = queries_case.last_change_by_others(db.session(), case_id, user_id)
    problem = "" if conflict else _("The case had changed in the meantime. Look again and send once more.")
    return render_case(case_id, _me(), note=note, resolve=resolve, conflict=conflict, problem=problem), 409


def _back(case_id: int) -> str:
    """Return where a form was sent from: its row in the inbox, or the page of the case."""
    if "back" in request.form:
        return relative_path(request.form["back"].rstrip("?")) + f"#case-{case_id}"
    query = urlencode(parameters(listing_from(request.args, _me())))
    return f"/cases/{case_id}" + (f"?{query}" if query else "")


def _first_error(form: CaseForm) -> str:
    shown = {"text", "outcome", "root_cause", "note"}  # these say it beside the field
    hidden = [name for name in form.errors if name not in shown]
    return _("The page was too old. Look again and send once more.") if hidden else ""


def _me() -> User:
    user = current_user()
    if user is None:
        raise Forbidden
    return user
