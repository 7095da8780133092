"""Writes of the desk that people make: each says what happened in the case's history, and refuses to overwrite."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from feedback_app.accounts.audit import audit
from feedback_app.accounts.models import Role, User
from feedback_app.errors import ConflictError, GoneError, InvalidError, NotFoundError
from feedback_app.followup.models import Case, CaseEvent, CaseNote, CaseStatus, Flag, Outcome, RootCause
from feedback_app.followup.rules import only_machine
from feedback_app.scoring.corrections import record_correction

LONGEST_NOTE = 5000
NOT_NEEDED, NOT_UNHAPPY = "not_needed", "not_unhappy"  # keys of the list entries that a mistaken flag is closed with


class StaleCaseError(ConflictError):
    """Somebody changed the case after the page was loaded."""


def assign_case(
    session: Session, case_id: int, lock_version: int, owner_id: int | None, *, by: User, now: datetime
) -> None:
    """Give a case to a lead or owner, or to nobody."""
    case = _open_case(session, case_id, lock_version)
    owner = session.get(User, owner_id) if owner_id is not None else None
    if owner_id is not None and (owner is None or not owner.active or owner.role == Role.VIEWER):
        raise InvalidError("this person cannot own a case")
    case.owner_id = owner_id
    _record(session, case, "assigned", by, now, owner_id=owner_id, owner=owner.name if owner else None)


def note_case(session: Session, case_id: int, lock_version: int, text: str, *, by: User, now: datetime) -> None:
    """Write a note on a case."""
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise InvalidError(f"a note has 1 to {LONGEST_NOTE} characters")
    case = _case(session, case_id, lock_version)
    session.add(CaseNote(case_id=case.id, user_id=by.id, at=now, text=text))
    _record(session, case, "noted", by, now)


def mark_replied(session: Session, case_id: int, lock_version: int, *, by: User, now: datetime) -> None:
    """Keep that the customer has got an answer."""
    _record(session, _open_case(session, case_id, lock_version), "replied", by, now)


def resolve_case(
    session: Session,
    case_id: int,
    lock_version: int,
    outcome_id: int,
    root_cause_id: int,
    note: str = "",
    *,
    by: User,
    now: datetime,
) -> None:
    """Close a case: how it ended, and what the unhappiness came from."""
    case = _open_case(session, case_id, lock_version)
    outcome, cause = session.get(Outcome, outcome_id), session.get(RootCause, root_cause_id)
    if outcome is None or cause is None:
        raise InvalidError("a case is closed with an outcome and a root cause of the lists")
    if note.strip():
        session.add(CaseNote(case_id=case.id, user_id=by.id, at=now, text=note.strip()[:LONGEST_NOTE]))
    case.status, case.resolved_at, case.resolved_by_id = CaseStatus.RESOLVED, now, by.id
    case.outcome_id, case.root_cause_id = outcome.id, cause.id
    case.owner_id = case.owner_id or by.id
    _record(session, case, "resolved", by, now, outcome=outcome.id, root_cause=cause.id)


def close_mistake(session: Session, case_id: int, lock_version: int, *, by: User, now: datetime) -> None:
    """Close a case in one press whose only reason was a text that is not unhappy after all."""
    outcome = session.scalar(sa.select(Outcome.id).where(Outcome.key == NOT_NEEDED))
    cause = session.scalar(sa.select(RootCause.id).where(RootCause.key == NOT_UNHAPPY))
    if outcome is None or cause is None:
        raise NotFoundError("the entries of the lists are missing")
    resolve_case(session, case_id, lock_version, outcome, cause, by=by, now=now)


def reopen_case(session: Session, case_id: int, lock_version: int, *, by: User, now: datetime) -> None:
    """Open a resolved case again, or take a merged one apart."""
    case = _case(session, case_id, lock_version)
    if case.status == CaseStatus.OPEN:
        raise ConflictError("the case is open already")
    case.status = CaseStatus.OPEN
    case.resolved_at = case.resolved_by_id = case.outcome_id = case.root_cause_id = case.merged_into_id = None
    _record(session, case, "reopened", by, now)


def merge_case(session: Session, case_id: int, lock_version: int, other_id: int, *, by: User, now: datetime) -> None:
    """Put another open case of the same customer into this one: it leaves the lists, its answers stay."""
    case, other = _open_case(session, case_id, lock_version), session.get(Case, other_id)
    if other is None or other.id == case.id or other.status != CaseStatus.OPEN:
        raise InvalidError("only another open case can be merged")
    if case.customer_id is None or other.customer_id != case.customer_id:
        raise InvalidError("only cases of the same customer can be merged")
    other.status, other.merged_into_id = CaseStatus.MERGED, case.id
    case.urgency_rank = min(case.urgency_rank, other.urgency_rank)
    case.due_at = min(case.due_at, other.due_at)
    session.execute(sa.update(Case).where(Case.merged_into_id == other.id).values(merged_into_id=case.id))
    _record(session, other, "merged", by, now, into=case.id)
    _record(session, case, "merged", by, now, other=other.id)


def judge_text(
    session: Session, case_id: int, answer_id: int, unhappy: bool, *, by: User, now: datetime
) -> tuple[Case, bool]:
    """Keep a lead's verdict on a text of the case, which overwrites nothing and so asks for no version.

    Return the case, and whether the verdict leaves no reason to keep it open: only the machine had flagged it.
    """
    case = _case(session, case_id, None)
    if answer_id not in {answer.id for answer in case.response.answers}:
        raise NotFoundError("the text is not of this case")
    record_correction(session, answer_id, by.id, unhappy, "flag", now)
    if case.first_touch_at is None:
        session.execute(sa.update(Case).where(Case.id == case.id).values(first_touch_at=now))
    session.add(CaseEvent(case_id=case.id, user_id=by.id, at=now, kind="judged", detail={"unhappy": unhappy}))
    audit(session, by, "case.judged", "case", case.id)
    session.flush()
    kinds = session.scalars(sa.select(Flag.kind).where(Flag.case_id == case.id)).all()
    return case, not unhappy and only_machine(kinds) and case.status == CaseStatus.OPEN


def _case(session: Session, case_id: int, lock_version: int | None) -> Case:
    case = session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise NotFoundError("there is no such case")
    if case.status == CaseStatus.WITHDRAWN:
        raise GoneError("the customer has withdrawn this answer")
    if lock_version is not None and case.lock_version != lock_version:
        raise StaleCaseError("somebody changed the case in the meantime")
    return case


def _open_case(session: Session, case_id: int, lock_version: int) -> Case:
    case = _case(session, case_id, lock_version)
    if case.status != CaseStatus.OPEN:
        raise ConflictError("the case is not open")
    return case


def _record(session: Session, case: Case, kind: str, by: User, now: datetime, **detail: Any) -> None:
    """Write the history, and give the case a new version, so that a page loaded before is refused."""
    case.first_touch_at = case.first_touch_at or now
    flag_modified(case, "first_touch_at")
    session.add(CaseEvent(case_id=case.id, user_id=by.id, at=now, kind=kind, detail=detail))
    audit(session, by, f"case.{kind}", "case", case.id)
    session.flush()
