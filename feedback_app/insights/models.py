"""Figures that are kept, so that pages need not count all answers at every visit."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.database import Base


class DayFigure(Base):
    """What was counted of the answers of a local day that is over.

    It holds as long as `changes` is the number of changes noted for the day (`answering/days.py`) and `model_version`
    the one that pages show; else the day is counted anew at each visit, until the next nightly run.
    """

    __tablename__ = "day_figure"

    zone: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # of which `day` is a local day
    day: Mapped[date] = mapped_column(primary_key=True)
    changes: Mapped[int]  # noted for the day before it was counted
    nps_low: Mapped[int]  # responses by kind and band of their score
    nps_middle: Mapped[int]
    nps_high: Mapped[int]
    csat_low: Mapped[int]
    csat_middle: Mapped[int]
    csat_high: Mapped[int]
    ces_low: Mapped[int]
    ces_middle: Mapped[int]
    ces_high: Mapped[int]
    model_version: Mapped[str | None] = mapped_column(sa.String(100))  # None: no model had read anything yet
    scored: Mapped[int]  # texts that it read
    unhappy: Mapped[int]  # of these
