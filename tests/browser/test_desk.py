"""The desk in a real browser: a lead's work by keyboard alone, without JavaScript, and hostile answers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Dialog, Page, expect
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Role, User
from feedback_app.clock import utc_now
from feedback_app.followup.models import Case, CaseNote, FlagKind
from feedback_app.scoring.models import Correction
from tests.support.browser import axe, press, scrolls_sideways
from tests.support.factories import (
    make_case,
    make_customer,
    make_invitation,
    make_response,
    make_run,
    make_score,
    make_survey,
    make_user,
)
from tests.support.staff import sign_in_page

pytestmark = pytest.mark.database("sqlite")
DESK = {"viewport": {"width": 1280, "height": 900}}
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<math><mtext></p><script>alert(1)</script>",
    "{{7*7}}{% raw %}{{config}}",
    "${alert(1)}",
    "<style>*{display:none}</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//evil.example/x>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u2028<script>alert(1)</script>",
    '" autofocus onfocus=alert(1) x="',
    "--><script>alert(1)</script><!--",
)


def unhappy(session: Session, text: str, survey: Any = None, score: int = 8, **values: Any) -> Case:
    """Make a case that the machine has opened; the last sentence of `text` tells."""
    response = make_response(session, survey, {"score": score, "why": text}, **values)
    answer = next(one for one in response.answers if one.text)
    cut = text.rfind(". ") + 2 if ". " in text else 0
    sentences = [[0, cut, 0.1, 0.1, 0.8], [cut, len(text), 0.92, 0.05, 0.03]]
    make_score(session, answer, 0.9, telling_start=cut, telling_end=len(text), sentences=sentences)
    kinds = [FlagKind.UNHAPPY_TEXT, *([FlagKind.LOW_SCORE] if score <= 6 else [])]
    return make_case(session, response, kinds, due_at=utc_now() + timedelta(hours=case_hours(session)))


def case_hours(session: Session) -> int:
    """Return a deadline after that of every case there is."""
    return 1 + (session.scalar(sa.select(sa.func.count()).select_from(Case)) or 0)


@pytest.fixture
def lead(session: Session) -> User:
    """A lead, and a model that has run."""
    make_run(session)
    return make_user(session, name="Siri Lead")


@pytest.mark.parametrize("context_options", [DESK])
def test_a_leads_work_by_keyboard_alone(page: Page, session: Session, lead: User) -> None:
    survey = make_survey(session)
    first, second = (unhappy(session, f"It was fine. Number {n} never came.", survey) for n in (1, 2))
    page.goto("/inbox")
    page.wait_for_selector("input:focus")
    page.keyboard.type(lead.email)
    press(page, "Tab")
    page.keyboard.type("three quiet herons at noon")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()

    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    press(page, "j")
    expect(page.locator(f"#case-{first.id}")).to_be_focused()
    press(page, "j")
    press(page, "u")
    expect(page.locator(f"[data-case='{second.id}']")).to_contain_text("Judged: unhappy")
    expect(page.locator(f"#case-{second.id}")).to_be_focused()
    press(page, "k")
    press(page, "a")
    expect(page.locator(f"[data-case='{first.id}'] .owner")).to_have_text("Siri Lead")
    expect(page.locator(f"#case-{first.id}")).to_be_focused()
    press(page, "Enter")
    expect(page.locator(".full-text mark")).to_have_text("Number 1 never came.")

    press(page, "n")
    expect(page.get_by_text("you found it not unhappy")).to_be_visible()
    press(page, "j")
    expect(page.locator(".full-text mark")).to_have_text("Number 2 never came.")
    page.get_by_label("How did it end?").focus()
    press(page, "ArrowDown")
    press(page, "Tab")
    press(page, "ArrowDown")
    press(page, "Tab")
    page.keyboard.type("Called; all is well. j k u n")
    press(page, "Tab")
    press(page, "Enter")
    expect(page.get_by_text("Resolved by Siri Lead")).to_be_visible()
    press(page, "i")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()

    session.commit()  # ends the read transaction: what the browser did is seen from here on
    assert {row.answer_id: row.unhappy for row in session.scalars(sa.select(Correction))} == {
        first.flags[0].answer_id or first.response.answers[1].id: False,
        second.flags[0].answer_id or second.response.answers[1].id: True,
    }
    assert session.scalars(sa.select(CaseNote.text)).all() == ["Called; all is well. j k u n"]


@pytest.mark.parametrize("context_options", [{**DESK, "java_script_enabled": False}])
def test_the_desk_works_without_javascript(page: Page, session: Session, lead: User) -> None:
    case = unhappy(session, "It was fine. Then nobody came.")
    sign_in_page(page, lead)
    page.get_by_role("button", name="Assign to me").click()
    expect(page.locator(".owner")).to_have_text("Siri Lead")
    page.get_by_role("button", name="Right").click()
    expect(page.get_by_text("Judged: unhappy")).to_be_visible()
    page.locator(f"#case-{case.id}").click()
    page.get_by_label("How did it end?").select_option("Solved the problem")
    page.get_by_label("What was the cause?").select_option("Delivery")
    page.get_by_role("button", name="Resolve the case").click()
    expect(page.get_by_text("Resolved by Siri Lead")).to_contain_text("Solved the problem. Root cause: Delivery")


@pytest.mark.parametrize("context_options", [DESK])
def test_keys_can_be_switched_off(page: Page, session: Session, lead: User) -> None:
    unhappy(session, "Nobody came.")
    sign_in_page(page, lead)
    press(page, "?")
    page.get_by_label("Use these keys in this browser").uncheck()
    page.get_by_role("button", name="Close").click()
    press(page, "j")
    expect(page.locator("[data-open]")).not_to_be_focused()


@pytest.mark.parametrize("context_options", [DESK])
def test_a_note_survives_a_session_that_has_ended(page: Page, session: Session, lead: User) -> None:
    case = unhappy(session, "Nobody came.")
    sign_in_page(page, lead)
    page.goto(f"/cases/{case.id}")
    page.get_by_label("Note for colleagues").fill("A long thought")
    page.reload()
    expect(page.get_by_label("Note for colleagues")).to_have_value("A long thought")


def test_login_inbox_and_case_are_accessible_on_a_phone_and_a_desk(page: Page, session: Session, lead: User) -> None:
    survey = make_survey(session)
    company = make_customer(session, kind="company", name="Laks AS")
    customer = make_customer(session, name="Åse Ødegård", company=company)
    unhappy(session, "Fine. " * 9 + "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter!", survey)
    case = unhappy(session, "It was fine. Nobody came.", survey, 2, customer=customer)
    unhappy(session, "Earlier it was worse. Far worse.", survey, 1, customer=customer)
    problems = []
    page.goto("/login")
    problems += [f"login: {line}" for line in axe(page)]
    sign_in_page(page, lead)
    for path in ("/inbox?q=came&language=en", f"/cases/{case.id}"):
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(path)
            problems += [f"{path} at {width}: {line}" for line in axe(page)]
            if scrolls_sideways(page):
                problems.append(f"{path} at {width} scrolls sideways")
    print(f"axe on login, inbox and case at 360 and 1280 px: {len(problems)} violations")
    assert problems == []


@pytest.mark.parametrize("context_options", [DESK])
def test_thirty_hostile_answers_execute_nothing_on_staff_pages(page: Page, session: Session) -> None:
    """Check 16, the pages for staff."""
    owner = make_user(session, Role.OWNER, name=PAYLOADS[1])
    make_run(session)
    survey = make_survey(session)
    survey.texts[0].title = PAYLOADS[0]
    cases = [hostile(session, survey, payload) for payload in PAYLOADS]
    executed: list[str] = []

    def note(dialog: Dialog) -> None:
        executed.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    sign_in_page(page, owner)
    nonces: list[str] = []
    pages = ["/inbox", "/inbox?q=%3Cscript%3Ealert(1)%3C/script%3E", "/audit", "/settings/lists", "/account"]
    for path in (*pages, *(f"/cases/{case.id}" for case in cases)):
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        nonces += re.findall(r"script-src 'nonce-([^']+)'", response.headers["content-security-policy"])
        assert "evil.example" not in page.url
        expect(page.locator("main")).to_be_visible()
    visited = len(pages) + len(cases)
    print(f"{len(PAYLOADS)} payloads on {visited} staff pages: {len(executed)} executed, {len(set(nonces))} nonces")
    assert len(PAYLOADS) == 30
    assert executed == []
    assert len(set(nonces)) == visited


def hostile(session: Session, survey: Any, payload: str) -> Case:
    """Make a case in which every field that a customer or an import can fill is `payload`."""
    company = make_customer(session, kind="company", name=payload)
    customer = make_customer(session, name=payload, email=f"{payload}@x.example", phone=payload, company=company)
    customer.segment = customer.city = payload
    invitation, _token = make_invitation(session, survey, customer=customer)
    case = unhappy(
        session, f"{payload} {payload}. {payload}", survey, 2, invitation=invitation, customer=customer,
        agent=payload, team=payload, product=payload, order_reference=payload, channel=payload[:40],
    )  # fmt: skip
    session.add(CaseNote(case_id=case.id, at=utc_now(), text=payload))
    session.commit()
    return case
