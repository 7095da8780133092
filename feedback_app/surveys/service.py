"""Writes about surveys: made from a definition, brought up to date by one, opened and closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.surveys.definition import QuestionDefinition, SurveyDefinition
from feedback_app.surveys.models import Choice, ChoiceText, Question, QuestionText, Survey, SurveyText, SurveyVersion

_SETTINGS = (
    "status", "default_language", "anonymous", "minutes", "opens_at", "closes_at", "nps_flag_at", "csat_flag_at",
    "ces_flag_at", "followup_hours", "retention_days",
)  # fmt: skip


def create_survey(session: Session, definition: SurveyDefinition, now: datetime) -> Survey:
    """Make the survey that `definition` describes, or bring the one with its slug up to date; return it.

    Changed content becomes a new version. Questions and choices that are no longer there are retired, so that their
    answers keep their meaning; a key that comes back is used again if it is of the same kind.
    """
    survey = session.scalar(sa.select(Survey).where(Survey.slug == definition.slug))
    content = definition.content()
    if survey is None:
        survey = Survey(slug=definition.slug, created_at=now, version=1)
        session.add(survey)
    else:
        last = session.get(SurveyVersion, (survey.id, survey.version))
        if last is not None and last.content == content:
            _apply_settings(survey, definition)
            session.flush()
            return survey
        survey.version += 1
    _apply_settings(survey, definition)
    _apply_texts(survey, definition)
    _apply_questions(session, survey, definition)
    session.flush()
    session.add(SurveyVersion(survey_id=survey.id, number=survey.version, created_at=now, content=content))
    session.flush()
    return survey


def _apply_settings(survey: Survey, definition: SurveyDefinition) -> None:
    for name in _SETTINGS:
        setattr(survey, name, getattr(definition, name))


def _apply_texts(survey: Survey, definition: SurveyDefinition) -> None:
    present = {text.language: text for text in survey.texts}
    for language in definition.languages:
        text = present.pop(language, None)
        if text is None:
            text = SurveyText(language=language)
            survey.texts.append(text)
        text.title = definition.title[language]
        text.intro = definition.intro.get(language, "")
        text.thanks = definition.thanks.get(language, "")
        text.links = [{"label": link["label"][language], "url": link["url"]} for link in definition.links]
    for left in present.values():
        survey.texts.remove(left)


def _apply_questions(session: Session, survey: Survey, definition: SurveyDefinition) -> None:
    present = {question.key: question for question in survey.questions}
    for known in present.values():
        known.retired = True
    for position, wanted in enumerate(definition.questions):
        question = present.get(wanted.key)
        if question is not None and question.kind is not wanted.kind:
            _set_aside(session, question)
            question = None
        if question is None:
            question = Question(key=wanted.key, kind=wanted.kind)
            survey.questions.append(question)
        question.position, question.retired = position, False
        question.required, question.polarity = wanted.required, wanted.polarity
        question.show_if_key, question.show_if_values = wanted.show_if_key, list(wanted.show_if_values)
        _apply_wording(question, wanted)
        _apply_choices(question, wanted)


def _set_aside(session: Session, question: Question) -> None:
    """Give up the key of a question whose successor asks for something else; its answers stay with it."""
    question.key = f"{question.key[:30]}_{question.id}"
    session.flush()


def _apply_wording(question: Question, wanted: QuestionDefinition) -> None:
    present = {(text.language, text.band): text for text in question.texts}
    for band, wording in {"": wanted.text, **wanted.text_by_band}.items():
        for language, words in wording.items():
            text = present.pop((language, band), None)
            if text is None:
                text = QuestionText(language=language, band=band)
                question.texts.append(text)
            text.text = words
            text.help = wanted.help.get(language, "")
            text.low_label = wanted.low_label.get(language, "")
            text.high_label = wanted.high_label.get(language, "")
    for left in present.values():
        question.texts.remove(left)


def _apply_choices(question: Question, wanted: QuestionDefinition) -> None:
    present = {choice.key: choice for choice in question.choices}
    for known in present.values():
        known.retired = True
    for position, one in enumerate(wanted.choices):
        choice = present.get(one.key)
        if choice is None:
            choice = Choice(key=one.key)
            question.choices.append(choice)
        choice.position, choice.retired = position, False
        _apply_choice_texts(choice, one.text)


def _apply_choice_texts(choice: Choice, wording: Mapping[str, str]) -> None:
    present = {text.language: text for text in choice.texts}
    for language, words in wording.items():
        if language in present:
            present.pop(language).text = words
        else:
            choice.texts.append(ChoiceText(language=language, text=words))
    for left in present.values():
        choice.texts.remove(left)
