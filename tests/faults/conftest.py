"""Fixtures of the fault tests: how big they are, and a survey to submit."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from feedback_app.surveys.models import QuestionKind
from tests.support.factories import make_survey, question


@pytest.fixture
def size() -> Callable[[int, int], int]:
    """Choose between the short form of a test and the whole one: `size(200, 1000)` is 1000 with FULL=1."""
    whole = os.environ.get("FULL") == "1"
    return lambda short, full: full if whole else short


@pytest.fixture
def survey_path(session: Session) -> str:
    """The path of an open survey with a score and a reason."""
    asked = [question("score", QuestionKind.NPS, required=True), question("why", QuestionKind.LONG)]
    return f"/s/{make_survey(session, asked).slug}"
