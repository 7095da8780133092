"""Fixtures of the fault tests: a survey to submit, processes to kill, and a look at what they leave behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from feedback_app.database import engine_for
from feedback_app.surveys.models import QuestionKind
from tests.faults.scoring import Processes
from tests.support.factories import make_survey, question


@pytest.fixture
def survey_path(session: Session) -> str:
    """The path of an open survey with a score and a reason."""
    asked = [question("score", QuestionKind.NPS, required=True), question("why", QuestionKind.LONG)]
    return f"/s/{make_survey(session, asked).slug}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A look at the database from outside."""
    engine = engine_for(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def process_settings() -> dict[str, str]:
    """Settings of the `processes`."""
    return {}


@pytest.fixture
def processes(database_url: str, tmp_path: Path, process_settings: dict[str, str]) -> Iterator[Processes]:
    """Runs, workers and schedulers of this database, to be killed."""
    processes = Processes(database_url, tmp_path, process_settings)
    yield processes
    processes.stop()
