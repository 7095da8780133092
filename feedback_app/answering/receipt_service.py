"""What customers may do with an answer of their own: correct, withdraw, delete it, object to a machine's reading it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.content import SurveyContent
from feedback_app.answering.days import forget_days
from feedback_app.answering.models import Answer, AnswerChoice, Response, ResponseRevision
from feedback_app.answering.queries import list_answers
from feedback_app.answering.rules import Contact, Value, Values, columns_of, picks, plain, scores_of
from feedback_app.errors import ConflictError, GoneError


def values_of(survey: SurveyContent, answers: list[Answer]) -> dict[str, Value]:
    """Return stored answers as values, those to questions that are still asked."""
    by_question = {answer.question_id: answer for answer in answers}
    values: dict[str, Value] = {}
    for question in survey.questions:
        answer = by_question.get(question.id)
        if answer is None:
            continue
        if answer.number is not None:
            values[question.key] = answer.number
        elif answer.text is not None:
            values[question.key] = answer.text
        elif answer.contact_wanted:
            values[question.key] = Contact(answer.contact_how or "", answer.contact_when or "")
        elif answer.choices:
            ids = {picked.choice_id for picked in answer.choices}
            values[question.key] = tuple(choice.key for choice in question.choices if choice.id in ids)
    return values


def written_of(survey: SurveyContent, values: Values) -> Mapping[str, list[str]]:
    """Return values as the form's fields hold them."""
    written: dict[str, list[str]] = {}
    for question in survey.questions:
        value = values.get(question.key)
        if isinstance(value, Contact):
            written |= dict(zip(question.fields, (["yes"], [value.how], [value.when]), strict=True))
        elif isinstance(value, tuple):
            written[question.field] = list(value)
        elif value is not None:
            written[question.field] = [str(value)]
    return written


def correct_response(session: Session, survey: SurveyContent, response_id: int, values: Values, now: datetime) -> bool:
    """Replace the answers by `values` and keep what they said before; return whether anything was different.

    Answers to questions that are no longer asked stay as they are. Raises `GoneError` where the response was deleted
    meanwhile, and `ConflictError` where it was withdrawn.
    """
    response = _locked(session, response_id)
    if response.withdrawn_at is not None:
        raise ConflictError
    answers = list_answers(session, response_id)
    before = values_of(survey, answers)
    if before == dict(values):
        return False
    content = {key: plain(value) for key, value in before.items()}
    session.add(ResponseRevision(response_id=response_id, replaced_at=now, content=content))
    by_question = {answer.question_id: answer for answer in answers}
    for question in survey.questions:
        old, new = before.get(question.key), values.get(question.key)
        if old == new:
            continue
        if new is None:
            session.delete(by_question[question.id])
            continue
        answer = by_question.get(question.id)
        if answer is None:
            answer = Answer(response_id=response_id, question_id=question.id)
            session.add(answer)
        _set(answer, columns_of(new), picks(question, new))
    kind, score = next(iter(scores_of(values, survey)), (None, None))
    response.corrected_at, response.score_kind, response.score = now, kind, score
    session.flush()
    forget_days(session, [response.submitted_at])
    return True


def _set(answer: Answer, columns: Mapping[str, Any], choices: list[int]) -> None:
    for name, value in columns.items():
        setattr(answer, name, value)
    kept = [picked for picked in answer.choices if picked.choice_id in choices]
    there = {picked.choice_id for picked in kept}
    answer.choices = kept + [AnswerChoice(choice_id=choice) for choice in choices if choice not in there]


def withdraw_response(session: Session, response_id: int, now: datetime) -> bool:
    """Take a response out of every figure and list, but keep it; return whether it was in them until now."""
    response = _locked(session, response_id)
    if response.withdrawn_at is not None:
        return False
    response.withdrawn_at = now
    session.flush()
    forget_days(session, [response.submitted_at])
    return True


def object_to_reading(session: Session, response_id: int, now: datetime) -> bool:
    """Remember that no machine may read a response; return whether that is new."""
    response = _locked(session, response_id)
    if response.objected_at is not None:
        return False
    response.objected_at = now
    session.flush()
    return True


def delete_response(session: Session, response_id: int) -> None:
    """Delete a response with all that hangs on it: answers, corrections, scores, case. Twice changes nothing."""
    statement = sa.delete(Response).where(Response.id == response_id).returning(Response.submitted_at)
    gone = session.scalars(statement, execution_options={"synchronize_session": False}).all()
    forget_days(session, gone)


def _locked(session: Session, response_id: int) -> Response:
    """Return a response that nobody else can change until the commit."""
    response = session.scalars(sa.select(Response).where(Response.id == response_id).with_for_update()).first()
    if response is None:
        raise GoneError
    return response
