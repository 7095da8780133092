"""The inbox: whom to help first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from werkzeug.exceptions import Forbidden

from feedback_app.access import allow
from feedback_app.accounts import queries as accounts
from feedback_app.accounts import service as accounts_service
from feedback_app.accounts.models import Role, User
from feedback_app.accounts.rules import is_visit_to_note
from feedback_app.accounts.sessions import current_user
from feedback_app.clock import utc_now
from feedback_app.database import db, transaction
from feedback_app.followup import queries_inbox, wording
from feedback_app.followup.addresses import is_filtered, listing_from, parameters
from feedback_app.followup.listing import TABS
from feedback_app.followup.models import FlagKind
from feedback_app.followup.rules import only_machine
from feedback_app.i18n import current_language

blueprint = Blueprint("followup", __name__)
for _function in (
    wording.reason_label, wording.score_words, wording.score_band, wording.deadline, wording.ago, wording.of_a_hundred,
    wording.listed_name, wording.event_words, wording.capped,
):  # fmt: skip
    blueprint.add_app_template_global(_function)


@blueprint.get("/inbox")
@allow(Role.VIEWER)
def inbox() -> Any:
    """Show a page of cases; filters, search and place are in the address."""
    user, now = _visit(), utc_now()
    listing, session = listing_from(request.args, user), db.session()
    try:
        page = queries_inbox.inbox_page(session, listing, now, request.args.get("after"), request.args.get("before"))
    except (ValueError, OverflowError):  # a cursor that somebody made up
        return redirect("/inbox?" + urlencode(parameters(listing)))
    return render_template(
        "followup/inbox.html",
        page=page,
        listing=listing,
        filtered=is_filtered(listing),
        parameters=parameters,
        tabs=TABS,
        counts=queries_inbox.tab_counts(session, listing, now),
        count_to=queries_inbox.COUNT_TO,
        titles=queries_inbox.survey_titles(session, current_language()),
        workers=accounts.list_workers(session),
        reasons=[kind.value for kind in FlagKind],
        now=now,
        may_work=user.role != Role.VIEWER,
        only_machine=only_machine,
    )


def _visit() -> User:
    """Return who is looking, after noting the visit: what came after the last one's end is new."""
    user, now = current_user(), utc_now()
    if user is None:
        raise Forbidden
    if is_visit_to_note(user.inbox_visit_at, now):
        with transaction() as session:
            accounts_service.note_inbox_visit(session, user, now)
    return user
