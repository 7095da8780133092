"""Reads of one case: its texts and answers, its history, and what the customer and the company said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from feedback_app.answering.models import Answer, AnswerChoice, Response
from feedback_app.customers.models import Customer
from feedback_app.errors import GoneError, NotFoundError
from feedback_app.followup.models import Case, CaseEvent, CaseNote, CaseStatus, Flag, FlagKind, Listed
from feedback_app.scoring.models import Correction, SentimentScore
from feedback_app.scoring.queries_confidence import Confidence, site_confidence
from feedback_app.scoring.queries_version import current_model_version
from feedback_app.surveys.models import Choice, ChoiceText, Question, QuestionText

EARLIER = 8  # answers of the customer, and as many of colleagues in the company


@dataclass(frozen=True)
class Reading:
    """What the machine made of a text, how often it is right about texts like this here, and a person's verdict."""

    score: SentimentScore
    site: Confidence | None
    verdict: Correction | None


@dataclass(frozen=True)
class Said:
    """One answer with its question's wording."""

    answer: Answer
    question: str
    choices: list[str]
    reading: Reading | None


@dataclass(frozen=True)
class Earlier:
    """Another response, in short."""

    response: Any
    text: str | None
    case_id: int | None
    case_status: str | None


def get_case(session: Session, case_id: int) -> Case:
    """Return a case with what its page shows of people. Raises `NotFoundError`, or `GoneError` where withdrawn."""
    options = (
        joinedload(Case.response),
        joinedload(Case.survey),
        joinedload(Case.customer).joinedload(Customer.company),
        joinedload(Case.owner),
        joinedload(Case.resolved_by),
        joinedload(Case.outcome),
        joinedload(Case.root_cause),
        selectinload(Case.flags),
    )
    case = session.scalar(sa.select(Case).where(Case.id == case_id).options(*options))
    if case is None:
        raise NotFoundError("there is no such case")
    if case.status == CaseStatus.WITHDRAWN:
        raise GoneError("the customer has withdrawn this answer")
    return case


def answers_of(session: Session, case: Case, language: str) -> list[Said]:
    """Return all answers of the case's response in the survey's order, the questions in `language` where possible."""
    statement = sa.select(Answer, Question).join(Question).where(Answer.response_id == case.response_id)
    rows = session.execute(statement.order_by(Question.position, Answer.id)).all()
    wording = _wordings(session, [question.id for _answer, question in rows], (language, case.language))
    picked = _picked(session, [answer.id for answer, _question in rows], (language, case.language))
    readings = _readings(session, [answer.id for answer, _question in rows if answer.text])
    return [
        Said(answer, wording.get(question.id, question.key), picked.get(answer.id, []), readings.get(answer.id))
        for answer, question in rows
    ]


def history(session: Session, case_id: int) -> Sequence[CaseEvent]:
    """Return what happened, the latest first."""
    statement = sa.select(CaseEvent).where(CaseEvent.case_id == case_id).options(joinedload(CaseEvent.user))
    return session.scalars(statement.order_by(CaseEvent.id.desc())).all()


def notes(session: Session, case_id: int) -> Sequence[CaseNote]:
    """Return the notes on a case and on those merged into it, the oldest first."""
    ids = sa.select(Case.id).where(Case.merged_into_id == case_id)
    mine = sa.or_(CaseNote.case_id == case_id, CaseNote.case_id.in_(ids))
    statement = sa.select(CaseNote).where(mine).options(joinedload(CaseNote.user))
    return session.scalars(statement.order_by(CaseNote.at, CaseNote.id)).all()


def last_change_by_others(session: Session, case_id: int, user_id: int) -> CaseEvent | None:
    """Return what somebody else did last; for whoever comes second."""
    statement = sa.select(CaseEvent).where(CaseEvent.case_id == case_id, CaseEvent.user_id.is_not(None))
    statement = statement.where(CaseEvent.user_id != user_id).options(joinedload(CaseEvent.user))
    return session.scalar(statement.order_by(CaseEvent.id.desc()).limit(1))


def mergeable(session: Session, case: Case) -> Sequence[Case]:
    """Return other open cases of the same customer."""
    if case.customer_id is None:
        return []
    statement = sa.select(Case).where(Case.customer_id == case.customer_id, Case.status == CaseStatus.OPEN)
    statement = statement.where(Case.id != case.id).options(joinedload(Case.response))
    return session.scalars(statement.order_by(Case.answered_at.desc()).limit(EARLIER)).all()


def merged_into(session: Session, case_id: int) -> Sequence[int]:
    """Return the cases that were put into this one."""
    return session.scalars(sa.select(Case.id).where(Case.merged_into_id == case_id).order_by(Case.id)).all()


def earlier_of_customer(session: Session, case: Case) -> list[Earlier]:
    """Return what the same customer said at other times, the latest first."""
    if case.customer_id is None:
        return []
    return _earlier(session, case, Response.customer_id == case.customer_id)


def earlier_of_company(session: Session, case: Case) -> list[Earlier]:
    """Return what others of the same company said: buyer, user and purchasing agent side by side."""
    if case.customer is None:
        return []
    company_id = case.customer.company_id or case.customer.id
    people = sa.select(Customer.id).where(
        sa.or_(Customer.company_id == company_id, Customer.id == company_id), Customer.id != case.customer.id
    )
    return _earlier(session, case, Response.customer_id.in_(people))


def list_entries(session: Session, table: type[Listed]) -> Sequence[Listed]:
    """Return all entries of one of the owner's lists, in its order; `active` ones may be chosen."""
    return session.scalars(sa.select(table).order_by(table.position, table.id)).all()


def _earlier(session: Session, case: Case, whose: sa.ColumnElement[bool]) -> list[Earlier]:
    statement = sa.select(Response, Case.id, Case.status).outerjoin(Case, Case.response_id == Response.id)
    statement = statement.where(whose, Response.id != case.response_id, Response.withdrawn_at.is_(None))
    statement = statement.options(joinedload(Response.customer)).order_by(Response.submitted_at.desc()).limit(EARLIER)
    rows = session.execute(statement).all()
    if not rows:
        return []
    texts = sa.select(Answer.response_id, Answer.text).where(
        Answer.response_id.in_([row[0].id for row in rows]), Answer.text.is_not(None)
    )
    longest: dict[int, str] = {}
    for response_id, text in session.execute(texts):
        longest[response_id] = max(longest.get(response_id, ""), text or "", key=len)
    return [Earlier(response, longest.get(response.id), case_id, status) for response, case_id, status in rows]


def _wordings(session: Session, question_ids: list[int], languages: tuple[str, str]) -> dict[int, str]:
    statement = sa.select(QuestionText.question_id, QuestionText.language, QuestionText.text)
    statement = statement.where(QuestionText.question_id.in_(question_ids), QuestionText.band == "")
    return _preferred(session.execute(statement), languages)


def _picked(session: Session, answer_ids: list[int], languages: tuple[str, str]) -> dict[int, list[str]]:
    statement = sa.select(AnswerChoice.answer_id, Choice.id, Choice.key).join(Choice)
    statement = statement.where(AnswerChoice.answer_id.in_(answer_ids))
    rows = session.execute(statement.order_by(Choice.position)).all()
    if not rows:
        return {}
    worded = sa.select(ChoiceText.choice_id, ChoiceText.language, ChoiceText.text)
    names = _preferred(session.execute(worded.where(ChoiceText.choice_id.in_([row[1] for row in rows]))), languages)
    found: dict[int, list[str]] = {}
    for answer_id, choice_id, key in rows:
        found.setdefault(answer_id, []).append(names.get(choice_id, key))
    return found


def _preferred(rows: Any, languages: tuple[str, str]) -> dict[int, str]:
    """Return one wording for each thing: in the first of `languages` that it has, else in any."""
    best: dict[int, tuple[int, str]] = {}
    for key, language, text in rows:
        place = languages.index(language) if language in languages else len(languages)
        best[key] = min(best.get(key, (9, "")), (place, text))
    return {key: text for key, (_place, text) in best.items()}


def _readings(session: Session, answer_ids: list[int]) -> dict[int, Reading]:
    if not answer_ids:
        return {}
    version = current_model_version(session)
    scores = sa.select(SentimentScore).where(SentimentScore.answer_id.in_(answer_ids))
    current = sa.case((SentimentScore.model_version == version, 1), else_=0)
    ordered = session.scalars(scores.order_by(current, SentimentScore.scored_at))
    by_answer = {score.answer_id: score for score in ordered}  # the last one stays: the current version's
    verdicts = sa.select(Correction).where(Correction.current, Correction.answer_id.in_(answer_ids))
    judged = {row.answer_id: row for row in session.scalars(verdicts.options(joinedload(Correction.user)))}
    return {
        answer_id: Reading(score, _site(session, score), judged.get(answer_id))
        for answer_id, score in by_answer.items()
    }


def _site(session: Session, score: SentimentScore) -> Confidence | None:
    return site_confidence(session, score.model_version, score.negative) if score.unhappy and score.negative else None


def flag_of(case: Case, kind: FlagKind) -> Flag | None:
    """Return one of the case's reasons, or None."""
    return next((flag for flag in case.flags if flag.kind == kind), None)
