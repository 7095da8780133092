"""The latest texts that say the opposite of their score: worth a look, and a test of the machine."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.followup.models import Case, CaseStatus, Flag, FlagKind

SHOWN = 10  # the inbox has them all


@dataclass(frozen=True)
class Contradiction:
    """A score and the text beside it."""

    case_id: int
    score_kind: str | None
    score: int | None
    text: str | None
    language: str


def list_contradictions(session: Session, model_version: str) -> list[Contradiction]:
    """Return the ten latest contradictions that `model_version` found, whatever became of their cases."""
    statement = (
        sa.select(Case.id, Response.score_kind, Response.score, Answer.text, Response.language)
        .select_from(Flag)
        .join(Case, Case.id == Flag.case_id)
        .join(Response, Response.id == Flag.response_id)
        .join(Answer, Answer.id == Flag.answer_id)
        .where(Flag.kind == FlagKind.CONTRADICTION, Flag.model_version == model_version)
        .where(Response.withdrawn_at.is_(None), Case.status.in_((CaseStatus.OPEN, CaseStatus.RESOLVED)))
        .order_by(Flag.case_id.desc())
        .limit(SHOWN)
    )
    rows = session.execute(statement)
    return [Contradiction(id_, kind, score, text, language) for id_, kind, score, text, language in rows]
