"""The command line of the nightly run, from the weights on disk to the flags; with a model of a few kilobytes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.config import PROJECT_FOLDER
from feedback_app.followup.models import Flag, FlagKind
from feedback_app.insights.models import DayFigure
from feedback_app.nightly.model import load, version_of
from feedback_app.scoring.models import SentimentScore
from tests.nightly.test_run import write
from tests.support.clients import CliRunner
from tests.support.tiny_model import make_tiny_model

SHIPPED = PROJECT_FOLDER / "models" / "stemme-v1"


@pytest.fixture
def tiny(app: Flask, tmp_path: Path) -> Path:
    """The app with a tiny model."""
    folder = make_tiny_model(tmp_path / "tiny")
    app.extensions["stemme"] = dataclasses.replace(app.extensions["stemme"], sentiment_model=str(folder))
    return folder


def test_the_real_code_path_scores_explains_and_flags(app: Flask, session: Session, tiny: Path) -> None:
    from feedback_app.nightly.run import score_new_answers

    angry, _calm = write(session, "It was good. I am angry with you. Thanks.", "It was good.")
    session.commit()
    with app.app_context():
        done = score_new_answers()
    assert (done.scored, done.flagged, done.model_version) == (2, 1, version_of(str(tiny)))
    row = session.scalars(sa.select(SentimentScore).where(SentimentScore.answer_id == angry.id)).one()
    assert row.answer.text is not None
    assert row.answer.text[row.telling_start : row.telling_end] == "I am angry with you."
    kinds = session.scalars(sa.select(Flag.kind).where(Flag.answer_id == angry.id)).all()
    assert FlagKind.UNHAPPY_TEXT in kinds


def test_json_is_the_last_line_of_the_command(cli: CliRunner, tiny: Path) -> None:
    line = json.loads(cli.run("score", "--json").output.splitlines()[-1])
    assert line["skipped"] == {"empty": 0, "language": 0, "objection": 0}
    assert (line["scored"], line["failed"], line["flagged"]) == (0, 0, 0)
    assert line["model_version"] == version_of(str(tiny))


def test_the_command_ends_with_counting_past_days(cli: CliRunner, session: Session, tiny: Path) -> None:
    cli.run("score")
    assert session.scalar(sa.select(sa.func.count(DayFigure.day))) in {27, 28}  # yesterday may not be over for an hour


def test_a_model_that_is_missing_is_said_in_a_sentence(app: Flask, cli: CliRunner) -> None:
    app.extensions["stemme"] = dataclasses.replace(app.extensions["stemme"], sentiment_model="/nowhere")
    assert "SENTIMENT_MODEL: /nowhere is neither a model folder" in cli.run("score", code=1).output


def test_a_day_that_is_none_is_refused(cli: CliRunner) -> None:
    assert "Invalid value for '--since'" in cli.run("score", "--since", "yesterday", code=2).output


@pytest.mark.slow
def test_the_shipped_model_does_what_the_run_needs() -> None:
    if not (SHIPPED / "model.safetensors").exists():
        pytest.fail(f"{SHIPPED} is missing; `python -m ml --help` says how it is made")
    model = load(str(SHIPPED))
    assert model.version == version_of(str(SHIPPED))
    text = "Elendig service. Ingen svarte meg på tre uker!"
    (reading,) = model.predict([text])
    assert reading.reason is None
    assert reading.negative is not None
    (sentences,) = model.explain_many([text], [reading])
    assert [text[one.start : one.end] for one in sentences] == ["Elendig service.", "Ingen svarte meg på tre uker!"]
