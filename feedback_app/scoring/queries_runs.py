"""The runs of the nightly job, as the page of runs shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.scoring.models import ScoringRun

PAGE = 50
USUAL = timedelta(days=28)


@dataclass(frozen=True)
class RunRow:
    """One run, and the share of unhappy texts in the 28 days of runs before it, of the same model version."""

    run: ScoringRun
    usual_scored: int
    usual_unhappy: int

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.run.finished_at - self.run.started_at).total_seconds() if self.run.finished_at else None


def list_runs(session: Session, before: int | None = None) -> list[RunRow]:
    """Return up to 51 runs, newest first, from those with an id below `before`; 51 mean there is a next page."""
    query = sa.select(ScoringRun).order_by(ScoringRun.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(ScoringRun.id < before)
    runs = session.scalars(query).all()
    return [_row(session, run) for run in runs]


def _row(session: Session, run: ScoringRun) -> RunRow:
    sums = sa.select(
        sa.func.coalesce(sa.func.sum(ScoringRun.scored), 0), sa.func.coalesce(sa.func.sum(ScoringRun.unhappy), 0)
    )
    earlier = sums.where(
        ScoringRun.started_at >= run.started_at - USUAL,
        ScoringRun.started_at < run.started_at,
        ScoringRun.model_version == run.model_version,
    )
    scored, unhappy = session.execute(earlier).one()
    return RunRow(run, scored, unhappy)


def last_run_at(session: Session) -> datetime | None:
    """Return when the last run began, or None."""
    return session.scalar(sa.select(sa.func.max(ScoringRun.started_at)))
