"""The case: what it shows, and the verdict on what the machine said."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.followup.models import Case, CaseStatus, FlagKind
from feedback_app.scoring.models import Correction
from tests.support.clients import Client
from tests.support.desk import TEXT, do, show
from tests.support.factories import (
    MODEL_VERSION,
    make_case,
    make_customer,
    make_flag,
    make_invitation,
    make_noise,
    make_response,
    make_survey,
    text_of,
)
from tests.support.staff import Staff


def test_it_says_why_it_is_there_in_words_that_a_lead_understands(client: Client, case: Case, staff: Staff) -> None:
    case.flags[0].negative = 0.83
    shown = show(client, case)
    assert "of 100 texts like this, about 83 are unhappy" in shown
    assert '<span class="sentence-pos-2">Fine at first.</span>' in shown
    assert '<mark class="sentence-neg-3">Then nobody came.</mark>' in shown


def test_from_thirty_corrections_on_it_counts_this_sites_own(
    client: Client, session: Session, case: Case, staff: Staff
) -> None:
    base = {
        "machine_unhappy": True, "source": "flag", "model_version": MODEL_VERSION, "threshold": 0.5, "negative": 0.8,
    }  # fmt: skip
    survey = make_survey(session)
    for number in range(30):
        response = make_response(session, survey)
        session.add(Correction(answer_id=text_of(response).id, at=utc_now(), unhappy=number % 3 != 0, **base))
        if number == 28:
            assert "really unhappy" not in show(client, case)
    noise = text_of(make_response(session, survey)).id
    session.add(Correction(answer_id=noise, at=utc_now(), unhappy=False, **(base | {"negative": 0.99})))
    assert "of the last 30 flagged like this, 20 were really unhappy" in show(client, case)


def test_it_shows_all_answers_and_the_context_of_the_invitation(client: Client, session: Session, staff: Staff) -> None:
    customer = make_customer(session, name="Åse Ødegård", company_role="buyer", city="Hammerfest")
    invitation, _token = make_invitation(session, customer=customer)
    response = make_response(
        session, invitation.survey, {"score": 2, "why": TEXT, "contact": True}, invitation=invitation,
        customer=customer, agent="Per", team="North", product="Nets", order_reference="4711", channel="mail",
    )  # fmt: skip
    shown = show(client, make_case(session, response, (FlagKind.LOW_SCORE, FlagKind.CONTACT_WANTED)))
    for words in ("2 of 10", TEXT, "47 11 22 33", "Per", "North", "Nets", "4711", "Åse Ødegård", "Buyer", "Hammerfest"):
        assert words in shown, words


def test_it_shows_what_the_customer_and_the_company_said_before(client: Client, session: Session, staff: Staff) -> None:
    make_noise(session)
    company = make_customer(session, kind="company", name="Fjordlaks AS")
    buyer = make_customer(session, name="Buyer Berit", company=company, company_role="buyer")
    user = make_customer(session, name="User Ulf", company=company, company_role="user")
    survey = make_survey(session)
    make_response(session, survey, {"score": 9, "why": "Buyer was glad."}, customer=buyer)
    make_response(session, survey, {"score": 4, "why": "User was not."}, customer=user)
    make_response(session, survey, {"score": 1, "why": "Taken back."}, customer=user, withdrawn_at=utc_now())
    make_response(session, survey, {"score": 1, "why": "Of somebody else."}, customer=make_customer(session))
    shown = show(client, make_case(session, make_response(session, survey, customer=buyer)))
    assert "Buyer was glad." in shown
    assert "User was not." in shown
    assert "User Ulf" in shown
    assert "Taken back." not in shown
    assert "Of somebody else." not in shown


def test_right_or_wrong_in_one_press_is_a_correction(
    client: Client, session: Session, case: Case, staff: Staff
) -> None:
    answer = text_of(case.response)
    do(staff, case, "judge", answer_id=answer.id, verdict="unhappy")
    do(staff, case, "judge", answer_id=answer.id, verdict="not")
    first, second = session.scalars(sa.select(Correction).order_by(Correction.id))
    assert (first.unhappy, first.current, second.unhappy, second.current) == (True, False, False, True)
    assert (second.machine_unhappy, second.source, second.model_version) == (True, "flag", MODEL_VERSION)
    assert (second.negative, second.threshold, second.user_id) == (0.83, 0.5, staff.user.id)


def test_a_mistake_of_the_machine_alone_is_closed_in_one_more_press(
    client: Client, session: Session, case: Case, staff: Staff
) -> None:
    do(staff, case, "judge", answer_id=text_of(case.response).id, verdict="not")
    assert "Close the case" in show(client, case)
    do(staff, case, "close-mistake")
    session.refresh(case)
    assert case.status == CaseStatus.RESOLVED
    assert case.root_cause is not None
    assert case.root_cause.key == "not_unhappy"


def test_a_low_score_keeps_the_case_whatever_the_text(
    client: Client, session: Session, case: Case, staff: Staff
) -> None:
    make_flag(session, case, FlagKind.LOW_SCORE)
    do(staff, case, "judge", answer_id=text_of(case.response).id, verdict="not")
    assert "Close the case" not in show(client, case)


def test_a_text_of_another_case_cannot_be_judged(session: Session, case: Case, staff: Staff) -> None:
    other = text_of(make_noise(session).response).id
    do(staff, case, "judge", answer_id=other, verdict="not", status=404)
    assert session.scalar(sa.select(sa.func.count()).select_from(Correction)) == 0
