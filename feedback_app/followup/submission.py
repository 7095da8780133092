"""The flag of a submission as it comes in: all that decides is at hand, so that next to nothing is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from feedback_app.answering.content import SurveyContent
from feedback_app.answering.queries import Link
from feedback_app.answering.rules import Values, scores_of, wants_contact
from feedback_app.bundles import Part
from feedback_app.customers.models import COMPANY, Customer
from feedback_app.database import Reader
from feedback_app.followup.flagging import Flagged, new_case, search_text
from feedback_app.followup.rules import Facts, reasons

_NAMES = (
    sa.select(Customer.name, COMPANY.c.name)
    .outerjoin(COMPANY, COMPANY.c.id == Customer.company_id)
    .where(Customer.id == sa.bindparam("customer_id"))
)


@dataclass(frozen=True, slots=True)
class _NewResponse:
    """What a case copies of its response."""

    survey_id: int
    customer_id: int | None
    language: str
    submitted_at: datetime
    followup_hours: int


def case_parts(
    session: Reader,
    survey: SurveyContent,
    values: Values,
    *,
    link: Link | None,
    language: str,
    now: datetime,
) -> list[Part]:
    """Return the rows of the case that a new response calls for by its score and its wish; none where it does not.

    It comes to the same as `service.flag_response`, which reads everything back. `session` is only asked for the names
    of a known customer.
    """
    facts = Facts(scores=tuple(scores_of(values, survey)), contact_wanted=wants_contact(values))
    kinds = reasons(facts, survey)
    if not kinds:
        return []
    customer_id = link.customer_id if link else None
    texts = [values.get(question.key) for question in survey.questions if question.kind.is_text]
    names = session.execute(_NAMES, {"customer_id": customer_id}).first() if customer_id else None
    body = search_text([*(text for text in texts if isinstance(text, str)), *(names or ())])
    row = _NewResponse(survey.id, customer_id, language, now, survey.followup_hours)
    return new_case(Flagged(row, facts, kinds, body), now)
