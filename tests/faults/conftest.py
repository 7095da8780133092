"""Fixtures of the fault tests: a survey to submit."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from feedback_app.surveys.models import QuestionKind
from tests.support.factories import make_survey, question


@pytest.fixture
def survey_path(session: Session) -> str:
    """The path of an open survey with a score and a reason."""
    asked = [question("score", QuestionKind.NPS, required=True), question("why", QuestionKind.LONG)]
    return f"/s/{make_survey(session, asked).slug}"
