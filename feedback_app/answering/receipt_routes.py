"""The receipt: the customer's own pages about an answer that was given. Whoever has its link may use them."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request

from feedback_app.access import PUBLIC, allow
from feedback_app.answering import notices, receipt_service
from feedback_app.answering.content import SurveyContent
from feedback_app.answering.forms import Sent, read_form
from feedback_app.answering.kept import kept_surveys
from feedback_app.answering.pages import form_page, survey_wording
from feedback_app.answering.queries import Receipt, find_receipt, list_answers
from feedback_app.answering.receipt_pages import moment_words, shown_answers
from feedback_app.answering.rules import hidden, scores_of, wants_contact
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db, transaction
from feedback_app.followup.rules import needs_flag
from feedback_app.followup.service import flag_response, response_objected, response_withdrawn
from feedback_app.invitations.queries import suppressed_addresses
from feedback_app.invitations.service import stop_invitations
from feedback_app.scoring.service import forget_scores

blueprint = Blueprint("receipts", __name__, url_prefix="/r/<token>")
blueprint.add_app_template_filter(moment_words, "moment")


@blueprint.get("/thanks")
@allow(PUBLIC)
def thanks(token: str) -> Any:
    """Thank, and say what happens now and by when."""
    receipt, survey = _receipt_at(token)
    values = receipt_service.values_of(survey, list_answers(db.session(), receipt.id))
    contact = wants_contact(values)
    return render_template(
        "answering/thanks.html",
        address=_address(token),
        survey=survey,
        wording=survey_wording(survey, g.language),
        contact=contact,
        low=needs_flag(scores_of(values, survey), False, survey),
        due=receipt.submitted_at + timedelta(hours=survey.followup_hours),
    )


@blueprint.get("")
@allow(PUBLIC)
def show(token: str) -> Any:
    """Show what is kept, until when, and what can be done with it."""
    receipt, survey = _receipt_at(token)
    session = db.session()
    return render_template(
        "answering/receipt.html",
        receipt=receipt,
        path=f"/r/{token}",
        survey=survey,
        wording=survey_wording(survey, g.language),
        answers=shown_answers(survey, list_answers(session, receipt.id), g.language),
        kept_until=_kept_until(receipt, survey),
        stopped=bool(receipt.email and suppressed_addresses(session, [receipt.email])),
    )


@blueprint.get("/correct")
@allow(PUBLIC)
def show_correction(token: str) -> Any:
    """Show the form with what was answered."""
    receipt, survey = _receipt_at(token)
    if receipt.withdrawn_at is not None:
        return notices.withdrawn_page(f"/r/{token}")
    values = receipt_service.values_of(survey, list_answers(db.session(), receipt.id))
    sent = Sent("", written=receipt_service.written_of(survey, values))
    return form_page(survey, g.language, sent, personal=_is_known(receipt), correction=True)


@blueprint.post("/correct")
@allow(PUBLIC)
def correct(token: str) -> Any:
    """Store a correction; what was said before is kept beside it."""
    receipt, survey = _receipt_at(token)
    if receipt.withdrawn_at is not None:
        return notices.withdrawn_page(f"/r/{token}")
    sent = read_form(survey, dict(request.form.lists()), contact_known=_is_known(receipt))
    if sent.problems:
        return form_page(survey, g.language, sent, personal=_is_known(receipt), correction=True)
    now = utc_now()
    with transaction() as session:
        if receipt_service.correct_response(session, survey, receipt.id, sent.values, now):
            forget_scores(session, receipt.id)
            flag_response(session, receipt.id, now)
    return _back(token)


@blueprint.post("/withdraw")
@allow(PUBLIC)
def withdraw(token: str) -> Any:
    """Take the answer out of every figure and list."""
    receipt, _survey = _receipt_at(token)
    now = utc_now()
    with transaction() as session:
        if receipt_service.withdraw_response(session, receipt.id, now):
            response_withdrawn(session, receipt.id, now)
    return _back(token)


@blueprint.post("/object")
@allow(PUBLIC)
def object_to_reading(token: str) -> Any:
    """See to it that no machine reads the answer, and forget what one has read."""
    receipt, _survey = _receipt_at(token)
    now = utc_now()
    with transaction() as session:
        if receipt_service.object_to_reading(session, receipt.id, now):
            response_objected(session, receipt.id, now)
            forget_scores(session, receipt.id)
    return _back(token)


@blueprint.post("/stop")
@allow(PUBLIC)
def stop(token: str) -> Any:
    """Send no more invitations to the address that the personal link went to."""
    receipt, _survey = _receipt_at(token)
    if receipt.email:
        with transaction() as session:
            stop_invitations(session, receipt.email, utc_now())
    return _back(token)


@blueprint.post("/delete")
@allow(PUBLIC)
def delete(token: str) -> Any:
    """Delete the answer for good."""
    receipt, _survey = _receipt_at(token)
    with transaction() as session:
        receipt_service.delete_response(session, receipt.id)
    return redirect(f"/deleted?lang={g.language}", HTTPStatus.SEE_OTHER)


def _receipt_at(token: str) -> tuple[Receipt, SurveyContent]:
    """Return a receipt and its survey, and set the page's language."""
    receipt = find_receipt(db.session(), hidden(token))
    kept = kept_surveys().find_by_id(db.session(), receipt.survey_id) if receipt else None
    if receipt is None or kept is None:
        notices.no_such_page()
    wanted = request.args.get("lang")
    g.language = wanted if wanted in kept.content.languages else receipt.language
    return receipt, kept.content


def _is_known(receipt: Receipt) -> bool:
    return receipt.invitation_id is not None


def _kept_until(receipt: Receipt, survey: SurveyContent) -> datetime:
    return receipt.submitted_at + timedelta(days=survey.retention_days)


def _address(token: str) -> str:
    """Return the receipt's whole address, from the configured one: a forged Host changes nothing."""
    config: Config = current_app.extensions["stemme"]
    return f"{config.public_url}/r/{token}"


def _back(token: str) -> Any:
    language = request.args.get("lang")
    return redirect(f"/r/{token}?lang={g.language}" if language else f"/r/{token}", HTTPStatus.SEE_OTHER)
