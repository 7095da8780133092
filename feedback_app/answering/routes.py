"""The survey's own pages: from a link to a stored answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from flask import Blueprint, Flask, current_app, g, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge

from feedback_app.access import PUBLIC, allow
from feedback_app.answering import kept, notices
from feedback_app.answering.content import SurveyContent
from feedback_app.answering.forms import Sent, read_form
from feedback_app.answering.kept import KeptSurvey, kept_surveys
from feedback_app.answering.pages import first_page, form_page
from feedback_app.answering.queries import Link, find_link
from feedback_app.answering.rules import hidden, receipt_token, score_from_query
from feedback_app.answering.submission import Outcome, Submitted, find_submitted, response_parts, store_by_link
from feedback_app.bundles import write_alone
from feedback_app.clock import utc_now
from feedback_app.config import MAX_FORM_PARTS, Config
from feedback_app.database import db, direct_transaction
from feedback_app.followup.submission import case_parts
from feedback_app.i18n import LANGUAGES, preferred_language
from feedback_app.surveys.rules import Availability, availability

blueprint = Blueprint("answering", __name__)
blueprint.record_once(lambda state: kept.init_app(cast("Flask", state.app)))


@blueprint.get("/s/<slug>")
@allow(PUBLIC)
def show_survey(slug: str) -> Any:
    """Show a survey to whoever has its open link."""
    return _show(_survey_at(slug), None)


@blueprint.post("/s/<slug>")
@allow(PUBLIC)
def submit(slug: str) -> Any:
    """Store what somebody answered by the open link."""
    return _receive(_survey_at(slug), None)


@blueprint.get("/i/<token>")
@allow(PUBLIC)
def show_invitation(token: str) -> Any:
    """Show a survey to the one person who was asked."""
    return _show(*_invited_by(token))


@blueprint.post("/i/<token>")
@allow(PUBLIC)
def submit_invitation(token: str) -> Any:
    """Store what the one person who was asked answered."""
    return _receive(*_invited_by(token))


@blueprint.get("/s/<slug>/privacy")
@allow(PUBLIC)
def privacy(slug: str) -> Any:
    """Say what is kept, why, and until when."""
    survey = _survey_at(slug).content
    return notices.privacy_page(survey, choose_language(survey))


@blueprint.get("/deleted")
@allow(PUBLIC)
def deleted() -> Any:
    """Confirm that an answer was deleted; says nothing about which."""
    wanted = request.args.get("lang")
    g.language = wanted if wanted in LANGUAGES else None
    return notices.deleted_page()


def choose_language(survey: SurveyContent, asked_in: str | None = None) -> str:
    """Set the page's language, and return it: the address's, the invitation's, the browser's, the survey's."""
    offered = survey.languages
    wanted = (request.args.get("lang"), asked_in)
    chosen = next((language for language in wanted if language in offered), None)
    g.language = chosen or preferred_language(offered) or survey.default_language
    return str(g.language)


def _survey_at(slug: str) -> KeptSurvey:
    found = kept_surveys().find(db.session, slug)
    if found is None:
        notices.no_such_page()
    return found


def _invited_by(token: str) -> tuple[KeptSurvey, Link]:
    link = find_link(db.session(), hidden(token))
    found = kept_surveys().find_by_id(db.session(), link.survey_id) if link else None
    if link is None or found is None:
        notices.no_such_page()
    return found, link


def _show(found: KeptSurvey, link: Link | None) -> Any:
    survey = found.content
    language = choose_language(survey, link.language if link else None)
    closed = _closed(survey, link)
    if closed is not None:
        return closed
    score = score_from_query(request.args.get("score"), survey)
    return first_page(found, language, personal=link is not None, score=score)


def _closed(survey: SurveyContent, link: Link | None) -> Any:
    """Return the page that says why no answer is taken now, or None where one is."""
    now = utc_now()
    if link is not None and link.finished_at is not None:
        return notices.answered_page(HTTPStatus.OK if request.method != "POST" else HTTPStatus.CONFLICT)
    if link is not None and now >= link.expires_at:
        return notices.expired_page(link.expires_at)
    state = availability(survey, now)
    return None if state is Availability.OPEN else notices.unavailable_page(survey, state)


def _receive(found: KeptSurvey, link: Link | None) -> Any:
    survey = found.content
    fields = dict(request.form.lists())
    if sum(map(len, fields.values())) > MAX_FORM_PARTS:
        raise RequestEntityTooLarge
    language = choose_language(survey, next(iter(fields.get("lang", ())), None) or (link.language if link else None))
    sent = read_form(survey, fields, contact_known=link is not None)
    closed = _closed(survey, link)
    if closed is not None:
        return _repeated(survey, sent, link) or closed
    if sent.problems:
        return form_page(survey, language, sent, personal=link is not None)
    return _answer_to(_store(survey, sent, language, link))


def _store(survey: SurveyContent, sent: Sent, language: str, link: Link | None) -> Submitted:
    """Store a submission and what it calls for, together and once.

    Insert-or-ignore, then look: whatever a double click, a reload or a retry does, there is one row.
    """
    now = utc_now()
    receipt = receipt_token(_keys()[0], sent.submission_id)
    parts = response_parts(survey, sent, language=language, receipt=receipt, now=now, link=link)
    parts += case_parts(db.session, survey, sent.values, link=link, language=language, now=now)
    if link is None:
        is_new = write_alone(parts) is not None
    else:
        with direct_transaction() as connection:
            is_new = store_by_link(connection, parts, link, now)
    if is_new:
        return Submitted(Outcome.NEW, receipt)
    return find_submitted(db.session(), survey, sent, keys=_keys(), link=link) or Submitted(Outcome.LINK_USED)


def _repeated(survey: SurveyContent, sent: Sent, link: Link | None) -> Any:
    """Return the answer to a submission that was stored before its survey or link was closed, or None."""
    done = find_submitted(db.session(), survey, sent, keys=_keys(), link=link)
    return None if done is None or done.outcome is not Outcome.REPEATED else _answer_to(done)


def _answer_to(done: Submitted) -> Any:
    if done.outcome in (Outcome.NEW, Outcome.REPEATED):
        return redirect(f"/r/{done.receipt}/thanks", HTTPStatus.SEE_OTHER)
    if done.outcome is Outcome.OTHER_WORDS:
        return notices.other_words_page(done.receipt)
    return notices.answered_page(HTTPStatus.CONFLICT)


def _keys() -> tuple[str, ...]:
    config: Config = current_app.extensions["stemme"]
    return (config.secret_key, *config.secret_key_fallbacks)
