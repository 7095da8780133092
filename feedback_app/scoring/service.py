"""Writes of the nightly run: taking texts, recording what the model said, runs, and the sample for recall."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.days import forget_days
from feedback_app.answering.models import Answer, Response
from feedback_app.scoring.models import QualitySample, ScoringAttempt, ScoringRun, SentimentScore
from feedback_app.scoring.queries import TextToScore, Work
from feedback_app.upserts import insert_many_or_ignore, insert_or_ignore

SAMPLE_DAYS = 28  # where a night brought too few texts, tonight's five are drawn from these days
_COUNTED = {None: "scored", "empty": "skipped_empty", "language": "skipped_language", "error": "failed"}


@dataclass(frozen=True)
class NewScore:
    """What is to be recorded about one text: a score, or the `reason` why there is none."""

    answer_id: int
    response_id: int
    reason: str | None = None
    label: str | None = None
    negative: float | None = None
    neutral: float | None = None
    positive: float | None = None
    threshold: float | None = None
    unhappy: bool = False
    language: str | None = None
    language_sure: bool = False
    truncated: bool = False
    telling_start: int | None = None
    telling_end: int | None = None
    sentences: list[list[float]] | None = field(default=None, hash=False)


def start_run(session: Session, *, model_version: str, trigger: str, holder: int, now: datetime) -> int:
    """Write the row of a run that begins; return its id."""
    run = ScoringRun(started_at=now, model_version=model_version, trigger=trigger, holder=holder)
    session.add(run)
    session.flush()
    return run.id


def resume_run(session: Session, run_id: int, holder: int) -> None:
    """Let the process `holder` go on with a run whose process died."""
    change = (
        sa.update(ScoringRun).where(ScoringRun.id == run_id).values(holder=holder, state="running", finished_at=None)
    )
    session.execute(change)


def mark_interrupted(session: Session, run_ids: Collection[int], now: datetime) -> int:
    """Close the runs whose process is gone; return how many were still open."""
    change = sa.update(ScoringRun).where(ScoringRun.id.in_(run_ids), ScoringRun.state == "running")
    return _rows(session, change.values(state="interrupted", finished_at=now, message="The process was ended."))


def finish_run(session: Session, run_id: int, *, state: str, now: datetime, message: str = "") -> None:
    """Close a run: succeeded, failed or interrupted."""
    change = sa.update(ScoringRun).where(ScoringRun.id == run_id)
    session.execute(change.values(state=state, finished_at=now, message=message))


def take_texts(session: Session, texts: Sequence[TextToScore], work: Work, holder: int) -> list[TextToScore]:
    """Note that the process `holder` begins with `texts`; return those that no other process took first."""
    rows = [
        {"answer_id": text.answer_id, "model_version": work.model_version, "attempts": 1, "holder": holder}
        for text in texts
    ]
    taken = insert_many_or_ignore(session, ScoringAttempt, rows, key="answer_id")
    return [text for text in texts if text.answer_id in taken]


def take_abandoned(
    session: Session, texts: Sequence[TextToScore], work: Work, holder: int, dead: Collection[int]
) -> list[TextToScore]:
    """Take over `texts` that dead processes had taken, as one more attempt; return those that nobody else took over."""
    chosen = (
        ScoringAttempt.model_version == work.model_version,
        ScoringAttempt.answer_id.in_([text.answer_id for text in texts]),
        ScoringAttempt.holder.in_(dead),
    )
    change = sa.update(ScoringAttempt).where(*chosen).values(attempts=ScoringAttempt.attempts + 1, holder=holder)
    taken = set(session.scalars(change.returning(ScoringAttempt.answer_id)))
    return [text for text in texts if text.answer_id in taken]


def give_back(session: Session, holder: int) -> int:
    """Forget that `holder` took texts which it has not scored: it stops in good order."""
    return _rows(session, sa.delete(ScoringAttempt).where(ScoringAttempt.holder == holder))


def forget_attempts(session: Session, model_version: str) -> int:
    """Forget all attempts with a model version, so that texts that were given up are tried again."""
    return _rows(session, sa.delete(ScoringAttempt).where(ScoringAttempt.model_version == model_version))


def record_scores(
    session: Session, run_id: int, work: Work, scores: Sequence[NewScore], *, read_at: datetime
) -> list[int]:
    """Record `scores` of texts as they read at `read_at`, count them in the run; return the ids of their responses.

    A text that was erased, withdrawn, corrected or objected to in the meantime is left out, and so is one that another
    process has recorded. Only responses with a score recorded now are returned, each once.
    """
    ids = [score.answer_id for score in scores]
    valid, corrected, moments = _still_valid(session, ids, read_at)
    if corrected or work.fresh_since is not None:
        _delete_outdated(session, ids, work.model_version, read_at)
    fixed = {"model_version": work.model_version, "run_id": run_id, "scored_at": read_at}
    rows = [_row(score) | fixed for score in scores if score.answer_id in valid]
    recorded = insert_many_or_ignore(session, SentimentScore, rows, key="answer_id")
    done = sa.delete(ScoringAttempt).where(ScoringAttempt.answer_id.in_(ids))
    session.execute(done.where(ScoringAttempt.model_version == work.model_version))
    written = [score for score in scores if score.answer_id in recorded]
    _count(session, run_id, written)
    forget_days(session, moments)
    return sorted({score.response_id for score in written if score.reason is None})


def record_objections(session: Session, run_id: int, work: Work, answer_ids: Sequence[int], now: datetime) -> int:
    """Record that the customers of `answer_ids` object to being read by a machine; return how many are new."""
    _delete_outdated(session, answer_ids, work.model_version, now)
    fixed = {"model_version": work.model_version, "run_id": run_id, "scored_at": now, "reason": "objection"}
    rows = [_BLANK | fixed | {"answer_id": answer_id} for answer_id in answer_ids]
    new = len(insert_many_or_ignore(session, SentimentScore, rows, key="answer_id"))
    change = sa.update(ScoringRun).where(ScoringRun.id == run_id)
    session.execute(change.values(skipped_objection=ScoringRun.skipped_objection + new))
    forget_days(session, session.scalars(_MOMENTS.where(Answer.id.in_(answer_ids))).all())
    return new


def refresh_statistics(session: Session) -> None:
    """Let PostgreSQL know how the tables have grown, so that the work list keeps a plan that fits."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("ANALYZE answer, response, sentiment_score, scoring_attempt"))


def count_flagged(session: Session, run_id: int, flagged: int) -> None:
    """Add to a run's count of responses that it flagged."""
    if flagged:
        change = sa.update(ScoringRun).where(ScoringRun.id == run_id)
        session.execute(change.values(flagged=ScoringRun.flagged + flagged))


def forget_scores(session: Session, response_id: int) -> int:
    """Delete every version's scores of a response's texts, as when its customer objects; return how many there were."""
    ids = sa.select(Answer.id).where(Answer.response_id == response_id)
    gone = _rows(session, sa.delete(SentimentScore).where(SentimentScore.answer_id.in_(ids)))
    if gone:
        forget_days(session, session.scalars(_MOMENTS.where(Response.id == response_id)).all())
    return gone


def draw_quality_sample(session: Session, model_version: str, night: str, now: datetime, count: int = 5) -> int:
    """Draw tonight's `count` unflagged texts at random for a person to judge; return how many are new.

    They come from the last 24 hours' scores, and where these are too few, from the last 28 days'. Drawing twice for
    one night does not give more.
    """
    there = sa.select(sa.func.count()).where(QualitySample.night == night, QualitySample.model_version == model_version)
    wanted = count - (session.scalar(there) or 0)
    new = 0
    for days in (1, SAMPLE_DAYS):
        if wanted - new > 0:
            since = now - timedelta(days=days)
            new += _draw(session, model_version, night, since, now, wanted - new)
    return new


def _draw(session: Session, model_version: str, night: str, since: datetime, now: datetime, count: int) -> int:
    sampled = sa.select(QualitySample.answer_id).where(
        QualitySample.answer_id == SentimentScore.answer_id, QualitySample.model_version == model_version
    )
    pool = sa.select(SentimentScore.answer_id).join(Answer).join(Response)
    pool = pool.where(
        SentimentScore.model_version == model_version,
        SentimentScore.scored_at >= since,
        SentimentScore.reason.is_(None),
        SentimentScore.unhappy.is_(False),
        Response.withdrawn_at.is_(None),
        Response.objected_at.is_(None),
    )
    population = session.scalar(pool.with_only_columns(sa.func.count())) or 0
    drawn = session.scalars(pool.where(~sampled.exists()).order_by(sa.func.random()).limit(count))
    fixed = {"night": night, "model_version": model_version, "population": population, "drawn_at": now}
    return insert_or_ignore(session, QualitySample, [{"answer_id": answer_id, **fixed} for answer_id in drawn])


def _still_valid(session: Session, ids: Sequence[int], read_at: datetime) -> tuple[set[int], bool, list[datetime]]:
    """Return which answers still say what was read at `read_at`, whether any was ever corrected, and when all came.

    They cannot be deleted until the commit, as a response is locked by whoever deletes its answers, in the order of
    `answering.queries.lock_responses`. To lock the answers themselves would leave two that wait for each other: a
    customer who deletes, and the flags of this text.
    """
    columns = (
        Answer.id,
        Response.withdrawn_at,
        Response.objected_at,
        Response.corrected_at,
        Response.submitted_at,
    )
    statement = sa.select(*columns).join(Response, Response.id == Answer.response_id).where(Answer.id.in_(ids))
    locked = statement.order_by(Response.id).with_for_update(read=True, key_share=True, of=Response)
    rows = session.execute(locked).all()
    # The rest is asked here: with these conditions in SQL, PostgreSQL's plan for new tables is 200 times slower.
    valid = {
        answer_id
        for answer_id, withdrawn_at, objected_at, corrected_at, _submitted_at in rows
        if withdrawn_at is None and objected_at is None and (corrected_at is None or corrected_at <= read_at)
    }
    return valid, any(row.corrected_at is not None for row in rows), [row.submitted_at for row in rows]


def _delete_outdated(session: Session, ids: Sequence[int], model_version: str, read_at: datetime) -> None:
    """Delete older scores of these texts by this version: a correction or `--rescore` made them void."""
    gone = sa.delete(SentimentScore).where(SentimentScore.answer_id.in_(ids))
    session.execute(gone.where(SentimentScore.model_version == model_version, SentimentScore.scored_at < read_at))


def _count(session: Session, run_id: int, written: Sequence[NewScore]) -> None:
    added = {"unhappy": sum(score.unhappy for score in written)}
    for score in written:
        name = _COUNTED[score.reason]
        added[name] = added.get(name, 0) + 1
    values = {name: getattr(ScoringRun, name) + number for name, number in added.items()}
    session.execute(sa.update(ScoringRun).where(ScoringRun.id == run_id).values(**values))


def _row(score: NewScore) -> dict[str, Any]:
    return {name: getattr(score, name) for name in _COLUMNS}


def _rows(session: Session, statement: sa.Update | sa.Delete) -> int:
    options = {"synchronize_session": False}
    return cast("sa.CursorResult[Any]", session.execute(statement, execution_options=options)).rowcount


_MOMENTS = sa.select(Response.submitted_at).join(Answer, Answer.response_id == Response.id)
_COLUMNS = [one.name for one in fields(NewScore) if one.name != "response_id"]
_BLANK = dict.fromkeys(_COLUMNS) | {"unhappy": False, "language_sure": False, "truncated": False}
