"""What the night found of the story's unhappy comments, and what it missed, by the labels of `answers.jsonl`."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.demo.story import read_labels
from feedback_app.followup.models import Case
from feedback_app.scoring.models import SentimentScore

UNHAPPY = "negative"


@dataclass(frozen=True)
class Findings:
    """Counts of comments. `unhappy` are so by their label, `taken` by the model, `found` by both."""

    comments: int
    unhappy: int
    taken: int
    found: int
    with_case: int  # unhappy ones whose customer has a case, for whatever reason

    @property
    def sentences(self) -> list[str]:
        """The counts as people read them."""
        return [
            f"{self.found} of {self.unhappy} unhappy comments found ({_percent(self.found, self.unhappy)}), "
            f"{self.unhappy - self.found} missed",
            f"{self.found} of the {self.taken} that it took for unhappy are so ({_percent(self.found, self.taken)})",
            f"{self.with_case} of the {self.unhappy} unhappy customers have a case, for this or another reason "
            "(low score, contact wanted)",
        ]


def compare(session: Session, model_version: str) -> Findings:
    """Return how the readings of `model_version` agree with the labels; later answers of visitors do not count."""
    labels = read_labels()
    read = sa.and_(SentimentScore.answer_id == Answer.id, SentimentScore.model_version == model_version)
    statement = sa.select(Response.submission_id, SentimentScore.unhappy, Case.id).select_from(Response)
    statement = statement.join(Answer, sa.and_(Answer.response_id == Response.id, Answer.text.is_not(None)))
    statement = statement.outerjoin(SentimentScore, read).outerjoin(Case, Case.response_id == Response.id)
    rows = [row for row in session.execute(statement) if row.submission_id in labels]
    unhappy = [row for row in rows if labels[row.submission_id] == UNHAPPY]
    return Findings(
        comments=len(rows),
        unhappy=len(unhappy),
        taken=sum(bool(row.unhappy) for row in rows),
        found=sum(bool(row.unhappy) for row in unhappy),
        with_case=sum(row.id is not None for row in unhappy),
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"
