"""Personal links, and the addresses that want no more of them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_app.customers.models import Customer
from feedback_app.database import Base, Id
from feedback_app.surveys.models import Survey


class Invitation(Base):
    """A personal link. Who, when and about what is copied here when it is made, not looked up at answer time."""

    __tablename__ = "invitation"
    __table_args__ = (sa.UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id", ondelete="SET NULL"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64))  # sha256 of the 128-bit token, hex
    language: Mapped[str | None] = mapped_column(sa.String(5))
    channel: Mapped[str] = mapped_column(sa.String(40), default="")
    agent: Mapped[str] = mapped_column(default="")
    team: Mapped[str] = mapped_column(default="")
    product: Mapped[str] = mapped_column(default="")
    order_reference: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    survey: Mapped[Survey] = relationship()
    customer: Mapped[Customer | None] = relationship()


class Suppression(Base):
    """An address that asked for no more invitations."""

    __tablename__ = "suppression"

    address_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # sha256 of the lower-case address
    at: Mapped[datetime]
