"""Making the receipt page: each question with what was answered, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel.dates import format_date, format_time
from flask import current_app
from flask_babel import gettext as _

from feedback_app.answering.content import SurveyContent
from feedback_app.answering.models import Answer
from feedback_app.config import Config
from feedback_app.i18n import babel_locale
from feedback_app.surveys.models import ChoiceText, QuestionKind, QuestionText
from feedback_app.surveys.rules import SCALES, band


def moment_words(moment: datetime) -> str:
    """Return a moment with its day of the week, in the organisation's zone and the page's language."""
    config: Config = current_app.extensions["stemme"]
    local, locale = moment.astimezone(config.timezone), babel_locale()
    date = format_date(local, "full", locale=locale)
    return _("%(date)s at %(time)s", date=date, time=format_time(local, "short", locale=locale))


def shown_answers(survey: SurveyContent, answers: Sequence[Answer], language: str) -> list[tuple[str, str]]:
    """Return question and answer of each, also of questions that are no longer asked."""
    first = next((answer for answer in answers if answer.question.kind.is_score and answer.number is not None), None)
    name = band(first.question.kind, first.number) if first and first.number is not None else ""
    languages = (language, survey.default_language)
    shown = [(_question_words(answer, languages, name), _answer_words(answer, languages)) for answer in answers]
    return [(question, words) for question, words in shown if words]


def _question_words(answer: Answer, languages: Sequence[str], name: str) -> str:
    texts = {(text.language, text.band): text for text in answer.question.texts}
    wanted = [(language, one) for language in languages for one in (name, "")]
    found: QuestionText | None = next((texts[key] for key in wanted if key in texts), None)
    return found.text if found else answer.question.key


def _answer_words(answer: Answer, languages: Sequence[str]) -> str:
    kind = answer.question.kind
    if answer.number is not None:
        return _("%(number)s, on a scale from %(first)s to %(last)s", number=answer.number, **_ends(kind))
    if answer.contact_wanted:
        return " · ".join(part for part in (_("Yes"), answer.contact_how, answer.contact_when) if part)
    if answer.choices:
        ids = {picked.choice_id for picked in answer.choices}
        picked = [choice for choice in answer.question.choices if choice.id in ids]
        return ", ".join(_choice_words(choice.texts, languages, choice.key) for choice in picked)
    return answer.text or ""


def _ends(kind: QuestionKind) -> dict[str, int]:
    first, last = SCALES[kind]
    return {"first": first, "last": last}


def _choice_words(texts: Sequence[ChoiceText], languages: Sequence[str], key: str) -> str:
    by_language = {text.language: text.text for text in texts}
    return next((by_language[language] for language in languages if language in by_language), key)
