"""Writes of the desk that the machine makes: raising flags, and what a customer's own change does to a case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.customers.models import Customer
from feedback_app.followup.flagging import read_flagged, search_text, write_flags
from feedback_app.followup.models import Case, CaseEvent, CaseStatus, CaseText, Flag, FlagKind
from feedback_app.scoring.queries_version import current_model_version

MACHINE_REASONS = (FlagKind.UNHAPPY_TEXT.value, FlagKind.CONTRADICTION.value)


def flag_response(session: Session, response_id: int, now: datetime) -> int:
    """Raise whatever flags a response calls for, and open its case; return how many flags are new.

    Where there is nothing to flag it costs three statements; `rules.needs_flag` says so before, without any.
    A customer's correction is passed on to a case that is there, and opens a resolved one again if it gives a reason.
    """
    session.flush()
    version = current_model_version(session)
    raised = write_flags(session, read_flagged(session, [response_id], version), now)
    new = len(raised.get(response_id, ()))
    response = session.get_one(Response, response_id)
    if response.corrected_at is not None:
        _pass_correction_on(session, response, bool(new), now)
    return new


def flag_scored(session: Session, response_ids: Collection[int], model_version: str, now: datetime) -> int:
    """Raise the flags of a batch of the nightly run; return how many responses have a new one."""
    if not response_ids:
        return 0
    return len(write_flags(session, read_flagged(session, response_ids, model_version), now))


def response_withdrawn(session: Session, response_id: int, now: datetime) -> None:
    """Take the case of a withdrawn response out of every list and out of the search."""
    case = session.scalar(sa.select(Case).where(Case.response_id == response_id))
    if case is None or case.status == CaseStatus.WITHDRAWN:
        return
    case.status = CaseStatus.WITHDRAWN
    session.add(CaseEvent(case_id=case.id, at=now, kind="withdrawn", detail={}))
    session.execute(sa.delete(CaseText).where(CaseText.case_id == case.id))
    session.flush()


def response_objected(session: Session, response_id: int, now: datetime) -> None:
    """Take back what a machine had read in the texts of a customer who objects; a case without another reason goes."""
    case = session.scalar(sa.select(Case).where(Case.response_id == response_id))
    if case is None:
        return
    session.execute(sa.delete(Flag).where(Flag.case_id == case.id, Flag.kind.in_(MACHINE_REASONS)))
    session.add(CaseEvent(case_id=case.id, at=now, kind="objected", detail={}))
    if not session.scalar(sa.select(Flag.id).where(Flag.case_id == case.id).limit(1)) and case.first_touch_at is None:
        session.flush()
        session.delete(case)
    session.flush()


def _pass_correction_on(session: Session, response: Response, new_reason: bool, now: datetime) -> None:
    case = session.scalar(sa.select(Case).where(Case.response_id == response.id))
    if case is None:
        return
    session.add(CaseEvent(case_id=case.id, at=now, kind="corrected", detail={}))
    texts = session.scalars(sa.select(Answer.text).where(Answer.response_id == response.id).order_by(Answer.id))
    body = search_text([*texts, *_names(session, response.customer_id)])
    session.execute(sa.update(CaseText).where(CaseText.case_id == case.id).values(body=body))
    if new_reason and case.status == CaseStatus.RESOLVED:
        case.status = CaseStatus.OPEN
        case.resolved_at = case.resolved_by_id = case.outcome_id = case.root_cause_id = None
        session.add(CaseEvent(case_id=case.id, at=now, kind="reopened", detail={}))
    session.flush()


def _names(session: Session, customer_id: int | None) -> list[str]:
    customer = session.get(Customer, customer_id) if customer_id else None
    if customer is None:
        return []
    return [customer.name, customer.company.name if customer.company else ""]
