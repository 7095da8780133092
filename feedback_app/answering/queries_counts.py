"""How many were asked, how many answered, and how many of these wrote something."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.invitations.models import Invitation


@dataclass(frozen=True, slots=True)
class SurveyCounts:
    """The counts of one survey; withdrawn responses are in none but `answered`."""

    responses: int = 0
    commented: int = 0
    invited: int = 0  # personal links
    answered: int = 0  # of these


def survey_counts(session: Session) -> dict[int, SurveyCounts]:
    """Return survey id -> counts, for every survey that was answered or asked by personal links."""
    responses = _counted(session, sa.select(Response.survey_id, sa.func.count()).where(Response.withdrawn_at.is_(None)))
    with_text = sa.select(Answer.id).where(Answer.response_id == Response.id, Answer.text.is_not(None)).exists()
    commented = _counted(
        session, sa.select(Response.survey_id, sa.func.count()).where(Response.withdrawn_at.is_(None), with_text)
    )
    invited = _counted(session, sa.select(Invitation.survey_id, sa.func.count()))
    answered = _counted(
        session, sa.select(Invitation.survey_id, sa.func.count()).where(Invitation.finished_at.is_not(None))
    )
    return {
        survey_id: SurveyCounts(
            responses.get(survey_id, 0),
            commented.get(survey_id, 0),
            invited.get(survey_id, 0),
            answered.get(survey_id, 0),
        )
        for survey_id in responses.keys() | invited.keys()
    }


def _counted(session: Session, query: sa.Select[int | None, int]) -> dict[int, int]:
    """Run a query of survey id and count, grouped by its first column."""
    rows = session.execute(query.group_by(sa.literal_column("survey_id")))
    return {int(survey_id): count for survey_id, count in rows if survey_id is not None}
