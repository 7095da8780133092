"""Jobs of the scheduler: when each is due by the local clock, and the row that decides who runs it, once a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from feedback_app.database import Base, Id
from feedback_app.upserts import insert_or_ignore

MOST_ATTEMPTS = 3  # of a job that fails, for one day
RETRY_AFTER = timedelta(minutes=10)


class JobRun(Base):
    """That a job was begun for a day. The unique key decides who runs it, not an `if`."""

    __tablename__ = "job_run"
    __table_args__ = (sa.UniqueConstraint("job", "run_date"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    job: Mapped[str] = mapped_column(sa.String(40))
    run_date: Mapped[str] = mapped_column(sa.String(10))  # the local date, YYYY-MM-DD
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(12), default="running")  # running, succeeded, failed, interrupted
    attempts: Mapped[int] = mapped_column(default=1)
    holder: Mapped[str] = mapped_column(default="")


class Lease(Base):
    """Who holds the right to schedule (SQLite; PostgreSQL uses an advisory lock), and until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    holder: Mapped[str]
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class DailyHour:
    """A time of day on the local clock, once a day also in the nights in which the clock changes.

    A time that the clock skips in spring counts by the offset before the change (02:00 is then 03:00); of a time that
    comes twice in autumn, the first one counts.
    """

    zone: ZoneInfo
    hour: int
    minute: int = 0

    def due_on(self, day: date) -> datetime:
        """Return the moment, in UTC, at which the hour comes on the local date `day`."""
        return datetime.combine(day, time(self.hour, self.minute), tzinfo=self.zone).astimezone(UTC)

    def latest(self, now: datetime) -> date:
        """Return the local date of the latest due moment up to `now`."""
        day = now.astimezone(self.zone).date()
        return day if self.due_on(day) <= now else day - timedelta(days=1)

    def after(self, moment: datetime) -> datetime:
        """Return the first due moment later than `moment`."""
        return self.due_on(self.latest(moment) + timedelta(days=1))


def claim_job(session: Session, job: str, run_date: str, *, holder: int, dead: Collection[int], now: datetime) -> bool:
    """Take the right to run `job` for `run_date`; of any number of processes that ask, one gets it.

    A job that failed may be taken again after a while, up to `MOST_ATTEMPTS` times; one that was interrupted, or whose
    process is among the `dead`, at once.
    """
    row = {
        "job": job,
        "run_date": run_date,
        "started_at": now,
        "state": "running",
        "attempts": 1,
        "holder": str(holder),
    }
    if insert_or_ignore(session, JobRun, [row]):
        return True
    failed = sa.and_(JobRun.state == "failed", JobRun.attempts < MOST_ATTEMPTS, JobRun.finished_at <= now - RETRY_AFTER)
    orphaned = sa.and_(JobRun.state == "running", JobRun.holder.in_([str(number) for number in dead]))
    free = sa.or_(failed, orphaned, JobRun.state == "interrupted")
    change = sa.update(JobRun).where(JobRun.job == job, JobRun.run_date == run_date, free)
    again = JobRun.attempts + sa.case((JobRun.state == "failed", 1), else_=0)
    change = change.values(state="running", attempts=again, holder=str(holder), started_at=now, finished_at=None)
    return _rows(session, change) == 1


def finish_job(session: Session, job: str, run_date: str, *, holder: int, state: str, now: datetime) -> bool:
    """Close the run of `job` that `holder` began; return False where another process has taken it over."""
    change = sa.update(JobRun).where(JobRun.job == job, JobRun.run_date == run_date, JobRun.holder == str(holder))
    return _rows(session, change.values(state=state, finished_at=now)) == 1


def running_holders(session: Session) -> set[int]:
    """Return the numbers of the processes that say of themselves that they are at a job."""
    statement = sa.select(JobRun.holder).where(JobRun.state == "running").distinct()
    return {int(holder) for holder in session.scalars(statement) if holder.isdigit()}


def take_lease(
    session: Session, name: str, *, holder: int, dead: Collection[int], until: datetime, now: datetime
) -> bool:
    """Take or keep the lease until `until`: it is free, ours, run out, or its holder is among the `dead`."""
    gone = Lease.holder.in_([str(number) for number in dead])
    change = sa.update(Lease).where(
        Lease.name == name, sa.or_(Lease.holder == str(holder), Lease.expires_at < now, gone)
    )
    if _rows(session, change.values(holder=str(holder), expires_at=until)):
        return True
    return insert_or_ignore(session, Lease, [{"name": name, "holder": str(holder), "expires_at": until}]) == 1


def lease_holder(session: Session, name: str) -> int | None:
    """Return who holds the lease, or held it last."""
    holder = session.scalar(sa.select(Lease.holder).where(Lease.name == name))
    return int(holder) if holder and holder.isdigit() else None


def drop_lease(session: Session, name: str, *, holder: int) -> None:
    """Give the lease up."""
    session.execute(sa.delete(Lease).where(Lease.name == name, Lease.holder == str(holder)))


def _rows(session: Session, statement: sa.Update) -> int:
    return cast("sa.CursorResult[Any]", session.execute(statement)).rowcount
