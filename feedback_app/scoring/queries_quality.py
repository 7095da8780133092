"""How good the model is here: precision from corrections, recall from the nightly sample, and contradictions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.scoring.models import Correction, QualitySample, SentimentScore
from feedback_app.statistics import Figure, corrected_share, recall, share
from feedback_app.surveys.models import Survey


@dataclass(frozen=True)
class Quality:
    """The figures of one group of texts: all, a language or a survey."""

    name: str
    judged: int  # flagged texts that a person judged
    right: int  # of these, really unhappy
    sampled: int  # unflagged texts of the random sample that a person judged
    missed: int  # of these, unhappy
    flagged: int  # all texts that the model calls unhappy
    unflagged: int  # all that it does not

    @property
    def precision(self) -> Figure | None:
        """Of the texts that it flags, the share that is unhappy."""
        return share(self.right, self.judged)

    @property
    def recall(self) -> Figure | None:
        """Of the unhappy texts, the share that it flags."""
        return recall(self.flagged, self.precision, self.unflagged, self.missed, self.sampled)

    @property
    def corrected(self) -> Figure | None:
        """The share of unhappy texts, corrected for the model's errors; None without enough labels of both sorts."""
        figure = corrected_share(self.flagged, self.precision, self.unflagged, self.missed, self.sampled)
        return figure if figure is not None and figure.shown and self.unflagged else None


@dataclass(frozen=True)
class SampledText:
    """One of tonight's five."""

    answer_id: int
    night: str
    text: str
    language: str
    survey: str


@dataclass
class _Counts:
    judged: int = 0
    right: int = 0
    sampled: int = 0
    missed: int = 0
    flagged: int = 0
    unflagged: int = 0


def quality(session: Session, model_version: str) -> dict[str, list[Quality]]:
    """Return the figures of `model_version`: "all" (one), by "language" and by "survey"."""
    groups: dict[str, dict[str, _Counts]] = {"all": {}, "language": {}, "survey": {}}
    for kind in groups:
        groups[kind] = defaultdict(_Counts)
    _count_texts(session, model_version, lambda kind, name: groups[kind][name])
    _count_labels(session, model_version, lambda kind, name: groups[kind][name])
    return {
        kind: [Quality(name, **vars(counts)) for name, counts in sorted(named.items())]
        for kind, named in groups.items()
    }


def tonights_five(session: Session, model_version: str) -> list[SampledText]:
    """Return the texts of the last nightly sample that nobody has judged yet."""
    last = sa.select(sa.func.max(QualitySample.night)).where(QualitySample.model_version == model_version)
    judged = (
        sa.select(Correction.id)
        .where(Correction.answer_id == Answer.id, Correction.current, Correction.model_version == model_version)
        .exists()
    )
    query = (
        sa.select(Answer.id, QualitySample.night, Answer.text, Response.language, Survey.slug)
        .join(QualitySample, QualitySample.answer_id == Answer.id)
        .join(Response, Response.id == Answer.response_id)
        .join(Survey, Survey.id == Response.survey_id)
        .where(QualitySample.model_version == model_version, QualitySample.night == last.scalar_subquery())
        .where(~judged, Response.withdrawn_at.is_(None), Answer.text.is_not(None))
        .order_by(QualitySample.id)
    )
    return [
        SampledText(id_, night, text or "", language, slug)
        for id_, night, text, language, slug in session.execute(query)
    ]


def is_sampled(session: Session, model_version: str | None, answer_id: int) -> bool:
    """Whether a text was drawn at random for a person to judge."""
    drawn = sa.select(QualitySample.id).where(
        QualitySample.answer_id == answer_id, QualitySample.model_version == model_version
    )
    return session.scalar(drawn) is not None


def _count_texts(session: Session, model_version: str, counts: Callable[[str, str], _Counts]) -> None:
    query = (
        sa.select(Response.language, Survey.slug, SentimentScore.unhappy, sa.func.count())
        .join(Answer, Answer.id == SentimentScore.answer_id)
        .join(Response, Response.id == Answer.response_id)
        .join(Survey, Survey.id == Response.survey_id)
        .where(SentimentScore.model_version == model_version, SentimentScore.reason.is_(None))
        .where(Response.withdrawn_at.is_(None))
        .group_by(Response.language, Survey.slug, SentimentScore.unhappy)
    )
    for language, slug, unhappy, count in session.execute(query):
        for kind, name in (("all", ""), ("language", language), ("survey", slug)):
            group = counts(kind, name)
            if unhappy:
                group.flagged += count
            else:
                group.unflagged += count


def _count_labels(session: Session, model_version: str, counts: Callable[[str, str], _Counts]) -> None:
    # A text of the sample stays in it wherever it was judged, also on the page of a case that another reason opened.
    drawn = sa.and_(QualitySample.answer_id == Answer.id, QualitySample.model_version == model_version)
    groups = (
        Response.language,
        Survey.slug,
        Correction.source,
        Correction.machine_unhappy,
        QualitySample.id.is_not(None),
        Correction.unhappy,
    )
    query = (
        sa.select(*groups, sa.func.count())
        .select_from(Correction)
        .join(Answer, Answer.id == Correction.answer_id)
        .join(Response, Response.id == Answer.response_id)
        .join(Survey, Survey.id == Response.survey_id)
        .outerjoin(QualitySample, drawn)
        .where(Correction.current, Correction.model_version == model_version, Response.withdrawn_at.is_(None))
        .group_by(*groups)
    )
    for language, slug, source, machine, sampled, unhappy, count in session.execute(query):
        for kind, name in (("all", ""), ("language", language), ("survey", slug)):
            group = counts(kind, name)
            if source == "flag" and machine:
                group.judged += count
                group.right += count if unhappy else 0
            elif sampled and not machine:
                group.sampled += count
                group.missed += count if unhappy else 0
