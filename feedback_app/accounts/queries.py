"""Reads of accounts: users, sessions, failed logins, the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from feedback_app.accounts.models import AuditEntry, LoginAttempt, Role, StaffSession, User
from feedback_app.accounts.rules import WINDOW
from feedback_app.errors import NotFoundError


def find_user(session: Session, email: str) -> User | None:
    """Return the user with this address, whatever its case, or None."""
    return session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def get_user(session: Session, email: str) -> User:
    """Return the user with this address. Raises `NotFoundError`."""
    user = find_user(session, email)
    if user is None:
        raise NotFoundError(f"there is no user {email}")
    return user


def find_session(session: Session, token_hash: str, now: datetime) -> StaffSession | None:
    """Return the session with its user, where both are still good."""
    statement = sa.select(StaffSession).where(StaffSession.token_hash == token_hash, StaffSession.expires_at > now)
    found = session.scalar(statement)
    return found if found is not None and found.user.active else None


def failures(
    session: Session, column: InstrumentedAttribute[str], value: str, now: datetime
) -> tuple[int, datetime | None]:
    """Return how many failed logins count for an account or an address, and when the last one was."""
    statement = sa.select(sa.func.count(), sa.func.max(LoginAttempt.at))
    count, last = session.execute(statement.where(column == value, LoginAttempt.at > now - WINDOW)).one()
    return count, last


def list_workers(session: Session) -> Sequence[User]:
    """Return who can own a case: active leads and owners, by name."""
    statement = sa.select(User).where(User.active, User.role.in_((Role.LEAD, Role.OWNER)))
    return session.scalars(statement.order_by(User.name, User.id)).all()


def list_audit_entries(session: Session, before_id: int | None, limit: int) -> Sequence[tuple[AuditEntry, str | None]]:
    """Return the latest entries before `before_id`, each with its user's name."""
    statement = sa.select(AuditEntry, User.name).outerjoin(User, User.id == AuditEntry.user_id)
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    return [(row[0], row[1]) for row in session.execute(statement.order_by(AuditEntry.id.desc()).limit(limit))]
