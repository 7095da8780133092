"""Reads about surveys."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback_app.errors import NotFoundError
from feedback_app.surveys.models import Choice, Question, Survey


@dataclass(frozen=True, slots=True)
class WordedSurvey:
    """A survey and its title in the default language."""

    survey: Survey
    title: str


def find_survey(session: Session, slug: str) -> Survey | None:
    """Return the survey with `slug`, without its questions, or None."""
    return session.scalar(sa.select(Survey).where(Survey.slug == slug))


def get_survey(session: Session, slug: str) -> Survey:
    """Return the survey with `slug` and all its wording. Raises `NotFoundError`."""
    questions = selectinload(Survey.questions)
    query = (
        sa.select(Survey)
        .where(Survey.slug == slug)
        .options(selectinload(Survey.texts), questions.selectinload(Question.texts))
        .options(questions.selectinload(Question.choices).selectinload(Choice.texts))
    )
    survey = session.scalar(query)
    if survey is None:
        raise NotFoundError(f"there is no survey {slug!r}")
    return survey


def list_surveys(session: Session) -> list[WordedSurvey]:
    """Return all surveys, newest first."""
    query = sa.select(Survey).options(selectinload(Survey.texts)).order_by(Survey.id.desc())
    return [WordedSurvey(survey, _title(survey)) for survey in session.scalars(query)]


def _title(survey: Survey) -> str:
    titles = {text.language: text.title for text in survey.texts}
    return titles.get(survey.default_language) or next(iter(titles.values()), survey.slug)
