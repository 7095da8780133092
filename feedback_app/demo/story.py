"""The demo's files, read: whom the invented company asked, and what they answered, with dates relative to today."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from feedback_app.customers.service import CustomerDetails
from feedback_app.i18n import LANGUAGES

FOLDER = Path(__file__).parent
SURVEYS = {"nps": "nordlys", "csat": "nordlys-support", "ces": "nordlys-installation"}  # file and name in answers.jsonl
# "Anything else?" was asked in the same box as "why?".
QUESTIONS = {"why": "why", "other": "why", "improve": "improve"}
FORM_LANGUAGE = "nb"  # of those who wrote in a language that no form is in
DAYS = 30  # that the story goes back


@dataclass(frozen=True)
class Told:
    """One answer of the story."""

    submission_id: str
    survey: str  # slug
    customer: str | None  # reference
    submitted_at: datetime
    language: str  # of the form
    score: int
    question: str  # key of the question that the text answers
    text: str
    label: str | None  # what a person says about the text: negative, neutral or positive
    contact_wanted: bool
    context: dict[str, str]


def read_customers() -> list[CustomerDetails]:
    """Return the customers of `customers.csv`."""
    with (FOLDER / "customers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        CustomerDetails(
            reference=row["key"],
            company=row["company_key"],
            company_role=row["role"],
            **{name: row[name] for name in ("name", "kind", "audience", "email", "phone", "language")},
            **{name: row[name] for name in ("segment", "city", "age_group")},
        )
        for row in rows
    ]


def read_answers(now: datetime, zone: ZoneInfo) -> list[Told]:
    """Return the answers of `answers.jsonl`, oldest first; "day 0" is the day of `now` in `zone`, none is later."""
    lines = (FOLDER / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    told = [_told(number, json.loads(line), now, zone) for number, line in enumerate(lines)]
    return sorted(told, key=lambda one: one.submitted_at)


def read_labels() -> dict[str, str]:
    """Return the label of each answer that holds a text, by its submission id."""
    lines = (FOLDER / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    labels = {_submission_id(number): json.loads(line)["label"] for number, line in enumerate(lines)}
    return {key: label for key, label in labels.items() if label}


def _told(number: int, line: dict[str, Any], now: datetime, zone: ZoneInfo) -> Told:
    day = now.astimezone(zone).date() - timedelta(days=line["day"])
    moment = datetime.combine(day, time(line["hour"], number * 7 % 60), zone).astimezone(UTC)
    return Told(
        submission_id=_submission_id(number),
        survey=SURVEYS[line["survey"]],
        customer=line["customer"],
        submitted_at=min(moment, now - timedelta(minutes=1 + number % 60)),
        language=line["language"] if line["language"] in LANGUAGES else FORM_LANGUAGE,
        score=line["score"],
        question=QUESTIONS[line["question"]],
        text=line["text"],
        label=line["label"],
        contact_wanted=line["contact"],
        context={
            "order_reference": line["order"],
            **{name: line[name] for name in ("agent", "team", "product", "channel")},
        },
    )


def _submission_id(number: int) -> str:
    return hashlib.sha256(f"demo:{number}".encode()).hexdigest()
