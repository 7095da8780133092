"""Scoring on many machines: ranges of ids are jobs of Procrastinate, a queue in PostgreSQL itself.

Only who works next hangs on the queue. That each text is scored once, and each flag raised once, hangs on the same
ledger as with one machine: a job reads again what is unscored in its range, and leaves alone what others have taken.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask, current_app

from feedback_app.config import Config
from feedback_app.database import db
from feedback_app.liveness import KEY_SPACE, Liveness
from feedback_app.nightly import model as models
from feedback_app.nightly.batches import Scorer
from feedback_app.nightly.errors import EngineUnusableError, NightlyError
from feedback_app.nightly.run import Options, Summary, begin_run, end_run, progress_bar, summary_of, work_of
from feedback_app.nightly.stopping import STOP
from feedback_app.nightly.supervisor import Send, supervise
from feedback_app.scoring import queries
from feedback_app.scoring.queries import Work

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.connector import BaseConnector

logger = logging.getLogger(__name__)

QUEUE = "scoring"
TASK = "stemme:score_range"
RANGE = 128  # texts of one job: as much is read again after a kill
ROUNDS = 5  # a range whose jobs failed is handed out again as often
POLL = 0.5
HEARTBEAT, STALLED = 1.0, 6.0  # taking a slow worker for dead costs nothing but a look at its range
IDLE_LIMIT = 900.0  # seconds without any progress after which a run gives up waiting for workers
LEFT = sa.text(
    "SELECT count(*) FROM procrastinate_jobs"
    " WHERE task_name = :task AND status IN ('todo', 'doing') AND (args ->> 'run_id')::bigint = :run"
)


def score_with_workers(options: Options) -> Summary:
    """Hand out what has no score yet, wait until the workers are done, and return what was done."""
    _check_engine()
    config: Config = current_app.extensions["stemme"]
    version = models.version_of(config.sentiment_model)
    with Liveness(db.engine) as process:
        run_id = begin_run(options, version, process)
        state, message = "succeeded", ""
        try:
            message = _hand_out_and_wait(options, version, run_id, process)
            state = "failed" if message else "succeeded"
        except KeyboardInterrupt:
            state, message = "interrupted", "The process was asked to stop."
        except Exception as error:
            logger.exception("scoring run %d failed", run_id)
            state, message = "failed", f"{type(error).__name__}: see the log of this time."
        end_run(run_id, process, state, message)
    return summary_of(run_id)


def work_off_supervised(app: Flask, patience: float) -> None:
    """Be a worker; where a text hangs or kills this process, another goes on."""
    _check_engine()

    def work(send: Send, _sent: list[Any]) -> None:
        try:
            work_off(app, patience)
        except NightlyError as error:
            send(error)

    for error in supervise(work):
        raise error


def work_off(app: Flask, patience: float) -> None:
    """Be a worker: load the model, then score ranges until SIGTERM."""
    _check_engine()
    config: Config = app.extensions["stemme"]
    with STOP.heeded():
        model = models.load(config.sentiment_model)
    with Liveness(db.engine) as process:
        db.session.remove()

        def score_range(run_id: int, first_id: int, last_id: int, **work: Any) -> None:
            with app.app_context():
                todo = Work(first_id=first_id, last_id=last_id, **_from_json(work))
                Scorer(run_id, todo, process, model=model, patience=patience).score_all()

        from procrastinate import PsycopgConnector

        queue = _queue(PsycopgConnector(conninfo=_conninfo()), score_range)
        logger.info("worker %d has loaded %s and waits for work", process.number, model.version)
        with STOP.heeded():  # until the queue handles the signals itself
            queue.run_worker(
                queues=[QUEUE], concurrency=1, delete_jobs="successful", fetch_job_polling_interval=POLL,
                update_heartbeat_interval=HEARTBEAT, stalled_worker_timeout=STALLED,
            )  # fmt: skip


def _hand_out_and_wait(options: Options, version: str, run_id: int, process: Liveness) -> str:
    """Hand out ranges, in rounds, until nothing is left; return a sentence where something is."""
    from procrastinate import SyncPsycopgConnector

    work = work_of(options, version, queries.get_run(db.session(), run_id).started_at)
    Scorer(run_id, work, process).record_objections()
    queue = _queue(SyncPsycopgConnector(conninfo=_conninfo()), _not_here)
    with queue.open(), progress_bar(options, work, None) as bar:
        for _ in range(ROUNDS):
            if not _hand_out(queue, run_id, work):
                return ""
            if not _wait(run_id, bar):
                return (
                    f"No worker has done anything for {IDLE_LIMIT / 60:.0f} minutes; is one running (`flask worker`)?"
                )
    left = queries.count_unscored(db.session(), work)
    return f"{left} texts could not be scored; the workers' logs say why." if left else ""


def _hand_out(queue: App, run_id: int, work: Work) -> int:
    """Put a job in the queue for each range of unscored texts; return how many ranges there are."""
    ranges = 0
    fixed: dict[str, Any] = {"run_id": run_id, "model_version": work.model_version}
    fixed |= {"since": _iso(work.since), "fresh_since": _iso(work.fresh_since)}
    for first, last in _ranges(work):
        queue.configure_task(TASK, queue=QUEUE).defer(**fixed, first_id=first, last_id=last)
        ranges += 1
    return ranges


def _ranges(work: Work) -> Iterator[tuple[int, int]]:
    last = 0
    while ids := queries.unscored_ids(db.session(), work, last, RANGE):
        db.session.rollback()
        yield ids[0], ids[-1]
        last = ids[-1]
    db.session.rollback()


def _wait(run_id: int, bar: Any) -> bool:
    """Wait until all jobs of the run are done; return False where nobody works on them."""
    seen, moved = 0, time.monotonic()
    while time.monotonic() - moved < IDLE_LIMIT:
        left = db.session.scalar(LEFT, {"task": TASK, "run": run_id})
        run = queries.get_run(db.session(), run_id)
        done = run.scored + run.skipped_empty + run.skipped_language + run.failed
        db.session.rollback()
        if done > seen:
            bar.update(done - seen)
            seen, moved = done, time.monotonic()
        if not left:
            return True
        time.sleep(POLL)
    return False


def _queue(connector: BaseConnector, score_range: Any) -> App:
    """Return the queue with its two tasks: scoring a range, and freeing the jobs of workers that died."""
    from procrastinate import App

    queue = App(connector=connector)
    queue.task(name=TASK, queue=QUEUE)(score_range)

    @queue.periodic(cron="* * * * * */2")
    @queue.task(name="stemme:retry_stalled", queue=QUEUE, queueing_lock="stemme:retry_stalled", priority=10)
    async def retry_stalled(timestamp: int) -> None:
        for job in await queue.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED):
            await queue.job_manager.retry_job(job)

    return queue


def _not_here(**_job: Any) -> None:
    raise RuntimeError("the coordinator hands work out and does none")


def _check_engine() -> None:
    """Refuse SQLite; make the queue's tables where they are missing."""
    if db.engine.dialect.name != "postgresql":
        raise EngineUnusableError("DATABASE_URL: workers need PostgreSQL; with SQLite use the plain loop.")
    from procrastinate import App, SyncPsycopgConnector

    with db.engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:a, 1)"), {"a": KEY_SPACE})
        if connection.scalar(sa.text("SELECT to_regclass('procrastinate_jobs')")) is None:
            with App(connector=SyncPsycopgConnector(conninfo=_conninfo())).open() as queue:
                queue.schema_manager.apply_schema()


def _conninfo() -> str:
    return db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _from_json(work: dict[str, Any]) -> dict[str, Any]:
    moments = ("since", "fresh_since")
    return work | {name: datetime.fromisoformat(work[name]) for name in moments if work[name]}
