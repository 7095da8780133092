"""Pure decisions about answers: cleaning texts, which questions are asked, and what identifies a submission."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from feedback_app.answering.content import QuestionContent, SurveyContent
from feedback_app.surveys.rules import band

LONGEST_TEXT = 5000
LONGEST_CONTACT = 200
NO_ANSWER = {"number": None, "text": None, "contact_wanted": None, "contact_how": None, "contact_when": None}
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029\x85]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SUBMISSION_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Contact:
    """That somebody wants to be contacted, how, and when."""

    how: str = ""
    when: str = ""


Value = int | str | tuple[str, ...] | Contact  # a score, a text, the keys of choices, or a wish for contact
Values = Mapping[str, Value]  # by the question's key; an unanswered question is not in it


def clean_text(raw: str) -> str:
    """Return `raw` without what no database and no page can hold: lines end in LF, control characters are spaces."""
    text = _LINE_ENDS.sub("\n", raw)
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _CONTROL.sub(" ", text)).strip()


def is_submission_id(text: str) -> bool:
    """Whether `text` is the id of a submission as our own pages make it: 128 bits in hex."""
    return _SUBMISSION_ID.fullmatch(text) is not None


def is_asked(question: QuestionContent, values: Values, survey: SurveyContent) -> bool:
    """Whether `question` is asked, given the answers to those before it (only asked ones may be in `values`)."""
    if question.show_if_key is None:
        return True
    answer = values.get(question.show_if_key)
    if answer is None:
        return False
    return not question.show_if_values.isdisjoint(_signs(question.show_if_key, answer, survey))


def _signs(key: str, answer: Value, survey: SurveyContent) -> tuple[str, ...]:
    if isinstance(answer, int):
        kind = next(question.kind for question in survey.questions if question.key == key)
        return (band(kind, answer),)
    return answer if isinstance(answer, tuple) else ("yes",)


def first_band(values: Values, survey: SurveyContent) -> str:
    """Return the band of the first score, or "" where it was not given."""
    question = survey.first_score
    value = values.get(question.key) if question else None
    return band(question.kind, value) if question and isinstance(value, int) else ""


def scores_of(values: Values, survey: SurveyContent) -> list[tuple[str, int]]:
    """Return kind and number of each score given, in the order of the questions."""
    given = ((question.kind.value, values.get(question.key)) for question in survey.questions)
    return [(kind, value) for kind, value in given if isinstance(value, int)]


def wants_contact(values: Values) -> bool:
    """Whether contact is wanted."""
    return any(isinstance(value, Contact) for value in values.values())


def payload_hash(values: Values) -> str:
    """Return what tells two payloads apart: a sha256, the same whatever the order in which they came."""
    content = {key: plain(value) for key, value in values.items()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def plain(value: Value) -> int | str | tuple[str, ...] | dict[str, str]:
    """Return `value` as JSON can hold it."""
    return {"how": value.how, "when": value.when} if isinstance(value, Contact) else value


def hidden(text: str) -> str:
    """Return what the database keeps of a submission id or a token: its sha256, of which no link can be made."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def receipt_token(secret_key: str, submission_id: str) -> str:
    """Return the token of the receipt link: the same for the same submission, and unknown to the database."""
    digest = hmac.digest(secret_key.encode(), f"receipt:{submission_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def score_from_query(text: str | None, survey: SurveyContent) -> int | None:
    """Return the number that `?score=` preselects, or None where it is none of the first scale."""
    question = survey.first_score
    if question is None or not text or len(text) > 2 or not (text.isascii() and text.isdigit()):
        return None
    return int(text) if int(text) in question.scale else None


def columns_of(value: Value) -> dict[str, Any]:
    """Return the columns of `Answer` that hold `value`."""
    if isinstance(value, int):
        return NO_ANSWER | {"number": value}
    if isinstance(value, str):
        return NO_ANSWER | {"text": value}
    if isinstance(value, Contact):
        return NO_ANSWER | {
            "contact_wanted": True,
            "contact_how": value.how or None,
            "contact_when": value.when or None,
        }
    return NO_ANSWER


def picks(question: QuestionContent, value: Value) -> list[int]:
    """Return the ids of the choices that `value` names."""
    return [choice.id for choice in question.choices if isinstance(value, tuple) and choice.key in value]
