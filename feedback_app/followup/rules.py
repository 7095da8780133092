"""Decisions of the desk: why a response needs a person, and whom to call first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from feedback_app.followup.models import FlagKind
from feedback_app.surveys.models import Polarity, QuestionKind

HIGH_BAND = {QuestionKind.NPS: 9, QuestionKind.CSAT: 4, QuestionKind.CES: 6}  # from here up a customer is content
VERY_LOW = {QuestionKind.NPS: 2, QuestionKind.CSAT: 1, QuestionKind.CES: 1}  # from here down, furious
CONFIDENTLY_POSITIVE = 0.8
VERY_NEGATIVE = 0.9
LEAST_URGENT = 7


class Thresholds(Protocol):
    """A survey's own limits: a score at or below raises a flag."""

    @property
    def nps_flag_at(self) -> int: ...
    @property
    def csat_flag_at(self) -> int: ...
    @property
    def ces_flag_at(self) -> int: ...


@dataclass(frozen=True)
class ReadText:
    """What the model made of one text of a response."""

    answer_id: int
    polarity: Polarity
    unhappy: bool
    negative: float
    positive: float
    threshold: float
    model_version: str


@dataclass(frozen=True)
class Facts:
    """What decides about one response: its scores, whether contact is wanted, and what the model read."""

    scores: tuple[tuple[str, int], ...] = ()  # (kind, value), the first question first
    contact_wanted: bool = False
    texts: tuple[ReadText, ...] = field(default=())

    @property
    def worst_text(self) -> ReadText | None:
        """The unhappiest of the unhappy texts, or None."""
        return max((text for text in self.texts if text.unhappy), key=lambda text: text.negative, default=None)


def only_machine(kinds: Collection[str]) -> bool:
    """Whether nothing but what a machine read in a text is behind a case."""
    return bool(kinds) and set(kinds) <= {FlagKind.UNHAPPY_TEXT.value, FlagKind.CONTRADICTION.value}


def is_low(kind: str, score: int, survey: Thresholds) -> bool:
    """Whether a score raises a flag by itself."""
    limits = {
        QuestionKind.NPS: survey.nps_flag_at,
        QuestionKind.CSAT: survey.csat_flag_at,
        QuestionKind.CES: survey.ces_flag_at,
    }
    return score <= limits[QuestionKind(kind)]


def needs_flag(scores: Iterable[tuple[str, int]], contact_wanted: bool, survey: Thresholds) -> bool:
    """Whether a response needs a person by the rules that need no model; costs no query."""
    return contact_wanted or any(is_low(kind, score, survey) for kind, score in scores)


def contradicting_text(facts: Facts, survey: Thresholds) -> ReadText | None:
    """Return the text that says the opposite of the first score: an angry text with 9 of 10, thanks with 2 of 10."""
    if not facts.scores:
        return None
    kind, score = facts.scores[0]
    if facts.worst_text is not None:
        return facts.worst_text if score >= HIGH_BAND[QuestionKind(kind)] else None
    if not is_low(kind, score, survey):
        return None
    freely = [text for text in facts.texts if text.polarity is not Polarity.PRAISE]  # asked-for praise proves nothing
    glad = [text for text in freely if text.positive >= CONFIDENTLY_POSITIVE]
    return max(glad, key=lambda text: text.positive, default=None)


def reasons(facts: Facts, survey: Thresholds) -> dict[FlagKind, ReadText | None]:
    """Return every reason why a response needs a person, with the text behind it where there is one."""
    found: dict[FlagKind, ReadText | None] = {}
    if any(is_low(kind, score, survey) for kind, score in facts.scores):
        found[FlagKind.LOW_SCORE] = None
    if facts.contact_wanted:
        found[FlagKind.CONTACT_WANTED] = None
    if facts.worst_text is not None:
        found[FlagKind.UNHAPPY_TEXT] = facts.worst_text
    if (text := contradicting_text(facts, survey)) is not None:
        found[FlagKind.CONTRADICTION] = text
    return found


def urgency_rank(facts: Facts, kinds: Collection[FlagKind]) -> int:
    """Return whom to call first: 0 is the most urgent, 7 the least; within a rank, the earlier deadline comes first.

    Seven points are deducted: 3 where contact is wanted, 2 for a very low score (NPS 0-2, CSAT 1, CES 1) or 1 for a
    low one, 2 for a text that is unhappy with a probability of 0.9 or more or 1 for another unhappy one.
    """
    points = 3 if FlagKind.CONTACT_WANTED in kinds else 0
    if FlagKind.LOW_SCORE in kinds:
        points += 2 if any(score <= VERY_LOW[QuestionKind(kind)] for kind, score in facts.scores) else 1
    if facts.worst_text is not None:
        points += 2 if facts.worst_text.negative >= VERY_NEGATIVE else 1
    return LEAST_URGENT - points
