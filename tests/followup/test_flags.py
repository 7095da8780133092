"""Flags: every reason raises one, each once, and the case says whom to call first."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.clock import utc_now
from feedback_app.followup import service
from feedback_app.followup.models import Case, CaseEvent, CaseStatus, CaseText, Flag
from feedback_app.surveys.models import Polarity, QuestionKind
from tests.support.factories import (
    MODEL_VERSION,
    make_customer,
    make_noise,
    make_response,
    make_run,
    make_score,
    make_survey,
    text_of,
)
from tests.support.factories import question as ask

NOW = utc_now()


def kinds(session: Session, response: Response) -> set[str]:
    """Return why `response` was flagged."""
    return set(session.scalars(sa.select(Flag.kind).where(Flag.response_id == response.id)))


def case_of(session: Session, response: Response) -> Case:
    """Return the case of `response` as it stands in the database."""
    session.expire_all()
    return session.scalars(sa.select(Case).where(Case.response_id == response.id)).one()


@pytest.mark.parametrize(
    ("kind", "low", "fine"), [(QuestionKind.NPS, 6, 7), (QuestionKind.CSAT, 2, 3), (QuestionKind.CES, 3, 4)]
)
def test_a_low_score_is_flagged_at_once(session: Session, kind: QuestionKind, low: int, fine: int) -> None:
    survey = make_survey(session, [ask("score", kind)])
    unhappy, content = make_response(session, survey, {"score": low}), make_response(session, survey, {"score": fine})
    assert service.flag_response(session, unhappy.id, NOW) == 1
    assert service.flag_response(session, content.id, NOW) == 0
    assert kinds(session, unhappy) == {"low_score"}
    assert not kinds(session, content)


def test_a_score_of_zero_is_a_score(session: Session) -> None:
    response = make_response(session, answers={"score": 0})
    assert service.flag_response(session, response.id, NOW) == 1


def test_a_survey_decides_what_is_low(session: Session) -> None:
    survey = make_survey(session, nps_flag_at=3)
    assert service.flag_response(session, make_response(session, survey, {"score": 4}).id, NOW) == 0
    assert service.flag_response(session, make_response(session, survey, {"score": 3}).id, NOW) == 1


def test_a_low_second_score_is_flagged_too(session: Session) -> None:
    survey = make_survey(session, [ask("score", QuestionKind.NPS), ask("ease", QuestionKind.CES)])
    response = make_response(session, survey, {"score": 9, "ease": 1})
    assert service.flag_response(session, response.id, NOW) == 1


def test_who_wants_contact_is_flagged_whatever_the_score(session: Session) -> None:
    response = make_response(session, answers={"score": 10, "contact": True})
    service.flag_response(session, response.id, NOW)
    assert kinds(session, response) == {"contact_wanted"}


def test_flagging_twice_raises_nothing_twice(session: Session) -> None:
    response = make_response(session)
    assert [service.flag_response(session, response.id, NOW) for _ in range(2)] == [1, 0]
    assert session.scalar(sa.select(sa.func.count()).select_from(CaseEvent)) == 1


def test_the_deadline_runs_from_the_answer(session: Session) -> None:
    survey = make_survey(session, followup_hours=24)
    response = make_response(session, survey, submitted_at=NOW - timedelta(hours=10))
    service.flag_response(session, response.id, NOW)
    case = case_of(session, response)
    assert (case.due_at, case.opened_at) == (response.submitted_at + timedelta(hours=24), NOW)


def test_an_unhappy_text_is_flagged_with_what_the_model_said(session: Session) -> None:
    noise = make_noise(session)
    response = make_response(session, answers={"score": 8, "why": "Never again."})
    make_score(session, text_of(response), 0.83)
    assert service.flag_scored(session, [response.id], MODEL_VERSION, NOW) == 1
    flag = session.scalars(sa.select(Flag).where(Flag.response_id == response.id)).one()
    assert (flag.kind, flag.negative, flag.threshold, flag.model_version) == ("unhappy_text", 0.83, 0.5, MODEL_VERSION)
    assert flag.answer_id == text_of(response).id
    assert case_of(session, noise.response).lock_version == noise.lock_version


def test_a_high_score_with_an_angry_text_is_a_contradiction(session: Session) -> None:
    response = make_response(session, answers={"score": 9, "why": "Never again."})
    make_score(session, text_of(response), 0.9)
    service.flag_scored(session, [response.id], MODEL_VERSION, NOW)
    assert kinds(session, response) == {"unhappy_text", "contradiction"}


@pytest.mark.parametrize(("negative", "expected"), [(0.1, {"low_score", "contradiction"}), (0.3, {"low_score"})])
def test_a_low_score_with_thanks_is_a_contradiction_where_the_model_is_sure(
    session: Session, negative: float, expected: set[str]
) -> None:
    response = make_response(session, answers={"score": 2, "why": "Thank you all."})
    make_score(session, text_of(response), negative)
    service.flag_scored(session, [response.id], MODEL_VERSION, NOW)
    assert kinds(session, response) == expected


def test_praise_that_was_asked_for_contradicts_nothing(session: Session) -> None:
    survey = make_survey(
        session, [ask("score", QuestionKind.NPS), ask("good", QuestionKind.LONG, polarity=Polarity.PRAISE)]
    )
    response = make_response(session, survey, {"score": 2, "good": "The friendly driver."})
    make_score(session, text_of(response), 0.05)
    service.flag_scored(session, [response.id], MODEL_VERSION, NOW)
    assert kinds(session, response) == {"low_score"}


def test_another_versions_score_flags_nothing(session: Session) -> None:
    response = make_response(session, answers={"score": 8, "why": "Never again."})
    make_score(session, text_of(response), 0.9, model_version="old")
    assert service.flag_scored(session, [response.id], MODEL_VERSION, NOW) == 0


def test_the_night_adds_its_reason_to_the_case_of_the_day(session: Session) -> None:
    response = make_response(session)
    service.flag_response(session, response.id, NOW)
    before = case_of(session, response)
    rank, version = before.urgency_rank, before.lock_version
    make_score(session, text_of(response), 0.95)
    assert service.flag_scored(session, [response.id], MODEL_VERSION, NOW) == 1
    after = case_of(session, response)
    assert after.urgency_rank < rank
    assert after.lock_version == version, "a lead at work on the case must not be interrupted"


def test_the_most_urgent_comes_first(session: Session) -> None:
    survey = make_survey(session)
    furious = make_response(session, survey, {"score": 0, "why": "Never again.", "contact": True})
    make_score(session, text_of(furious), 0.97)
    low = make_response(session, survey, {"score": 5})
    wants_contact = make_response(session, survey, {"score": 9, "contact": True})
    service.flag_scored(session, [low.id, furious.id, wants_contact.id], MODEL_VERSION, NOW)
    ranks = [case_of(session, response).urgency_rank for response in (furious, wants_contact, low)]
    assert ranks == sorted(set(ranks))
    assert ranks[0] == 0


def test_the_search_knows_the_texts_and_the_customers_name(session: Session) -> None:
    company = make_customer(session, kind="company", name="Fjordlaks AS")
    customer = make_customer(session, name="Åse Ødegård", company=company)
    response = make_response(session, customer=customer)
    service.flag_response(session, response.id, NOW)
    body = session.scalar(sa.select(CaseText.body))
    assert body is not None
    assert set(body.splitlines()) == {"Nobody called me back.", "Åse Ødegård", "Fjordlaks AS"}


def test_a_withdrawn_response_has_no_case_in_any_list(session: Session) -> None:
    response = make_response(session)
    service.flag_response(session, response.id, NOW)
    service.response_withdrawn(session, response.id, NOW)
    assert case_of(session, response).status == CaseStatus.WITHDRAWN
    assert session.scalar(sa.select(CaseText.body)) is None
    response.withdrawn_at = NOW
    assert service.flag_response(session, response.id, NOW) == 0


def test_a_correction_reaches_the_case_and_a_new_reason_opens_it_again(session: Session) -> None:
    response = make_response(session)
    service.flag_response(session, response.id, NOW)
    case = case_of(session, response)
    case.status, case.resolved_at = CaseStatus.RESOLVED, NOW
    text_of(response).text, response.corrected_at = "Still nobody.", NOW
    response.answers.append(
        Answer(question=next(q for q in response.survey.questions if q.key == "contact"), contact_wanted=True)
    )
    assert service.flag_response(session, response.id, NOW) == 1
    assert case_of(session, response).status == CaseStatus.OPEN
    assert session.scalar(sa.select(CaseText.body)) == "Still nobody."


def test_an_objection_takes_back_what_the_machine_read(session: Session) -> None:
    by_machine = make_response(session, answers={"score": 8, "why": "Never again."})
    by_score = make_response(session)
    for response in (by_machine, by_score):
        make_score(session, text_of(response), 0.9)
    service.flag_scored(session, [by_machine.id, by_score.id], MODEL_VERSION, NOW)
    for response in (by_machine, by_score):
        service.response_objected(session, response.id, NOW)
    assert session.scalars(sa.select(Case.response_id)).all() == [by_score.id]
    assert kinds(session, by_score) == {"low_score"}


def test_a_score_of_the_current_version_counts_when_a_response_is_flagged_again(session: Session) -> None:
    make_run(session)
    response = make_response(session, answers={"score": 8, "why": "Never again."})
    make_score(session, text_of(response), 0.9)
    assert service.flag_response(session, response.id, NOW) == 1


def test_a_batch_costs_a_fixed_number_of_statements(session: Session) -> None:
    survey = make_survey(session)
    responses = [make_response(session, survey) for _ in range(12)]
    for response in responses:
        make_score(session, text_of(response), 0.9)
    ids, statements = [response.id for response in responses], []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *a: statements.append(a[2]))
    session.expire_all()
    assert service.flag_scored(session, ids, MODEL_VERSION, NOW) == 12
    print(f"{len(statements)} statements for 12 new cases")
    assert len(statements) <= 6
