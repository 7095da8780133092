"""Writes of accounts: users, passwords, logins and sessions."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.accounts import passwords, rules
from feedback_app.accounts.audit import audit
from feedback_app.accounts.models import LoginAttempt, Role, StaffSession, User
from feedback_app.accounts.queries import failures, find_user
from feedback_app.errors import ConflictError, InvalidError
from feedback_app.i18n import LANGUAGES


class TooManyTriesError(InvalidError):
    """Wait before the next try."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many tries")
        self.until = until


def create_user(
    session: Session, *, email: str, role: Role, name: str, password: str, now: datetime, by: User | None = None
) -> User:
    """Make a member of staff. Raises `ConflictError` where the address is taken, `InvalidError` on a bad value."""
    email = email.strip().lower()
    if email.count("@") != 1 or email.startswith("@") or email.endswith("@") or not email.isprintable() or " " in email:
        raise InvalidError(f"{email!r} is not a mail address")
    if find_user(session, email):
        raise ConflictError(f"there is a user {email} already")
    name = " ".join(name.split()) or email.split("@")[0]
    _refuse_weak(password, email, name)
    user = User(email=email, name=name, role=role, password_hash=passwords.hash_password(password), created_at=now)
    session.add(user)
    session.flush()
    audit(session, by, "user.created", "user", user.id, role=role.value)
    return user


def set_password(session: Session, user: User, password: str, *, by: User | None, keep: str | None = None) -> None:
    """Change a password and end the user's sessions, all but the one with token hash `keep`."""
    _refuse_weak(password, user.email, user.name)
    user.password_hash = passwords.hash_password(password)
    ended = sa.delete(StaffSession).where(StaffSession.user_id == user.id)
    session.execute(ended if keep is None else ended.where(StaffSession.token_hash != keep))
    audit(session, by, "user.password", "user", user.id)


def set_active(session: Session, user: User, active: bool, *, by: User | None) -> None:
    """Disable a user, which ends all her sessions at once, or enable her again."""
    user.active = active
    session.execute(sa.delete(StaffSession).where(StaffSession.user_id == user.id))
    audit(session, by, "user.enabled" if active else "user.disabled", "user", user.id)


def save_preferences(session: Session, user: User, *, language: str, wants_morning_mail: bool) -> None:
    """Store how a user wants her pages and mails."""
    if language not in LANGUAGES:
        raise InvalidError(f"the pages are not translated to {language!r}")
    user.language, user.wants_morning_mail = language, wants_morning_mail


def count_try(session: Session, email: str, address: str, now: datetime) -> None:
    """Count a login as failed before the password is looked at; `open_session` takes it back.

    Raises `TooManyTriesError` where this account or this address has to wait. Counted first and under a lock, a
    thousand tries at once are no more than a thousand in a row.
    """
    account, address = rules.sha256(email.strip().lower()), rules.network_of(address)
    if session.get_bind().dialect.name == "postgresql":  # on SQLite a write transaction is alone anyway
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"login {address}"))))
    for brake, column, value in (
        (rules.ADDRESS_BRAKE, LoginAttempt.address, address),
        (rules.ACCOUNT_BRAKE, LoginAttempt.account_key, account),
    ):
        until = brake.wait_until(*failures(session, column, value, now))
        if until is not None and until > now:
            raise TooManyTriesError(until)
    session.add(LoginAttempt(account_key=account, address=address, at=now))


def user_for(session: Session, email: str, password: str) -> User | None:
    """Return the active user with this password; a refusal takes the same time whatever is wrong."""
    user = find_user(session, email)
    right = passwords.password_matches(user.password_hash if user else None, password)
    return user if right and user is not None and user.active else None


def open_session(session: Session, user: User, password: str, address: str, now: datetime) -> str:
    """Log a user in and return the token for her cookie; only its hash is stored."""
    tries = sa.delete(LoginAttempt).where(
        LoginAttempt.account_key == rules.sha256(user.email), LoginAttempt.address == rules.network_of(address)
    )
    session.execute(tries)
    if passwords.is_outdated(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    token = secrets.token_urlsafe(32)
    row = StaffSession(token_hash=rules.sha256(token), user_id=user.id, created_at=now, seen_at=now)
    row.expires_at = rules.session_ends(now, now)
    session.add(row)
    audit(session, user, "login", "user", user.id)
    return token


def touch_session(session: Session, token_hash: str, created_at: datetime, now: datetime) -> None:
    """Note that a session is in use."""
    change = sa.update(StaffSession).where(StaffSession.token_hash == token_hash)
    session.execute(change.values(seen_at=now, expires_at=rules.session_ends(created_at, now)))


def close_session(session: Session, token_hash: str) -> None:
    """End one session."""
    session.execute(sa.delete(StaffSession).where(StaffSession.token_hash == token_hash))


def note_inbox_visit(session: Session, user: User, now: datetime) -> None:
    """Keep when the user looks at the inbox; what came after the last visit's end is "new"."""
    if user.inbox_visit_at is not None and now - user.inbox_visit_at > rules.VISIT_GAP:
        user.inbox_seen_at = user.inbox_visit_at
    user.inbox_visit_at = now


def _refuse_weak(password: str, email: str, name: str) -> None:
    if passwords.is_weak(password, email, name):
        raise InvalidError(f"a password needs {passwords.SHORTEST} characters or more, and not your name or address")
