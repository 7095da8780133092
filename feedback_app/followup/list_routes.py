"""The owner's lists: how cases end, and what unhappiness comes from."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden, NotFound

from feedback_app.access import allow
from feedback_app.accounts.models import Role, User
from feedback_app.accounts.sessions import current_user
from feedback_app.database import db, transaction
from feedback_app.errors import ConflictError, InvalidError
from feedback_app.followup import service_lists
from feedback_app.followup.forms import EntryForm
from feedback_app.followup.service_lists import LISTS
from feedback_app.followup.wording import listed_name

blueprint = Blueprint("lists", __name__)


@blueprint.get("/settings/lists")
@allow(Role.OWNER)
def show() -> Any:
    """Show both lists."""
    entries = {
        name: db.session.scalars(sa.select(table).order_by(table.position, table.id)).all()
        for name, table in LISTS.items()
    }
    return render_template("followup/lists.html", entries=entries)


@blueprint.post("/settings/lists/<any(outcomes, causes):which>")
@allow(Role.OWNER)
def add(which: str) -> Any:
    """Add an entry."""
    form = EntryForm(request.form)
    if not form.validate():
        flash(_("Write a name of at most 80 characters."), "bad")
        return redirect(url_for("lists.show"))
    try:
        with transaction() as session:
            service_lists.add_entry(session, which, form.name.data or "", by=_me())
    except (ConflictError, InvalidError):
        flash(_("The list has that entry already."), "bad")
    return redirect(url_for("lists.show", _anchor=which))


@blueprint.post("/settings/lists/<any(outcomes, causes):which>/<int(max=9007199254740991):entry_id>")
@allow(Role.OWNER)
def change(which: str, entry_id: int) -> Any:
    """Rename an entry, move it up, hide it or show it again: the pressed button says which."""
    action = request.form.get("action", "rename")
    try:
        with transaction() as session:
            if action == "rename":
                shown = listed_name(session.get(LISTS[which], entry_id))
                if request.form.get("name", "") != shown:  # or a built-in entry would lose its translations
                    service_lists.rename_entry(session, which, entry_id, request.form.get("name", ""), by=_me())
            elif action in {"hide", "show"}:
                service_lists.set_entry_active(session, which, entry_id, action == "show", by=_me())
            elif action == "up":
                service_lists.move_entry_up(session, which, entry_id, by=_me())
            else:
                raise NotFound
    except InvalidError:
        flash(_("A name has 1 to 80 characters, and a list needs one entry at least."), "bad")
    return redirect(url_for("lists.show", _anchor=which))


def _me() -> User:
    user = current_user()
    if user is None:
        raise Forbidden
    return user
