"""The inbox: the most urgent first, filters in the address, paging without gaps, and what each row tells."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Role
from feedback_app.clock import utc_now
from feedback_app.followup import queries_inbox
from feedback_app.followup.listing import Listing
from feedback_app.followup.models import CaseStatus, FlagKind
from tests.support.clients import Client
from tests.support.desk import cases, listed, page
from tests.support.factories import (
    make_case,
    make_customer,
    make_flag,
    make_response,
    make_run,
    make_score,
    make_survey,
    make_user,
    text_of,
)
from tests.support.staff import Staff, sign_in

NOW = utc_now()


def test_the_most_urgent_comes_first_and_then_the_earliest_deadline(
    client: Client, session: Session, staff: Staff
) -> None:
    calm, late, urgent, later = cases(session, 4)
    calm.urgency_rank, urgent.urgency_rank = 5, 0
    late.urgency_rank = later.urgency_rank = 3
    assert listed(client) == [urgent.id, late.id, later.id, calm.id]


def test_each_tab_shows_its_own(client: Client, session: Session, staff: Staff) -> None:
    fresh, mine, overdue, resolved, merged, withdrawn = cases(session, 6)
    for case in (mine, overdue):
        case.opened_at = NOW - timedelta(days=9)
    fresh.opened_at = NOW
    mine.owner_id, overdue.due_at = staff.user.id, NOW - timedelta(hours=1)
    resolved.status, resolved.resolved_at = CaseStatus.RESOLVED, NOW
    merged.status, withdrawn.status = CaseStatus.MERGED, CaseStatus.WITHDRAWN
    staff.user.inbox_seen_at = staff.user.inbox_visit_at = NOW - timedelta(days=1)
    assert listed(client, tab="new") == [fresh.id]
    assert set(listed(client, tab="open")) == {fresh.id, mine.id, overdue.id}
    assert listed(client, tab="mine") == [mine.id]
    assert listed(client, tab="overdue") == [overdue.id]
    assert listed(client, tab="resolved") == [resolved.id]
    counts = re.findall(r'<span class="count[^"]*">([^<]*)<', page(client))
    assert counts == ["1", "3", "1", "1", "1"]


def test_what_came_since_the_last_visits_end_stays_new_during_this_visit(
    client: Client, session: Session, staff: Staff
) -> None:
    (case,) = cases(session, 1)
    staff.user.inbox_visit_at = NOW - timedelta(hours=20)
    case.opened_at = NOW - timedelta(hours=10)
    assert [listed(client, tab="new") for _ in range(2)] == [[case.id], [case.id]]
    session.refresh(staff.user)
    staff.user.inbox_visit_at = utc_now() - timedelta(hours=2)
    assert listed(client, tab="new") == []


@pytest.mark.parametrize("tab", ["open", "overdue", "resolved"])
def test_paging_goes_through_the_whole_list_and_back_without_gap_or_repeat(
    client: Client, session: Session, staff: Staff, monkeypatch: pytest.MonkeyPatch, tab: str
) -> None:
    monkeypatch.setattr(queries_inbox, "PAGE", 3)
    for number, case in enumerate(cases(session, 8)):
        case.urgency_rank, case.due_at = number % 2, NOW - timedelta(hours=number // 3)  # many equal keys
        if tab == "resolved":
            case.status, case.resolved_at = CaseStatus.RESOLVED, NOW - timedelta(hours=number // 3)
    session.commit()
    listing, seen, after = Listing(staff.user.id, None, tab), [], None
    pages = []
    while True:
        found = queries_inbox.inbox_page(session, listing, utc_now(), after=after)
        pages.append([row.case.id for row in found.rows])
        seen += pages[-1]
        after = found.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 8
    assert [len(one) for one in pages] == [3, 3, 2]
    back = queries_inbox.inbox_page(session, listing, utc_now(), before=found.previous)
    assert [row.case.id for row in back.rows] == pages[1]
    first = queries_inbox.inbox_page(session, listing, utc_now(), before=back.previous)
    assert ([row.case.id for row in first.rows], first.previous) == (pages[0], None)


def test_a_made_up_cursor_does_no_harm(client: Client, staff: Staff) -> None:
    for cursor in ["x", "1~2", "9" * 400, "1~99999999999999999999~1", "-1~-1~-1", "~~", "\x00"]:
        assert client.get("/inbox?" + urlencode({"after": cursor})).status_code in (200, 302)


def test_filters_that_make_no_sense_do_no_harm(client: Client, staff: Staff) -> None:
    surrogate = "\ud800".encode("utf-8", "surrogatepass")
    for value in ("", "x", "-1", "0", str(2**63), "9" * 30, "\x00", "'", "½", surrogate):
        query = dict.fromkeys(("tab", "survey", "reason", "language", "owner", "age", "q"), value)
        assert client.get("/inbox?" + urlencode(query)).status_code == 200, value


def test_filters_stand_in_the_address(client: Client, session: Session, staff: Staff) -> None:
    colleague = make_user(session)
    one, two = cases(session, 2)
    two.owner_id, two.language, two.answered_at = colleague.id, "nn", NOW - timedelta(days=9)
    make_flag(session, two, FlagKind.CONTACT_WANTED)
    other_survey = make_case(session)
    assert set(listed(client, survey=one.survey_id)) == {one.id, two.id}
    assert listed(client, survey=other_survey.survey_id) == [other_survey.id]
    assert listed(client, reason="contact_wanted") == [two.id]
    assert listed(client, language="nn") == [two.id]
    assert listed(client, owner=colleague.id) == [two.id]
    assert set(listed(client, owner="none")) == {one.id, other_survey.id}
    assert listed(client, age="older") == [two.id]
    assert set(listed(client, age="day")) == {one.id, other_survey.id}
    assert listed(client, language="nn", survey=other_survey.survey_id) == []


def test_a_row_tells_what_a_lead_needs(client: Client, session: Session, staff: Staff) -> None:
    company = make_customer(session, kind="company", name="Fjordlaks AS")
    customer = make_customer(session, name="Åse Ødegård", company=company)
    survey = make_survey(session)
    response = make_response(
        session, survey, {"score": 9, "why": "Fine at first. Then nobody came. Twice."}, customer=customer,
        submitted_at=NOW - timedelta(hours=50),
    )  # fmt: skip
    make_score(session, text_of(response), 0.9, telling_start=15, telling_end=32)
    make_run(session)
    make_case(session, response, (FlagKind.UNHAPPY_TEXT, FlagKind.CONTRADICTION))
    shown = page(client)
    assert "<mark>Then nobody came.</mark>" in shown
    for words in ("9 of 10", "Unhappy text", "Score and text disagree", "Machine", "Åse Ødegård", "Fjordlaks AS"):
        assert words in shown
    assert "Survey" in shown
    assert "Overdue by 2 hours" in shown
    assert "Nobody yet" in shown


def test_a_viewer_reads_and_has_no_buttons(client: Client, session: Session) -> None:
    cases(session, 1)
    sign_in(client, session, Role.VIEWER)
    shown = page(client)
    assert 'id="case-' in shown
    assert "Assign to me" not in shown


def test_an_action_in_a_row_leads_back_to_the_row(client: Client, session: Session, staff: Staff) -> None:
    (case,) = cases(session, 1)
    form = staff.form(lock_version=case.lock_version, owner="me", back="/inbox?tab=open&language=en")
    response = client.post(f"/cases/{case.id}/assign", data=form)
    assert response.headers["Location"] == f"/inbox?tab=open&language=en#case-{case.id}"
    session.refresh(case)
    assert case.owner_id == staff.user.id
    assert case.first_touch_at is not None
    form = staff.form(lock_version=case.lock_version, owner="me", back="https://evil.example/")
    assert client.post(f"/cases/{case.id}/assign", data=form).headers["Location"].startswith("/inbox#")


def test_an_empty_inbox_says_so(client: Client, staff: Staff) -> None:
    assert "No customer is waiting for help" in page(client)
    assert "Nothing fits these filters" in page(client, q="x")


def test_a_page_costs_a_fixed_number_of_statements(client: Client, session: Session, staff: Staff) -> None:
    cases(session, 30)
    listing = Listing(staff.user.id, None)
    session.commit()
    statements: list[str] = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    queries_inbox.inbox_page(session, listing, utc_now())
    reads = [statement for statement in statements if statement != "BEGIN"]
    print(f"{len(reads)} statements for a page of 30 cases")
    assert len(reads) <= 5
