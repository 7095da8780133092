"""The nightly run: every text that the model version has not scored yet, oldest first, batch by batch."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import current_app

from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db, transaction
from feedback_app.liveness import Liveness
from feedback_app.nightly import model as models
from feedback_app.nightly.batches import Scorer
from feedback_app.nightly.errors import ChildDiedError, ModelUnusableError, NightlyError, Stopped
from feedback_app.nightly.model import Model
from feedback_app.nightly.supervisor import Send, supervise
from feedback_app.scoring import queries, service
from feedback_app.scoring.queries import Work

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What a run is asked to do. `patience` (seconds for a batch) needs a supervisor that starts another process."""

    limit: int | None = None
    since: datetime | None = None
    rescore: bool = False
    trigger: str = "command"
    patience: float | None = None
    resume: int | None = None  # the id of a run whose process died
    progress: bool = False
    on_start: Callable[[int], None] = lambda _run_id: None


@dataclass(frozen=True)
class Summary:
    """What a run did."""

    run_id: int
    state: str
    message: str
    scored: int
    skipped: dict[str, int]
    failed: int
    flagged: int
    seconds: float
    model_version: str

    def as_json(self) -> dict[str, Any]:
        """Return the last line of `flask score --json`."""
        rate = self.scored / self.seconds if self.seconds > 0 else 0.0
        return {
            "scored": self.scored,
            "skipped": self.skipped,
            "failed": self.failed,
            "flagged": self.flagged,
            "seconds": round(self.seconds, 2),
            "texts_per_second": round(rate, 1),
            "model_version": self.model_version,
        }


def score_new_answers(options: Options | None = None, model: Model | None = None) -> Summary:
    """Score what has no score yet by the configured model (or `model`), flag the unhappy, and return what was done.

    Safe to run twice, to kill, and to run on two machines at once. A failure ends the run as `failed`, in the summary.
    """
    options = options or Options()
    config: Config = current_app.extensions["stemme"]
    version = model.version if model else models.version_of(config.sentiment_model)
    with Liveness(db.engine) as process:
        run_id = begin_run(options, version, process)
        options.on_start(run_id)
        state, message = "succeeded", ""
        try:
            _work_through(options, version, run_id, process, model)
        except (KeyboardInterrupt, Stopped):
            state, message = "interrupted", "The process was asked to stop."
        except Exception as error:
            logger.exception("scoring run %d failed", run_id)
            known = isinstance(error, NightlyError)
            state, message = "failed", str(error) if known else f"{type(error).__name__}: see the log of this time."
        end_run(run_id, process, state, message)
    return summary_of(run_id)


def score_supervised(options: Options, model: Model | None = None) -> Summary:
    """Do the same in a child process, and go on in another where it is killed or hangs; return what was done."""

    def work(send: Send, sent: list[Any]) -> None:
        try:
            score_new_answers(replace(options, on_start=send, resume=sent[0] if sent else None), model)
        except ModelUnusableError as error:
            send(error)

    try:
        sent = supervise(work)
        if not sent:
            raise ChildDiedError("stopped before it began", sent)
        if isinstance(sent[0], ModelUnusableError):
            raise sent[0]
    except ChildDiedError as error:
        if not error.sent:
            raise
        sent = error.sent
        with transaction() as session:
            service.finish_run(session, sent[0], state="failed", now=utc_now(), message=str(error))
    return summary_of(sent[0])


def summary_of(run_id: int) -> Summary:
    """Return what a run has done so far."""
    run = queries.get_run(db.session(), run_id)
    skipped = {"empty": run.skipped_empty, "language": run.skipped_language, "objection": run.skipped_objection}
    seconds = ((run.finished_at or utc_now()) - run.started_at).total_seconds()
    summary = Summary(
        run.id, run.state, run.message, run.scored, skipped, run.failed, run.flagged, seconds, run.model_version
    )
    db.session.rollback()
    return summary


def work_of(options: Options, version: str, started_at: datetime) -> Work:
    """Return the work of a run that began at `started_at`."""
    return Work(version, since=options.since, fresh_since=started_at if options.rescore else None)


def begin_run(options: Options, version: str, process: Liveness) -> int:
    """Close the runs of dead processes; begin a run, or go on with the one to be resumed."""
    now = utc_now()
    with transaction() as session:
        runs = {run.id: run.holder for run in queries.running_runs(session) if run.id != options.resume}
        dead = process.dead_among(set(runs.values()))
        service.refresh_statistics(session)
        service.mark_interrupted(session, [run_id for run_id, holder in runs.items() if holder in dead], now)
        if options.resume is not None:
            service.resume_run(session, options.resume, process.number)
            return options.resume
        return service.start_run(
            session, model_version=version, trigger=options.trigger, holder=process.number, now=now
        )


def end_run(run_id: int, process: Liveness, state: str, message: str) -> None:
    """Close the run; a good end also draws tonight's sample for the estimate of recall."""
    config: Config = current_app.extensions["stemme"]
    now = utc_now()
    with transaction() as session:
        service.give_back(session, process.number)
        service.finish_run(session, run_id, state=state, now=now, message=message)
        if state == "succeeded":
            night = now.astimezone(config.timezone).date().isoformat()
            version = queries.get_run(session, run_id).model_version
            service.draw_quality_sample(session, version, night, now)


def _work_through(options: Options, version: str, run_id: int, process: Liveness, model: Model | None) -> None:
    run = queries.get_run(db.session(), run_id)
    work = work_of(options, version, run.started_at)
    left = None if options.limit is None else max(0, options.limit - run.scored - run.skipped_empty - run.failed)
    with progress_bar(options, work, left) as bar:
        Scorer(
            run_id, work, process, model=model, patience=options.patience, left=left, progress=bar.update
        ).score_all()


def progress_bar(options: Options, work: Work, left: int | None) -> Any:
    """Return a bar with rate and time left where one is wanted, else one that stays silent."""
    from tqdm import tqdm

    total = queries.count_unscored(db.session(), work) if options.progress else 0
    total = total if left is None else min(total, left)
    return tqdm(total=total, unit=" texts", disable=not options.progress, file=sys.stderr, dynamic_ncols=True)
