"""The plain pages: why no answer is taken here, what became of one, and what is kept."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import NoReturn

from flask import Response as Page
from flask import g, render_template, request
from flask_babel import gettext as _

from feedback_app.answering.content import SurveyContent
from feedback_app.answering.pages import survey_wording
from feedback_app.answering.receipt_pages import moment_words
from feedback_app.errors import NotFoundError
from feedback_app.i18n import LANGUAGES, local_date
from feedback_app.surveys.rules import Availability


def no_such_page() -> NoReturn:
    """Raise the error that every unknown address, survey and token gets alike, in the language that was asked for."""
    wanted = request.args.get("lang")
    g.language = wanted if wanted in LANGUAGES else None
    raise NotFoundError


def notice(
    heading: str, *sentences: str, status: int = HTTPStatus.OK, link: tuple[str, str] | None = None, mark: str = ""
) -> Page:
    """Return a page that says one thing; `link` is (address, words), `mark` the sign above the heading."""
    html = render_template("answering/notice.html", heading=heading, sentences=sentences, link=link, mark=mark)
    return Page(html, status, mimetype="text/html")


def unavailable_page(survey: SurveyContent, state: Availability) -> Page:
    """Return the page of a survey that takes no answers now."""
    if state is Availability.CLOSED:
        return notice(
            _("This survey has closed"),
            _("Thank you for wanting to answer. No more answers are taken here."),
            status=HTTPStatus.GONE,
        )
    if state is Availability.NOT_YET and survey.opens_at is not None:
        return notice(
            _("This survey has not opened yet"),
            _("It opens on %(moment)s. The same link will work then.", moment=moment_words(survey.opens_at)),
            status=HTTPStatus.FORBIDDEN,
        )
    return notice(
        _("This survey is not ready yet"),
        _("It is still being written. Please try the same link again later."),
        status=HTTPStatus.FORBIDDEN,
    )


def expired_page(expired_at: datetime) -> Page:
    """Return the page of a personal link that came too late."""
    return notice(
        _("This link has expired"),
        _("It could be used until %(date)s. Thank you for wanting to answer.", date=local_date(expired_at)),
        status=HTTPStatus.GONE,
    )


def answered_page(status: int) -> Page:
    """Return the page of a personal link that was answered before."""
    return notice(
        _("You have already answered"),
        _("Thank you. Your answer is stored; there is nothing more to do."),
        _("To see or change it, use the receipt link from the page that thanked you."),
        status=status,
        mark="done",
    )


def other_words_page(receipt: str | None) -> Page:
    """Return the page of a submission whose first version is stored already."""
    return notice(
        _("Your first answer is already stored"),
        _("This form was sent before with other words. What we received first has not been changed."),
        status=HTTPStatus.CONFLICT,
        link=(f"/r/{receipt}", _("See or change my answer")) if receipt else None,
    )


def withdrawn_page(receipt_path: str) -> Page:
    """Return the page of a correction that comes after a withdrawal."""
    return notice(
        _("You have withdrawn this answer"),
        _("It counts nowhere any more, so there is nothing to correct. You can still delete it."),
        status=HTTPStatus.CONFLICT,
        link=(receipt_path, _("See my answer")),
    )


def deleted_page() -> Page:
    """Return the page that confirms a deletion."""
    return notice(
        _("Your answer is deleted"),
        _("Everything that you had answered is gone from our records, and nobody can bring it back."),
        mark="done",
    )


def privacy_page(survey: SurveyContent, language: str) -> Page:
    """Return the page that says what is kept, why, and until when."""
    html = render_template(
        "answering/privacy.html", survey=survey, wording=survey_wording(survey, language), language=language
    )
    return Page(html, mimetype="text/html")
