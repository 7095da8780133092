"""Which model version's scores the pages show: the last one that finished a run."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.scoring.models import ScoringRun


def current_model_version(session: Session) -> str | None:
    """Return the model version of the last run that succeeded, else of the last run, else None.

    While a new version scores for the first time, pages stay with the old one until its run is through.
    """
    succeeded = sa.case((ScoringRun.state == "succeeded", 0), else_=1)
    return session.scalar(sa.select(ScoringRun.model_version).order_by(succeeded, ScoringRun.id.desc()).limit(1))
