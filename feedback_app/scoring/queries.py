"""Reads of the nightly run: the work list, what dead processes left behind, and past runs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.scoring.models import ScoringAttempt, ScoringRun, SentimentScore
from feedback_app.surveys.models import Polarity, Question


@dataclass(frozen=True)
class TextToScore:
    """A text on the work list."""

    answer_id: int
    response_id: int
    text: str
    polarity: Polarity


@dataclass(frozen=True)
class Work:
    """Which texts a run is about.

    A score counts as missing where it is older than `fresh_since` (a run with `--rescore`: the run's start) or than the
    customer's own correction of the answer.
    """

    model_version: str
    since: datetime | None = None  # only responses submitted from here on
    fresh_since: datetime | None = None
    first_id: int = 0
    last_id: int | None = None  # the range of a distributed job

    def missing(self) -> sa.ColumnElement[bool]:
        """Return the condition that the answer's text has no valid score yet."""
        score = sa.select(SentimentScore.answer_id).where(
            SentimentScore.answer_id == Answer.id,
            SentimentScore.model_version == self.model_version,
            sa.or_(Response.corrected_at.is_(None), SentimentScore.scored_at >= Response.corrected_at),
        )
        if self.fresh_since is not None:
            score = score.where(SentimentScore.scored_at >= self.fresh_since)
        return ~score.correlate(Answer, Response).exists()

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return what makes an answer part of this work, its score and its response's objection aside."""
        found = [Answer.text.is_not(None), Response.withdrawn_at.is_(None), Answer.id >= self.first_id]
        if self.last_id is not None:
            found.append(Answer.id <= self.last_id)
        if self.since is not None:
            found.append(Response.submitted_at >= self.since)
        return found

    def attempt(self) -> sa.Exists:
        """Return the condition that some process, living or dead, has taken the text."""
        return (
            sa.select(ScoringAttempt.answer_id)
            .where(ScoringAttempt.answer_id == Answer.id, ScoringAttempt.model_version == self.model_version)
            .correlate(Answer)
            .exists()
        )


def unscored_answers(session: Session, work: Work, after_id: int, limit: int) -> list[TextToScore]:
    """Return the next `limit` texts of `work` that no process has taken, by id from `after_id` on."""
    return _texts(
        session,
        _work_list(work).where(~work.attempt(), Answer.id > after_id).order_by(Answer.id).limit(limit),
    )


def abandoned_answers(
    session: Session, work: Work, holders: Collection[int], attempts: int, limit: int
) -> list[TextToScore]:
    """Return up to `limit` texts that the dead processes `holders` had taken, each for the `attempts`-th time."""
    statement = _work_list(work).join(
        ScoringAttempt,
        sa.and_(ScoringAttempt.answer_id == Answer.id, ScoringAttempt.model_version == work.model_version),
    )
    chosen = (ScoringAttempt.holder.in_(holders), ScoringAttempt.attempts == attempts)
    return _texts(session, statement.where(*chosen).order_by(Answer.id).limit(limit))


def attempt_holders(session: Session, model_version: str) -> set[int]:
    """Return the numbers of all processes that have taken texts."""
    statement = sa.select(ScoringAttempt.holder).where(ScoringAttempt.model_version == model_version).distinct()
    return set(session.scalars(statement))


def count_unscored(session: Session, work: Work) -> int:
    """Return how many texts `work` still has; for a progress bar."""
    listed = _work_list(work).with_only_columns(sa.func.count())
    return session.scalar(listed) or 0


def unscored_ids(session: Session, work: Work, after_id: int, limit: int) -> list[int]:
    """Return the ids of the next `limit` texts of `work`, whoever has taken them."""
    statement = _work_list(work).with_only_columns(Answer.id).where(Answer.id > after_id)
    return list(session.scalars(statement.order_by(Answer.id).limit(limit)))


def objected_answers(session: Session, work: Work, after_id: int, limit: int) -> list[int]:
    """Return ids of answers whose customers object to analysis, not recorded as such yet; no text is read."""
    statement = sa.select(Answer.id).join(Response).where(*work.conditions(), work.missing())
    statement = statement.where(Response.objected_at.is_not(None), Answer.id > after_id)
    return list(session.scalars(statement.order_by(Answer.id).limit(limit)))


def running_runs(session: Session) -> list[ScoringRun]:
    """Return the runs that say of themselves that they are at work."""
    return list(session.scalars(sa.select(ScoringRun).where(ScoringRun.state == "running")))


def get_run(session: Session, run_id: int) -> ScoringRun:
    """Return a run as it stands in the database now."""
    return session.get_one(ScoringRun, run_id, populate_existing=True)


def last_success(session: Session) -> datetime | None:
    """Return when the last successful run ended."""
    return session.scalar(sa.select(sa.func.max(ScoringRun.finished_at)).where(ScoringRun.state == "succeeded"))


def _work_list(work: Work) -> sa.Select[int, int, str | None, Polarity]:
    statement = sa.select(Answer.id, Answer.response_id, Answer.text, Question.polarity)
    statement = statement.join(Response, Response.id == Answer.response_id)
    statement = statement.join(Question, Question.id == Answer.question_id)
    return statement.where(*work.conditions(), Response.objected_at.is_(None), work.missing())


def _texts(session: Session, statement: sa.Select[int, int, str | None, Polarity]) -> list[TextToScore]:
    return [TextToScore(row[0], row[1], row[2] or "", row[3]) for row in session.execute(statement)]
