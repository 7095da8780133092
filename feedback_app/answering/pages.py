"""Making the survey page: what each question looks like, in words and with what was chosen or written before."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response as Page
from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from feedback_app.answering.content import QuestionContent, QuestionWording, SurveyContent, SurveyWording
from feedback_app.answering.forms import Problem, Sent
from feedback_app.answering.kept import KeptSurvey
from feedback_app.answering.moulds import Mould
from feedback_app.answering.rules import LONGEST_CONTACT, LONGEST_TEXT, is_submission_id
from feedback_app.i18n import number
from feedback_app.security import csp_nonce
from feedback_app.surveys.rules import band, band_range


@dataclass(frozen=True)
class ShownProblem:
    """A problem in words, and the id of what it is about ("" where it is about the whole form)."""

    target: str
    message: str


@dataclass(frozen=True)
class ShownQuestion:
    """One question as the template puts it on the page."""

    asked: QuestionContent
    wording: QuestionWording
    text: str
    place: int
    condition: str  # in words, for a page without scripts
    errors: Mapping[str, str]
    written: Mapping[str, Sequence[str]]
    choices: Sequence[tuple[str, str]]

    @property
    def id(self) -> str:
        """The id of the question's first control, where links in the summary lead."""
        return f"q-{self.asked.key}"

    @property
    def error(self) -> str | None:
        """What is wrong with the question's own field."""
        return self.errors.get(self.asked.field)

    def value(self, part: str = "") -> str:
        """What was written before in the field, or in a part of it ("how", "when")."""
        return "\n".join(self.written.get(f"{self.asked.field}.{part}" if part else self.asked.field, ()))

    def is_chosen(self, value: str) -> bool:
        """Whether a choice or number was picked before."""
        return value in self.written.get(self.asked.field, ())

    def band_of(self, value: int) -> str:
        """The band of a number of the scale."""
        return band(self.asked.kind, value)


def survey_wording(survey: SurveyContent, language: str) -> SurveyWording:
    """Return what the survey says in `language`, else in its default language, else in any."""
    return survey.wordings.get(language) or _other(survey.wordings, survey)


def question_wording(question: QuestionContent, survey: SurveyContent, language: str) -> QuestionWording:
    """Return how a question is put in `language`, else in the survey's default language, else in any."""
    return question.wordings.get(language) or _other(question.wordings, survey)


def _other(wordings: Mapping[str, Any], survey: SurveyContent) -> Any:
    return wordings.get(survey.default_language) or next(iter(wordings.values()))


def choice_text(texts: Mapping[str, str], survey: SurveyContent, language: str, key: str) -> str:
    """Return how a choice is put in `language`, else in another one, else its key."""
    return texts.get(language) or texts.get(survey.default_language) or next(iter(texts.values()), key)


def first_page(kept: KeptSurvey, language: str, *, personal: bool, score: int | None) -> Page:
    """Return the survey's page as somebody opens it; made once, then only filled in."""
    key = (language, personal, score)
    mould = kept.pages.get(key)
    if mould is None:
        holes = {"nonce": csp_nonce(), "submission": secrets.token_hex(16)}
        mould = Mould(form_html(kept.content, language, holes["submission"], personal=personal, score=score), holes)
        kept.keep_page(key, mould)
    values = {"nonce": csp_nonce(), "submission": secrets.token_hex(16)}
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    page = Page(mould.gzip(values) if packed else mould.plain(values), mimetype="text/html")
    page.headers["Vary"] = "Accept-Encoding, Accept-Language"
    if packed:
        page.headers["Content-Encoding"] = "gzip"
    return page


def form_page(survey: SurveyContent, language: str, sent: Sent, *, personal: bool, correction: bool = False) -> Page:
    """Return the form with all that was written, and what is wrong with it."""
    submission_id = sent.submission_id if is_submission_id(sent.submission_id) else secrets.token_hex(16)
    html = form_html(
        survey,
        language,
        submission_id,
        personal=personal,
        written=sent.written,
        problems=sent.problems,
        correction=correction,
    )
    return Page(html, HTTPStatus.UNPROCESSABLE_ENTITY if sent.problems else HTTPStatus.OK, mimetype="text/html")


def form_html(
    survey: SurveyContent,
    language: str,
    submission_id: str,
    *,
    personal: bool,
    score: int | None = None,
    written: Mapping[str, Sequence[str]] | None = None,
    problems: Sequence[Problem] = (),
    correction: bool = False,
) -> str:
    """Return the survey's form, with what was written and what is wrong with it; or the form of a correction."""
    written = dict(written or {})
    first = survey.first_score
    if score is not None and first is not None:
        written.setdefault(first.field, [str(score)])
    questions = shown_questions(survey, language, written, problems)
    return render_template(
        "answering/survey.html",
        survey=survey,
        wording=survey_wording(survey, language),
        language=language,
        questions=questions,
        problems=summary(problems, questions),
        submission_id=submission_id,
        personal=personal,
        correction=correction,
        score=score,
        longest=LONGEST_TEXT,
    )


def shown_questions(
    survey: SurveyContent, language: str, written: Mapping[str, Sequence[str]], problems: Sequence[Problem] = ()
) -> list[ShownQuestion]:
    """Return the questions as the template shows them."""
    name = _band_written(survey, written)
    shown = []
    for place, question in enumerate(survey.questions, 1):
        wording = question_wording(question, survey, language)
        errors = {problem.field: words_of(problem) for problem in problems if problem.field in question.fields}
        choices = [(one.key, choice_text(one.texts, survey, language, one.key)) for one in question.choices]
        text = wording.by_band.get(name) or wording.text
        condition = condition_words(question, survey, language)
        shown.append(ShownQuestion(question, wording, text, place, condition, errors, written, choices))
    return shown


def _band_written(survey: SurveyContent, written: Mapping[str, Sequence[str]]) -> str:
    first = survey.first_score
    given = "".join(written.get(first.field, ())) if first else ""
    if first is None or not (given.isascii() and given.isdigit() and len(given) <= 2 and int(given) in first.scale):
        return ""
    return band(first.kind, int(given))


def condition_words(question: QuestionContent, survey: SurveyContent, language: str) -> str:
    """Return for whom a conditional question is meant, as a page without scripts must say it; else ""."""
    before = next((one for one in survey.questions if one.key == question.show_if_key), None)
    if before is None:
        return ""
    if before.kind.is_score:
        spans = [band_range(before.kind, name) for name in ("low", "middle", "high") if name in question.show_if_values]
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        if first == last:
            return _("Only if you chose %(number)s above.", number=first)
        return _("Only if you chose %(first)s to %(last)s above.", first=first, last=last)
    names = [
        choice_text(one.texts, survey, language, one.key)
        for one in before.choices
        if one.key in question.show_if_values
    ]
    if not names:
        return _("Only if you said yes above.")
    quoted = [_("“%(choice)s”", choice=name) for name in names]
    choices = _(" or ").join(quoted)
    return _("Only if you chose %(choices)s above.", choices=choices)


def summary(problems: Sequence[Problem], questions: Sequence[ShownQuestion]) -> list[ShownProblem]:
    """Return the problems in the order of the page, each with what it is about."""
    found = []
    for problem in problems:
        about = next((one for one in questions if problem.field in one.asked.fields), None)
        if about is None:
            found.append(ShownProblem("", words_of(problem)))
            continue
        part = problem.field.removeprefix(about.asked.field).replace(".", "-")
        found.append(ShownProblem(about.id + part, f"{about.text} – {words_of(problem)}"))
    return found


def words_of(problem: Problem) -> str:
    """Return a problem in the reader's language."""
    if problem.code == "long":
        most = LONGEST_CONTACT if problem.field.endswith((".how", ".when")) else LONGEST_TEXT
        return ngettext(
            "The text is one character too long; at most %(most)s fit. Nothing has been cut off.",
            "The text is %(over)s characters too long; at most %(most)s fit. Nothing has been cut off.",
            problem.number,
            over=number(problem.number),
            most=number(most),
        )
    return {
        "required": _("Please choose an answer."),
        "required_text": _("Please write an answer."),
        "choice": _("Please choose one of the answers that the page offers."),
        "contact_how": _("Please say how we can reach you: a phone number or a mail address."),
        "unknown": _("The questions have changed since you opened the page. Look through your answers and send again."),
        "incomplete": _("Only part of your answer reached us. Look through it and send again."),
        "empty": _("You have not answered anything yet."),
    }[problem.code]
