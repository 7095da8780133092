"""What an inbox list is: its tab, its filters, its order, and the cursor that pages through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.database import UtcDateTime
from feedback_app.followup.models import Case, CaseStatus, Flag
from feedback_app.followup.queries_search import matches

TABS = ("new", "open", "mine", "overdue", "resolved")
AGES = {"day": timedelta(days=1), "week": timedelta(days=7)}  # answered within; "older" is what is older than a week
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_URGENT: tuple[Any, ...] = (Case.urgency_rank, Case.due_at, Case.id)
_ORDERS: dict[str, tuple[Any, ...]] = {"overdue": (Case.due_at, Case.id), "resolved": (Case.resolved_at, Case.id)}


@dataclass(frozen=True)
class Listing:
    """One list of cases, as its address says."""

    user_id: int
    seen_at: datetime | None  # when the user's last visit ended
    tab: str = "open"
    survey_id: int | None = None
    reason: str = ""
    language: str = ""
    owner: str = ""  # "", "me", "none" or a user's id
    age: str = ""  # "", "day", "week" or "older"
    search: str = ""

    @property
    def order(self) -> tuple[Any, ...]:
        """Return the columns of its order: the most urgent first, what is overdue by deadline, resolved by time."""
        return _ORDERS.get(self.tab, _URGENT)

    @property
    def latest_first(self) -> bool:
        """Whether it runs from the highest key to the lowest."""
        return self.tab == "resolved"

    def conditions(self, session: Session, now: datetime) -> list[sa.ColumnElement[bool]]:
        """Return what makes a case part of the list."""
        found = [*self._of_tab(now), *self._of_owner()]
        if self.survey_id is not None:
            found.append(Case.survey_id == self.survey_id)
        if self.language:
            found.append(Case.language == self.language)
        if self.reason:
            found.append(Case.id.in_(sa.select(Flag.case_id).where(Flag.kind == self.reason)))
        if self.age == "older":
            found.append(Case.answered_at < now - AGES["week"])
        elif self.age:
            found.append(Case.answered_at >= now - AGES[self.age])
        if self.search:
            condition = matches(session, self.search)
            found.append(sa.false() if condition is None else condition)
        return found

    def _of_tab(self, now: datetime) -> list[sa.ColumnElement[bool]]:
        status = CaseStatus.RESOLVED if self.tab == "resolved" else CaseStatus.OPEN
        found: list[sa.ColumnElement[bool]] = [Case.status == status.value]
        if self.tab == "new" and self.seen_at is not None:
            found.append(Case.opened_at > self.seen_at)
        elif self.tab == "mine":
            found.append(Case.owner_id == self.user_id)
        elif self.tab == "overdue":
            found.append(Case.due_at < now)
        return found

    def _of_owner(self) -> list[sa.ColumnElement[bool]]:
        if not self.owner:
            return []
        if self.owner == "none":
            return [Case.owner_id.is_(None)]
        return [Case.owner_id == (self.user_id if self.owner == "me" else int(self.owner))]

    def beyond(self, cursor: str, *, backwards: bool) -> sa.ColumnElement[bool]:
        """Return the condition that a case stands after (or before) the place that `cursor` names."""
        place = sa.tuple_(*(_literal(text, column) for text, column in zip(cursor.split("~"), self.order, strict=True)))
        mine = sa.tuple_(*self.order)
        return mine < place if self.latest_first != backwards else mine > place

    def sorted(self, statement: Any, *, backwards: bool = False) -> Any:
        """Return `statement` in the list's order, or the other way round."""
        if self.latest_first != backwards:
            return statement.order_by(*(column.desc() for column in self.order))
        return statement.order_by(*self.order)

    def cursor_of(self, row: Any) -> str:
        """Return the place of `row` (with the columns of `order`)."""
        return "~".join(_written(getattr(row, column.key)) for column in self.order)


def _written(value: Any) -> str:
    return str((value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value)


def _literal(text: str, column: Any) -> Any:
    """Return a part of a cursor as a value. Raises `ValueError` or `OverflowError`."""
    number = int(text[:18])
    if isinstance(column.type, UtcDateTime):
        return sa.literal(_EPOCH + timedelta(microseconds=number), UtcDateTime())
    return sa.literal(number, column.type)
