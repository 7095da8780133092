"""Everything that the page of one case shows, gathered in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, render_template, request
from sqlalchemy.orm import Session

from feedback_app.accounts import queries as accounts
from feedback_app.accounts.models import Role, User
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db
from feedback_app.followup import queries_case, queries_inbox
from feedback_app.followup.addresses import listing_from, parameters
from feedback_app.followup.forms import CaseForm, NoteForm, ResolveForm
from feedback_app.followup.models import Case, CaseEvent, CaseStatus, Listed, Outcome, RootCause
from feedback_app.followup.quotes import pieces
from feedback_app.followup.replies import mail_address, reply_link
from feedback_app.followup.rules import only_machine
from feedback_app.followup.wording import listed_name
from feedback_app.i18n import current_language


def render_case(
    case_id: int,
    user: User,
    *,
    note: NoteForm | None = None,
    resolve: ResolveForm | None = None,
    conflict: CaseEvent | None = None,
    problem: str = "",
) -> str:
    """Return the page. `note` and `resolve`: what was typed before; `conflict`: what somebody else did meanwhile."""
    session, now = db.session(), utc_now()
    case = queries_case.get_case(session, case_id)
    listing, language = listing_from(request.args, user), current_language()
    said = queries_case.answers_of(session, case, language)
    outcomes, causes = (queries_case.list_entries(session, table) for table in (Outcome, RootCause))
    resolve = resolve or ResolveForm()
    _fill(resolve, outcomes, causes)
    before, after = queries_inbox.neighbours(session, listing, case.id, now)
    return render_template(
        "followup/case.html",
        case=case,
        now=now,
        said=said,
        pieces=pieces,
        flags={flag.kind: flag for flag in case.flags},
        survey_title=queries_inbox.survey_titles(session, language).get(case.survey_id, ""),
        history=queries_case.history(session, case.id),
        notes=queries_case.notes(session, case.id),
        mergeable=queries_case.mergeable(session, case),
        merged=queries_case.merged_into(session, case.id),
        customers_earlier=queries_case.earlier_of_customer(session, case),
        companys_earlier=queries_case.earlier_of_company(session, case),
        workers=accounts.list_workers(session),
        listed=_names(outcomes, causes),
        listing=listing,
        back=parameters(listing),
        before=before,
        after=after,
        reply=_reply(case, said, user),
        may_close_mistake=_is_mistake(case, said),
        may_work=user.role != Role.VIEWER,
        note_form=_with_version(note or NoteForm(), case),
        resolve_form=_with_version(resolve, case),
        conflict=conflict,
        problem=problem,
    )


def with_lists(form: ResolveForm, session: Session) -> ResolveForm:
    """Return the form with what may be chosen of the owner's lists in it."""
    _fill(form, queries_case.list_entries(session, Outcome), queries_case.list_entries(session, RootCause))
    return form


def _fill(form: ResolveForm, outcomes: Sequence[Listed], causes: Sequence[Listed]) -> None:
    from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

    for field, entries in ((form.outcome, outcomes), (form.root_cause, causes)):
        offered = [SelectChoice(str(one.id), listed_name(one)) for one in entries if one.active]
        field.choices = [SelectChoice("", "–"), *offered]


def _with_version(form: Any, case: Case) -> CaseForm:
    form.lock_version.data = str(case.lock_version)
    checked: CaseForm = form
    return checked


def _names(*lists: Sequence[Listed]) -> dict[tuple[str, int], str]:
    return {(one.__tablename__, one.id): listed_name(one) for entries in lists for one in entries}


def _reply(case: Case, said: list[queries_case.Said], user: User) -> str | None:
    config: Config = current_app.extensions["stemme"]
    hows = [one.answer.contact_how for one in said]
    address = mail_address(*hows, case.customer.email if case.customer else None)
    if address is None:
        return None
    texts = [one.answer.text for one in said if one.answer.text]
    return reply_link(
        address,
        language=case.language,
        customer=case.customer.name if case.customer and case.customer.kind == "person" else "",
        text=max(texts, key=len, default=None),
        sender=user.name,
        organisation=config.organisation,
    )


def _is_mistake(case: Case, said: list[queries_case.Said]) -> bool:
    """Whether a person has found every text content that was the machine's only reason."""
    if case.status != CaseStatus.OPEN or not only_machine([flag.kind for flag in case.flags]):
        return False
    flagged = {flag.answer_id for flag in case.flags}
    verdicts = [one.reading.verdict for one in said if one.reading and one.answer.id in flagged]
    return bool(verdicts) and all(verdict is not None and not verdict.unhappy for verdict in verdicts)
