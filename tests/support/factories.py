"""Rows with complete defaults: a test names only what it is about.

Each `make_x(session, ...)` commits, so that `client`, `cli` and `live_server` see the row at once.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Role, User
from feedback_app.answering.models import Answer, AnswerChoice, Response
from feedback_app.clock import utc_now
from feedback_app.customers.models import Customer
from feedback_app.database import Base
from feedback_app.followup.models import Case, CaseText, Flag, FlagKind
from feedback_app.invitations.models import Invitation
from feedback_app.scoring.models import ScoringRun, SentimentScore
from feedback_app.surveys.models import (
    Choice,
    ChoiceText,
    Question,
    QuestionKind,
    QuestionText,
    Survey,
    SurveyStatus,
    SurveyText,
)

PASSWORD = "three quiet herons at noon"  # of every user that `make_user` makes
LANGUAGES = ("en", "nb", "nn")
MODEL_VERSION = "test-model"
_numbers = count(1)
_quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
Row = TypeVar("Row", bound=Base)


def save(session: Session, row: Row) -> Row:
    """Store `row` and commit."""
    session.add(row)
    session.commit()
    return row


def question(key: str, kind: QuestionKind, choices: Sequence[str] = (), **values: Any) -> Question:
    """Return an unsaved question with a wording in each language, for `make_survey(questions=[...])`."""
    texts = [QuestionText(language=language, band="", text=f"{key} ({language})?") for language in LANGUAGES]
    rows = [
        Choice(
            key=name, position=place, texts=[ChoiceText(language=lang, text=f"{name} ({lang})") for lang in LANGUAGES]
        )
        for place, name in enumerate(choices)
    ]
    return Question(**({"key": key, "kind": kind, "texts": texts, "choices": rows} | values))


def usual_questions() -> list[Question]:
    """Return NPS `score` (required), long text `why` and `contact`, all unsaved."""
    return [
        question("score", QuestionKind.NPS, required=True),
        question("why", QuestionKind.LONG),
        question("contact", QuestionKind.CONTACT),
    ]


def make_survey(session: Session, questions: Sequence[Question] | None = None, **values: Any) -> Survey:
    """Make an open survey in three languages; without `questions` it has the usual three."""
    asked = list(usual_questions() if questions is None else questions)
    for place, one in enumerate(asked):
        one.position = place
    number = next(_numbers)
    texts = [
        SurveyText(language=lang, title=f"Survey {number} ({lang})", thanks=f"Thanks ({lang})") for lang in LANGUAGES
    ]
    defaults = {"slug": f"survey-{number}", "status": SurveyStatus.OPEN, "created_at": utc_now(), "texts": texts}
    return save(session, Survey(**(defaults | {"questions": asked} | values)))


def make_customer(session: Session, **values: Any) -> Customer:
    """Make a person outside the company, with a mail address."""
    number = next(_numbers)
    defaults = {"reference": f"C-{number}", "name": f"Kari {number}", "email": f"kari{number}@example.com"}
    return save(session, Customer(**(defaults | {"created_at": utc_now()} | values)))


def make_invitation(
    session: Session, survey: Survey | None = None, token: str | None = None, **values: Any
) -> tuple[Invitation, str]:
    """Make a personal link that is good for 30 days; return it with its token, which the database does not hold."""
    token = token or secrets.token_urlsafe(16)
    now = utc_now()
    defaults: dict[str, Any] = {
        "survey": survey or make_survey(session),
        "token_hash": hashlib.sha256(token.encode()).hexdigest(),
        "created_at": now,
        "expires_at": now + timedelta(days=30),
    }
    if "customer" not in values:
        defaults["customer"] = make_customer(session)
    return save(session, Invitation(**(defaults | values))), token


def make_response(
    session: Session, survey: Survey | None = None, answers: Mapping[str, Any] | None = None, **values: Any
) -> Response:
    """Make a stored response. `answers` maps question keys to a number, a text, choice keys, or (contact) a bool.

    Without `answers` it is a 3 of 10 with a complaint.
    """
    survey = survey or make_survey(session)
    by_key = {one.key: one for one in survey.questions}
    given = {"score": 3, "why": "Nobody called me back."} if answers is None else answers
    rows = [_answer(by_key[key], value) for key, value in given.items()]
    scored = next((row for row in rows if row.question.kind.is_score), None)
    defaults = {
        "survey": survey,
        "survey_version": survey.version,
        "submission_id": secrets.token_hex(16),
        "payload_hash": secrets.token_hex(32),
        "language": "en",
        "submitted_at": utc_now(),
        "source": "invitation" if values.get("invitation") else "link",
        "score_kind": scored.question.kind.value if scored else None,
        "score": scored.number if scored else None,
        "answers": rows,
    }
    return save(session, Response(**(defaults | values)))


def _answer(asked: Question, value: Any) -> Answer:
    if asked.kind.is_score:
        return Answer(question=asked, number=value)
    if asked.kind.is_text:
        return Answer(question=asked, text=value)
    if asked.kind is QuestionKind.CONTACT:
        return Answer(question=asked, contact_wanted=bool(value), contact_how="47 11 22 33" if value else None)
    ids = {choice.key: choice.id for choice in asked.choices}
    picked = [value] if isinstance(value, str) else value
    return Answer(question=asked, choices=[AnswerChoice(choice_id=ids[key]) for key in picked])


def make_user(session: Session, role: Role = Role.LEAD, **values: Any) -> User:
    """Make a member of staff whose password is `PASSWORD`."""
    number = next(_numbers)
    defaults = {"email": f"staff{number}@example.com", "name": f"Ola {number}", "password_hash": _quick.hash(PASSWORD)}
    return save(session, User(**(defaults | {"role": role, "created_at": utc_now()} | values)))


def make_score(session: Session, answer: Answer, negative: float = 0.9, **values: Any) -> SentimentScore:
    """Make the ledger row of a text: scored, unhappy from 0.5 up."""
    unhappy = negative >= 0.5
    defaults = {
        "answer_id": answer.id,
        "model_version": MODEL_VERSION,
        "scored_at": utc_now(),
        "label": "negative" if unhappy else "positive",
        "negative": negative,
        "neutral": 0.0,
        "positive": 1 - negative,
        "threshold": 0.5,
        "unhappy": unhappy,
        "language": "en",
        "language_sure": True,
    }
    return save(session, SentimentScore(**(defaults | values)))


def make_run(session: Session, **values: Any) -> ScoringRun:
    """Make a nightly run that succeeded just now."""
    now = utc_now()
    defaults = {"started_at": now - timedelta(minutes=2), "finished_at": now, "state": "succeeded"}
    return save(session, ScoringRun(**({"model_version": MODEL_VERSION} | defaults | values)))


def text_of(response: Response) -> Answer:
    """Return the first answer of a response that has a text."""
    return next(answer for answer in response.answers if answer.text)


def make_case(
    session: Session, response: Response | None = None, kinds: Sequence[str] = (FlagKind.LOW_SCORE,), **values: Any
) -> Case:
    """Make an open case of `response` with a flag of each of `kinds`, due 48 hours after the answer."""
    response = response or make_response(session)
    defaults = {
        "response": response,
        "survey": response.survey,
        "customer": response.customer,
        "language": response.language,
        "opened_at": response.submitted_at,
        "answered_at": response.submitted_at,
        "due_at": response.submitted_at + timedelta(hours=48),
    }
    case = save(session, Case(**(defaults | values)))
    body = "\n".join(answer.text for answer in response.answers if answer.text)
    session.add(CaseText(case_id=case.id, body=body))
    for kind in kinds:
        make_flag(session, case, kind)
    return case


def make_flag(session: Session, case: Case | None = None, kind: str = FlagKind.LOW_SCORE, **values: Any) -> Flag:
    """Make a reason of `case` (without one: of a new case that has no other)."""
    case = case or make_case(session, kinds=())
    defaults = {"case_id": case.id, "response_id": case.response_id, "kind": kind, "raised_at": utc_now()}
    if kind == FlagKind.UNHAPPY_TEXT:
        texts = [answer for answer in case.response.answers if answer.text]
        defaults |= {"negative": 0.9, "threshold": 0.5, "model_version": MODEL_VERSION}
        defaults |= {"answer_id": texts[0].id if texts else None}
    return save(session, Flag(**(defaults | values)))


def make_noise(session: Session) -> Case:
    """Make rows of every sort that no test is about, so that a query that forgets its WHERE finds too much."""
    invitation, _token = make_invitation(session, make_survey(session, slug=f"noise-{next(_numbers)}"))
    response = make_response(session, invitation.survey, invitation=invitation, customer=invitation.customer)
    make_score(session, text_of(response))
    make_user(session, Role.VIEWER)
    return make_case(session, response, kinds=(FlagKind.LOW_SCORE, FlagKind.UNHAPPY_TEXT))
