"""Retention: every day, answers older than their survey allows are deleted, and old mails, sessions and attempts."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa

from feedback_app import mail
from feedback_app.accounts.models import LoginAttempt, StaffSession
from feedback_app.answering.days import forget_days
from feedback_app.answering.models import Response
from feedback_app.answering.queries import lock_responses
from feedback_app.clock import utc_now
from feedback_app.database import db, transaction
from feedback_app.surveys.models import Survey

logger = logging.getLogger(__name__)

BATCH = 500  # responses deleted in one transaction: nobody waits long for the database
ATTEMPTS_KEPT = timedelta(days=30)


def delete_expired() -> int:
    """Delete what is kept no longer; return how many responses went, with their answers, scores and cases."""
    now = utc_now()
    limits = {row.id: now - timedelta(days=row.retention_days) for row in db.session.execute(_surveys())}
    deleted = sum(_delete_older(survey_id, limit) for survey_id, limit in limits.items())
    with transaction() as session:
        mail.delete_old_mails(session, now)
        session.execute(sa.delete(StaffSession).where(StaffSession.expires_at < now))
        session.execute(sa.delete(LoginAttempt).where(LoginAttempt.at < now - ATTEMPTS_KEPT))
    if deleted:
        logger.info("retention: %d responses deleted", deleted)
    return deleted


def _surveys() -> sa.Select[int, int]:
    return sa.select(Survey.id, Survey.retention_days)


def _delete_older(survey_id: int, limit: object) -> int:
    total = 0
    while True:
        with transaction() as session:
            old = sa.select(Response.id).where(Response.survey_id == survey_id, Response.submitted_at < limit)
            ids = session.scalars(old.order_by(Response.submitted_at).limit(BATCH)).all()
            lock_responses(session, ids)
            gone = sa.delete(Response).where(Response.id.in_(ids)).returning(Response.submitted_at)
            forget_days(session, session.scalars(gone).all())
        total += len(ids)
        if len(ids) < BATCH:
            return total
