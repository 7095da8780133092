"""The outbox: a mail is a row written in the transaction of what it reports; the scheduler delivers it later.

A deliverer claims a row, sends, and marks it. If it dies in between nobody knows whether the mail went out: the row
stays claimed, is reported, and is sent again only when a person says so (`flask outbox --resend ID`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback_app.clock import utc_now
from feedback_app.database import Base, Id

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480, 720))  # then it is given up
MOST_ATTEMPTS = len(DELAYS) + 1
STUCK_AFTER = timedelta(minutes=10)
KEPT = timedelta(days=30)  # mails quote customers: they do not stay


class OutboxMessage(Base):
    """A mail to be sent. `dedupe_key` says what it is about: a second one with the same key is not written."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        sa.UniqueConstraint("dedupe_key"),
        sa.Index("ix_outbox_message_sent_at_due_at", "sent_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(sa.String(120))
    to_address: Mapped[str]
    subject: Mapped[str]
    text_body: Mapped[str]
    html_body: Mapped[str | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]  # when to try next
    claimed_at: Mapped[datetime | None]  # when a deliverer took it; an old claim is asked about, not sent again
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")


def put_in_outbox(
    session: Session, *, dedupe_key: str, to_address: str, subject: str, text_body: str, html_body: str | None = None
) -> bool:
    """Write a mail into the outbox; return False where one with this `dedupe_key` is there already."""
    from feedback_app.upserts import insert_or_ignore

    now = utc_now()
    row = {
        "dedupe_key": dedupe_key, "to_address": to_address, "subject": subject, "text_body": text_body,
        "html_body": html_body, "created_at": now, "due_at": now,
    }  # fmt: skip
    return insert_or_ignore(session, OutboxMessage, [row]) == 1


@dataclass(frozen=True)
class Mail:
    """A mail as a deliverer has claimed it."""

    id: int
    dedupe_key: str
    to_address: str
    subject: str
    text_body: str
    html_body: str | None


def claim_next(session: Session, now: datetime) -> Mail | None:
    """Claim the mail that has been due longest, or return None. Two deliverers never get the same one."""
    waiting = (OutboxMessage.sent_at.is_(None), OutboxMessage.due_at <= now, OutboxMessage.claimed_at.is_(None))
    statement = sa.select(OutboxMessage).where(*waiting, OutboxMessage.attempts < MOST_ATTEMPTS)
    statement = statement.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(1).with_for_update(skip_locked=True)
    row = session.scalar(statement)
    if row is None:
        return None
    row.claimed_at, row.attempts = now, row.attempts + 1
    session.flush()
    return Mail(row.id, row.dedupe_key, row.to_address, row.subject, row.text_body, row.html_body)


def mark_sent(session: Session, mail_id: int, now: datetime) -> None:
    """Note that the mail server has taken a mail."""
    session.execute(sa.update(OutboxMessage).where(OutboxMessage.id == mail_id).values(sent_at=now, last_error=""))


def mark_failed(session: Session, mail_id: int, reason: str, *, for_good: bool, now: datetime) -> bool:
    """Note that a mail did surely not go out; it is tried again later. Return False where that was the last attempt."""
    row = session.get_one(OutboxMessage, mail_id)
    row.claimed_at, row.last_error = None, reason
    if for_good:
        row.attempts = MOST_ATTEMPTS
    if row.attempts < MOST_ATTEMPTS:
        row.due_at = now + DELAYS[row.attempts - 1]
    return row.attempts < MOST_ATTEMPTS


def mark_unknown(session: Session, mail_id: int, reason: str) -> None:
    """Note that nobody knows whether a mail went out; it stays claimed and is not sent again."""
    session.execute(sa.update(OutboxMessage).where(OutboxMessage.id == mail_id).values(last_error=reason))


def undelivered(session: Session, now: datetime) -> Sequence[OutboxMessage]:
    """Return the mails that a person should look at: given up, or claimed and never marked."""
    stuck = OutboxMessage.claimed_at < now - STUCK_AFTER
    statement = sa.select(OutboxMessage).where(
        OutboxMessage.sent_at.is_(None), sa.or_(stuck, OutboxMessage.attempts >= MOST_ATTEMPTS)
    )
    return session.scalars(statement.order_by(OutboxMessage.id)).all()


def send_again(session: Session, mail_id: int, now: datetime) -> bool:
    """Have a mail that was given up, or may have been lost, sent again; return False where there is none to send."""
    change = sa.update(OutboxMessage).where(OutboxMessage.id == mail_id, OutboxMessage.sent_at.is_(None))
    change = change.values(claimed_at=None, attempts=0, due_at=now, last_error="").returning(OutboxMessage.id)
    return session.scalar(change) is not None


def delete_old_mails(session: Session, now: datetime) -> None:
    """Delete mails that were written long ago, sent or not."""
    session.execute(sa.delete(OutboxMessage).where(OutboxMessage.created_at < now - KEPT))
