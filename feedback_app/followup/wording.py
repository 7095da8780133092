"""The desk's words: reasons, scores, deadlines, list entries and the history, as sentences in the page's language."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_timedelta
from flask_babel import gettext as _

from feedback_app.followup.models import CaseEvent, FlagKind
from feedback_app.i18n import babel_locale, number

TOP_OF_SCALE = {"nps": 10, "csat": 5, "ces": 7}


def reason_label(kind: str) -> str:
    """Return a reason in a word or two."""
    return {
        FlagKind.LOW_SCORE.value: _("Low score"),
        FlagKind.CONTACT_WANTED.value: _("Wants contact"),
        FlagKind.UNHAPPY_TEXT.value: _("Unhappy text"),
        FlagKind.CONTRADICTION.value: _("Score and text disagree"),
    }[kind]


def score_words(kind: str | None, score: int | None) -> str:
    """Return a score with its scale: "3 of 10"."""
    if kind is None or score is None:
        return _("No score")
    return _("%(score)s of %(top)s", score=score, top=TOP_OF_SCALE[kind])


def score_band(kind: str | None, score: int | None) -> str:
    """Return the look of a score: "low", "middle", "high" or "none"."""
    if kind is None or score is None:
        return "none"
    low, high = {"nps": (6, 9), "csat": (2, 4), "ces": (3, 6)}[kind]
    return "low" if score <= low else "high" if score >= high else "middle"


def span(length: timedelta) -> str:
    """Return a length of time in its largest unit: "5 hours"."""
    return format_timedelta(abs(length), granularity="minute", threshold=1.1, locale=babel_locale())


def deadline(due_at: datetime, now: datetime) -> str:
    """Return how far away a deadline is, or how far behind."""
    left = span(due_at - now)
    return _("Overdue by %(time)s", time=left) if due_at < now else _("Due in %(time)s", time=left)


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago something was."""
    return _("%(time)s ago", time=span(now - moment))


def of_a_hundred(probability: float) -> str:
    """Return a calibrated probability as a count that a person can picture."""
    return _("of 100 texts like this, about %(count)s are unhappy", count=max(1, min(99, round(probability * 100))))


def listed_name(entry: Any) -> str:
    """Return the name of an outcome or a root cause: translated, unless the owner has written her own."""
    if entry is None:
        return ""
    english, translated = _built_in().get(entry.key, ("", ""))
    return translated if entry.name == english else str(entry.name)


def event_words(event: CaseEvent, names: dict[tuple[str, int], str]) -> str:
    """Return what happened as a sentence; `names`: of outcomes and root causes, by table and id."""
    detail = event.detail
    reasons = ", ".join(reason_label(kind) for kind in detail.get("reasons", []))
    if event.kind == "assigned":
        return _("gave it to %(name)s", name=detail["owner"]) if detail.get("owner") else _("gave it back to everybody")
    if event.kind == "resolved":
        outcome = names.get(("outcome", detail.get("outcome", 0)), "")
        cause = names.get(("root_cause", detail.get("root_cause", 0)), "")
        return _("resolved it: %(outcome)s. Root cause: %(cause)s", outcome=outcome, cause=cause)
    if event.kind == "merged":
        if "into" in detail:
            return _("put it into case %(number)s", number=detail["into"])
        return _("put case %(number)s into this one", number=detail.get("other", ""))
    if event.kind == "judged":
        return _("judged the text: unhappy") if detail.get("unhappy") else _("judged the text: not unhappy")
    return {
        "opened": _("Flagged: %(reasons)s", reasons=reasons),
        "flagged": _("One more reason: %(reasons)s", reasons=reasons),
        "noted": _("wrote a note"),
        "replied": _("answered the customer"),
        "reopened": _("opened it again"),
        "corrected": _("The customer corrected the answer"),
        "objected": _("The customer objected to being read by a machine"),
        "withdrawn": _("The customer withdrew the answer"),
    }.get(event.kind, event.kind)


def capped(count: int, limit: int) -> str:
    """Return a count, or "1,000+" beyond the limit to which it was counted."""
    return f"{number(limit)}+" if count > limit else number(count)


def _built_in() -> dict[str, tuple[str, str]]:
    """Return the entries that the lists begin with, by key: in English as stored, and in the page's language."""
    return {
        "solved": ("Solved the problem", _("Solved the problem")),
        "explained": ("Explained, and the customer is content", _("Explained, and the customer is content")),
        "compensated": ("Compensated", _("Compensated")),
        "passed_on": ("Passed on to others", _("Passed on to others")),
        "no_reply": ("The customer did not answer", _("The customer did not answer")),
        "lost": ("The customer has left", _("The customer has left")),
        "not_needed": ("No follow-up needed", _("No follow-up needed")),
        "delivery": ("Delivery", _("Delivery")),
        "product": ("Product or quality", _("Product or quality")),
        "price": ("Price or invoice", _("Price or invoice")),
        "waiting": ("Waiting time", _("Waiting time")),
        "communication": ("Information and communication", _("Information and communication")),
        "conduct": ("How staff behaved", _("How staff behaved")),
        "website": ("Website or systems", _("Website or systems")),
        "rules": ("Our own rules or terms", _("Our own rules or terms")),
        "other": ("Something else", _("Something else")),
        "not_unhappy": ("None: not unhappy", _("None: not unhappy")),
    }
