"""What a lead does with a case, and that nobody overwrites anybody."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.accounts.models import AuditEntry, Role
from feedback_app.clock import utc_now
from feedback_app.followup.models import Case, CaseEvent, CaseNote, CaseStatus, RootCause
from tests.support.clients import Client
from tests.support.desk import TEXT, do, lists, show
from tests.support.factories import (
    make_case,
    make_customer,
    make_noise,
    make_response,
    make_survey,
    make_user,
)
from tests.support.staff import Staff, sign_in


def test_resolving_needs_outcome_and_root_cause(session: Session, case: Case, staff: Staff) -> None:
    page = do(staff, case, "resolve", outcome=lists(session)["outcome"], note="Typed with care", status=422)
    assert "Choose what the cause was." in page
    assert "Typed with care" in page
    do(staff, case, "resolve", **lists(session), note="Called her.")
    session.refresh(case)
    assert (case.status, case.resolved_by_id, case.owner_id) == ("resolved", staff.user.id, staff.user.id)
    assert session.scalars(sa.select(CaseNote.text)).all() == ["Called her."]
    do(staff, case, "reopen")
    session.refresh(case)
    assert (case.status, case.outcome_id, case.resolved_at) == ("open", None, None)
    kinds = session.scalars(sa.select(CaseEvent.kind).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id))
    assert kinds.all() == ["resolved", "reopened"]


def test_of_two_leads_the_second_learns_who_was_first_and_loses_nothing(
    client: Client, session: Session, case: Case, staff: Staff
) -> None:
    loaded = case.lock_version
    do(staff, case, "resolve", **lists(session))
    session.refresh(case)
    second = sign_in(client, session, user=make_user(session, name="Second Siri"))
    form = second.form(lock_version=loaded, text="What I found out")
    response = client.post(f"/cases/{case.id}/note", data=form)
    page = html.unescape(response.get_data(as_text=True))
    assert response.status_code == 409
    assert f"{staff.user.name} was first" in page
    assert "resolved it: Solved the problem" in page
    assert "What I found out</textarea>" in page
    assert not session.scalars(sa.select(CaseNote)).all()
    form["lock_version"] = case.lock_version
    assert client.post(f"/cases/{case.id}/note", data=form).status_code == 302
    assert session.scalars(sa.select(CaseNote.text)).all() == ["What I found out"]


def test_every_change_makes_pages_from_before_too_old(session: Session, case: Case, staff: Staff) -> None:
    actions: tuple[tuple[str, dict[str, Any]], ...] = (
        ("note", {"text": "x"}),
        ("assign", {"owner": "me"}),
        ("replied", {}),
        ("reopen", {}),
    )
    for action, values in actions:
        loaded = case.lock_version
        if action == "reopen":
            do(staff, case, "resolve", **lists(session))
            session.refresh(case)
        do(staff, case, action, **values)
        session.refresh(case)
        assert case.lock_version > loaded, action


def test_cases_of_one_customer_are_merged_and_taken_apart(client: Client, session: Session, staff: Staff) -> None:
    customer = make_customer(session)
    survey = make_survey(session)
    one, two = (make_case(session, make_response(session, survey, customer=customer)) for _ in range(2))
    two.urgency_rank = 0
    one.urgency_rank = 4
    stranger = make_noise(session)
    do(staff, one, "merge", other=stranger.id, status=422)
    do(staff, one, "merge", other=two.id)
    session.expire_all()
    assert (two.status, two.merged_into_id, one.status, one.urgency_rank) == ("merged", one.id, "open", 0)
    assert f"Case {one.id}" in show(client, two)
    do(staff, two, "reopen")
    session.expire_all()
    assert (two.status, two.merged_into_id) == ("open", None)


def test_a_case_goes_only_to_somebody_who_can_work_on_it(session: Session, case: Case, staff: Staff) -> None:
    for user in (make_user(session, Role.VIEWER), make_user(session, active=False)):
        do(staff, case, "assign", owner=user.id, status=422)
    do(staff, case, "assign", owner=2**53 - 1, status=422)
    do(staff, case, "assign", owner="x", status=400)
    colleague = make_user(session)
    do(staff, case, "assign", owner=colleague.id)
    session.refresh(case)
    assert case.owner_id == colleague.id
    do(staff, case, "assign", owner="")
    session.refresh(case)
    assert case.owner_id is None


def test_next_and_previous_follow_the_list_even_after_resolving(client: Client, session: Session, staff: Staff) -> None:
    survey = make_survey(session)
    now = utc_now()
    one, two, three = (
        make_case(session, make_response(session, survey), due_at=now + timedelta(hours=hour)) for hour in range(3)
    )
    make_case(session, language="nn", due_at=now + timedelta(minutes=30))
    page = client.get(f"/cases/{two.id}?language=en").get_data(as_text=True)
    assert f'data-previous href="/cases/{one.id}?language=en"' in page
    assert f'data-next href="/cases/{three.id}?language=en"' in page
    do(staff, two, "resolve", **lists(session))
    assert f'data-next href="/cases/{three.id}?language=en"' in client.get(f"/cases/{two.id}?language=en").get_data(
        as_text=True
    )


def test_the_reply_draft_is_a_mail_in_the_customers_language(client: Client, session: Session, staff: Staff) -> None:
    customer = make_customer(session, name="Åse", email="ase@example.com")
    response = make_response(session, answers={"score": 1, "why": "Ring meg & kom\nsnart?"}, customer=customer)
    page = show(client, make_case(session, response))
    assert "mailto:ase@example.com?subject=" in page
    assert "%3E%20Ring%20meg%20%26%20kom%0D%0A%3E%20snart%3F" in page


def test_an_address_that_is_none_makes_no_link(client: Client, session: Session, staff: Staff) -> None:
    customer = make_customer(session, email="a@b.example?bcc=all@example.com&x=<y>")
    page = show(client, make_case(session, make_response(session, customer=customer)))
    assert "mailto:a@b.example%3Fbcc%3Dall@example.com" in page or "mailto:" not in page
    assert "?bcc=" not in page.replace("a@b.example?bcc=all@example.com&x=<y>", "")


def test_a_withdrawn_and_an_unknown_case_have_no_page(
    client: Client, session: Session, case: Case, staff: Staff
) -> None:
    case.status = CaseStatus.WITHDRAWN
    show(client, case, 410)
    assert TEXT not in show(client, case, 410)
    for number in (10**9, 2**53 - 1, 2**63, "x", -1):
        assert client.get(f"/cases/{number}").status_code == 404


def test_what_was_done_stands_in_the_history_and_in_the_audit_log(
    client: Client, session: Session, case: Case, staff: Staff
) -> None:
    do(staff, case, "note", text="Something private")
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "case.noted")).one()
    assert (entry.user_id, entry.object_type, entry.object_id) == (staff.user.id, "case", str(case.id))
    assert "private" not in str(entry.detail)
    assert "wrote a note" in show(client, case)


def test_a_note_that_is_empty_or_endless_is_refused(session: Session, case: Case, staff: Staff) -> None:
    for text in ("", "   ", "x" * 5001):
        do(staff, case, "note", text=text, status=422)
    assert not session.scalars(sa.select(CaseNote)).all()


def test_owners_keep_the_lists(client: Client, session: Session, case: Case) -> None:
    staff = sign_in(client, session, Role.OWNER)
    assert client.post("/settings/lists/causes", data=staff.form(name="Weather")).status_code == 302
    weather = session.scalars(sa.select(RootCause).where(RootCause.name == "Weather")).one()
    url = f"/settings/lists/causes/{weather.id}"
    client.post(url, data=staff.form(action="rename", name="The weather"))
    client.post(url, data=staff.form(action="hide"))
    session.refresh(weather)
    assert (weather.name, weather.active) == ("The weather", False)
    assert "The weather" not in show(client, case)
    client.post(url, data=staff.form(action="show"))
    assert "The weather" in show(client, case)
    assert session.scalars(sa.select(AuditEntry.action).where(AuditEntry.object_type == "root_cause")).all() == [
        "list.added", "list.renamed", "list.hidden", "list.shown",
    ]  # fmt: skip
