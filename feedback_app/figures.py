"""Counting past days for the overview: at the end of the nightly run, and again where something of a day changed."""

from __future__ import annotations

from flask import current_app

from feedback_app.answering.days import sum_up_changes
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db, transaction
from feedback_app.insights.days import count_day, drop_old_days, keep_day, stale_days
from feedback_app.scoring.queries_version import current_model_version


def refresh_days() -> int:
    """Count the past days anew whose figures hold no longer, each in a transaction of its own; return how many.

    Nothing is locked while a day is counted. Safe to run twice, to kill, and to run on two machines at once.
    """
    config: Config = current_app.extensions["stemme"]
    now, zone = utc_now(), config.timezone
    version = current_model_version(db.session())
    stale = stale_days(db.session(), version, now, zone)
    for day in stale:
        figure = count_day(db.session(), day, version, zone)
        with transaction() as session:
            keep_day(session, figure)
    if stale:
        with transaction() as session:
            drop_old_days(session, now, zone)
            sum_up_changes(session, now)
    db.session.rollback()
    return len(stale)
