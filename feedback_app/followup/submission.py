"""The flag of a submission as it comes in: all that decides is at hand, so that next to nothing is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.content import SurveyContent
from feedback_app.answering.queries import Link
from feedback_app.answering.rules import Values, scores_of, wants_contact
from feedback_app.customers.models import Customer
from feedback_app.followup.flagging import Flagged, search_text, write_flags
from feedback_app.followup.rules import Facts, reasons

_company = Customer.__table__.alias("company")  # a table: an alias of the class would set up all mappers at import
_NAMES = (
    sa.select(Customer.name, _company.c.name)
    .outerjoin(_company, _company.c.id == Customer.company_id)
    .where(Customer.id == sa.bindparam("customer_id"))
)


@dataclass(frozen=True, slots=True)
class _NewResponse:
    """What a case copies of its response."""

    id: int
    survey_id: int
    customer_id: int | None
    language: str
    submitted_at: datetime
    followup_hours: int


def flag_submission(
    session: Session,
    response_id: int,
    survey: SurveyContent,
    values: Values,
    *,
    link: Link | None,
    language: str,
    now: datetime,
) -> int:
    """Raise the flags that a response stored just now calls for by its score and its wish; return how many.

    It comes to the same as `service.flag_response`, which reads everything back.
    """
    facts = Facts(scores=tuple(scores_of(values, survey)), contact_wanted=wants_contact(values))
    kinds = reasons(facts, survey)
    if not kinds:
        return 0
    customer_id = link.customer_id if link else None
    texts = [values.get(question.key) for question in survey.questions if question.kind.is_text]
    names = session.execute(_NAMES, {"customer_id": customer_id}).first() if customer_id else None
    body = search_text([*(text for text in texts if isinstance(text, str)), *(names or ())])
    row = _NewResponse(response_id, survey.id, customer_id, language, now, survey.followup_hours)
    write_flags(session, [Flagged(row, facts, kinds, body)], now)
    return len(kinds)
