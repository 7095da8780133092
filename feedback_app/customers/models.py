"""Persons and companies whom we ask: external or internal, and their role within a company."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_app.database import Base, Id

KINDS = ("person", "company")
AUDIENCES = ("external", "internal")
COMPANY_ROLES = ("buyer", "user", "purchasing_agent")


class Customer(Base):
    """A person or a company. A person may belong to a company, as its buyer, user or purchasing agent."""

    __tablename__ = "customer"
    __table_args__ = (
        sa.UniqueConstraint("reference"),
        sa.CheckConstraint("kind IN ('person', 'company')", name="kind"),
        sa.CheckConstraint("audience IN ('external', 'internal')", name="audience"),
        sa.CheckConstraint("company_role IN ('buyer', 'user', 'purchasing_agent')", name="company_role"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference: Mapped[str | None]  # the customer's number in the company's own systems
    kind: Mapped[str] = mapped_column(sa.String(10), default="person")
    audience: Mapped[str] = mapped_column(sa.String(10), default="external")
    name: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(sa.String(5))
    company_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id", ondelete="SET NULL"), index=True)
    company_role: Mapped[str | None] = mapped_column(sa.String(20))
    segment: Mapped[str | None]
    city: Mapped[str | None]
    age_group: Mapped[str | None] = mapped_column(sa.String(20))
    created_at: Mapped[datetime]
    company: Mapped[Customer | None] = relationship(remote_side=[id])


COMPANY = Customer.__table__.alias("company")
"""A customer's company, for joins. A table, since an alias of the class would set up all mappers at import."""
