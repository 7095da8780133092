"""How figures are written on pages: shares, hours, names of scores and of their bands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from babel.dates import format_date
from babel.numbers import format_percent
from flask_babel import gettext as _

from feedback_app.i18n import babel_locale, number
from feedback_app.surveys.queries import WordedSurvey


def percent(share: float) -> str:
    """Return a share from 0 to 1 as whole per cent."""
    return str(format_percent(share, "0 %", locale=babel_locale()))


def score_value(value: float) -> str:
    """Return an NPS as a signed whole number."""
    rounded = round(value)
    return f"+{rounded}" if rounded > 0 else f"−{-rounded}" if rounded < 0 else "0"


def hours(value: float | None) -> str:
    """Return a duration in hours as people say it; None as a dash."""
    if value is None:
        return "–"
    if value < 1:
        return _("%(n)s minutes", n=max(1, round(value * 60)))
    return (
        _("%(n)s hours", n=number(round(value, 1))) if value < 72 else _("%(n)s days", n=number(round(value / 24, 1)))
    )


def day_name(day: date) -> str:
    """Return a day and month."""
    return str(format_date(day, "d. MMM", locale=babel_locale()))


def score_name(kind: str) -> str:
    """Return the name of a kind of score, with what it is a measure of."""
    return {"nps": _("NPS, recommendation"), "csat": _("CSAT, satisfaction"), "ces": _("CES, effort")}[kind]


def band_name(kind: str, name: str) -> str:
    """Return what the people of a band are called."""
    names = {
        ("nps", "high"): _("Promoters (9–10)"),
        ("nps", "middle"): _("Passives (7–8)"),
        ("nps", "low"): _("Detractors (0–6)"),
        ("csat", "high"): _("Satisfied (4–5)"),
        ("csat", "middle"): _("In between (3)"),
        ("csat", "low"): _("Dissatisfied (1–2)"),
        ("ces", "high"): _("Easy (5–7)"),
        ("ces", "middle"): _("In between (4)"),
        ("ces", "low"): _("Hard (1–3)"),
    }
    return names[kind, name]


def reason_names() -> dict[str, str]:
    """Return why a text was not scored, by the reason's key."""
    return {
        "empty": _("nothing to read"),
        "language": _("language not covered"),
        "objection": _("the customer objects"),
        "error": _("error"),
    }


def label_names() -> dict[str, str]:
    """Return what the machine calls a text, by the label's key."""
    return {"negative": _("negative"), "neutral": _("neutral"), "positive": _("positive")}


def surveys_by_slug(surveys: Sequence[WordedSurvey]) -> list[tuple[str, str]]:
    """Return slug and title of each survey, for a list to choose from."""
    return [(one.survey.slug, one.title) for one in surveys]


FOR_TEMPLATES: dict[str, Any] = {
    one.__name__: one
    for one in (
        percent,
        score_value,
        hours,
        day_name,
        score_name,
        band_name,
        reason_names,
        label_names,
        surveys_by_slug,
    )
}
