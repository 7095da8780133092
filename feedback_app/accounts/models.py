"""Staff users, their server-side sessions, login attempts, and the append-only audit log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_app.database import Base, Id, text_enum


class Role(StrEnum):
    """What a member of staff may do: a viewer reads, a lead works on cases, an owner also manages."""

    VIEWER = "viewer"
    LEAD = "lead"
    OWNER = "owner"


class User(Base):
    """A member of staff."""

    __tablename__ = "staff_user"
    __table_args__ = (sa.UniqueConstraint("email"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str]  # lower case
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(text_enum(Role))
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(sa.String(5), default="en")
    active: Mapped[bool] = mapped_column(default=True)
    wants_morning_mail: Mapped[bool] = mapped_column(default=False)
    inbox_seen_at: Mapped[datetime | None]  # when the visit before this one to the inbox ended
    inbox_visit_at: Mapped[datetime | None]  # the last look at the inbox in this visit
    created_at: Mapped[datetime]


class StaffSession(Base):
    """A login. The cookie holds the token; only its hash is stored."""

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("staff_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class LoginAttempt(Base):
    """A failed login, by account and by address; what the delays on guessing are reckoned from."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        sa.Index("ix_login_attempt_account_key_at", "account_key", "at"),
        sa.Index("ix_login_attempt_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_key: Mapped[str] = mapped_column(sa.String(64))  # sha256 of the address given, known or not
    address: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]


class AuditEntry(Base):
    """Who did what to which object, and when. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(Id)  # no foreign key: the log outlives the user
    action: Mapped[str] = mapped_column(sa.String(60))
    object_type: Mapped[str] = mapped_column(sa.String(40), default="")
    object_id: Mapped[str] = mapped_column(sa.String(40), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # ids and names of settings, never answers
