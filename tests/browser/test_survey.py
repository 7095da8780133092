"""The customer's path in a real browser: by keyboard alone, without JavaScript, over a reload and a lost connection."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.clock import utc_now
from feedback_app.surveys.models import Question, QuestionKind, QuestionText, Survey, SurveyStatus
from tests.support.browser import axe, scrolls_sideways
from tests.support.factories import make_invitation, make_survey, question

pytestmark = pytest.mark.database("sqlite")
LANGUAGES = ("en", "nb", "nn")


def why() -> Question:
    """Return a text question that the band of the score words."""
    asked = question("why", QuestionKind.LONG)
    asked.texts += [QuestionText(language=lang, band="low", text=f"What went wrong ({lang})?") for lang in LANGUAGES]
    return asked


def conditional_survey(session: Session) -> Survey:
    """Make a survey whose second question is only for the unhappy."""
    part = question("part", QuestionKind.MULTIPLE, ["time", "tone"], show_if_key="score", show_if_values=["low"])
    contact = question("contact", QuestionKind.CONTACT)
    return make_survey(session, [question("score", QuestionKind.NPS, required=True), part, why(), contact])


def stored(session: Session) -> list[Response]:
    """Return what is stored by now."""
    session.rollback()
    return list(session.scalars(sa.select(Response)))


def texts(session: Session) -> list[str | None]:
    """Return the texts that are stored by now."""
    session.rollback()
    return list(session.scalars(sa.select(Answer.text).where(Answer.text.is_not(None))))


def test_a_survey_can_be_answered_by_keyboard_alone(page: Page, session: Session) -> None:
    page.goto(f"/s/{conditional_survey(session).slug}")
    press = page.keyboard.press

    def tab_to(selector: str) -> None:
        for _ in range(30):
            press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"the keyboard does not reach {selector}")

    tab_to("form button")
    press("Enter")
    expect(page.locator("#problems")).to_be_focused()
    press("Tab")
    press("Enter")
    expect(page.locator("#q-score")).to_be_focused()
    press("Space")
    press("ArrowRight")
    tab_to("[value=tone]")
    press("Space")
    tab_to("textarea")
    page.keyboard.type("Nobody called me back.")
    tab_to("#q-contact")
    press("Space")
    tab_to("#q-contact-how")
    page.keyboard.type("47 11 22 33")
    press("Enter")
    page.wait_for_url("**/thanks")
    [response] = stored(session)
    assert response.score == 1
    assert texts(session) == ["Nobody called me back."]


def test_questions_appear_and_are_worded_by_what_was_answered(page: Page, session: Session) -> None:
    page.goto(f"/s/{conditional_survey(session).slug}")
    part = page.locator("[data-question='q.part']")
    expect(part).to_be_hidden()
    expect(page.get_by_text("Question 2 of 3")).to_be_visible()
    page.get_by_label("2", exact=True).check()
    expect(part).to_be_visible()
    expect(page.get_by_text("What went wrong (en)?")).to_be_visible()
    expect(page.get_by_text("Question 3 of 4")).to_be_visible()
    page.get_by_label("9", exact=True).check()
    expect(part).to_be_hidden()
    expect(page.get_by_text("why (en)?")).to_be_visible()


def test_a_draft_survives_a_reload_and_ends_with_the_submission(page: Page, session: Session) -> None:
    path = f"/s/{conditional_survey(session).slug}"
    page.goto(path)
    page.get_by_label("2", exact=True).check()
    page.get_by_label("tone (en)").check()
    page.locator("textarea").fill("Half a sent")
    page.reload()
    expect(page.locator("textarea")).to_have_value("Half a sent")
    expect(page.get_by_label("tone (en)")).to_be_checked()
    page.locator("textarea").fill("A whole sentence.")
    page.get_by_role("button").click()
    page.wait_for_url("**/thanks")
    page.goto(path)
    expect(page.locator("textarea")).to_have_value("")
    assert texts(session) == ["A whole sentence."]


def test_a_newer_tap_in_a_mail_wins_over_the_draft(page: Page, session: Session) -> None:
    path = f"/s/{conditional_survey(session).slug}"
    page.goto(f"{path}?score=9")
    page.locator("textarea").fill("Kept")
    page.goto(f"{path}?score=3")
    expect(page.get_by_label("3", exact=True)).to_be_checked()
    expect(page.locator("textarea")).to_have_value("Kept")


def test_a_lost_connection_loses_nothing_and_stores_once(page: Page, session: Session) -> None:
    page.goto(f"/s/{conditional_survey(session).slug}")
    page.get_by_label("9", exact=True).check()
    page.locator("textarea").fill("Sent from a tunnel")
    lost = 0

    def tunnel(route: Route) -> None:
        nonlocal lost
        if route.request.method != "POST" or lost == 2:
            route.continue_()
            return
        lost += 1
        if lost == 2:
            route.fetch(max_redirects=0)  # it arrives, but its answer is lost
        route.abort("connectionfailed")

    page.route("**/s/*", tunnel)
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("No connection just now")
    page.wait_for_url("**/thanks", timeout=15_000)
    assert (lost, texts(session)) == (2, ["Sent from a tunnel"])


def test_characters_are_counted_and_too_many_are_not_cut(page: Page, session: Session) -> None:
    page.goto(f"/s/{conditional_survey(session).slug}?score=9")
    page.locator("textarea").fill("😀" * 10)
    expect(page.locator(".count")).to_have_text("Characters left: 4,990")
    page.locator("textarea").fill("a" * 5001)
    expect(page.locator(".count")).to_have_text("Characters too many: 1")
    page.get_by_role("button").click()
    expect(page.locator("#problems")).to_contain_text("one character too long")
    assert len(page.locator("textarea").input_value()) == 5001
    assert stored(session) == []


@pytest.mark.parametrize("context_options", [{"java_script_enabled": False}])
def test_everything_works_without_javascript(page: Page, session: Session) -> None:
    page.goto(f"/s/{conditional_survey(session).slug}")
    expect(page.get_by_text("Only if you chose 0 to 6 above.")).to_be_visible()
    page.get_by_role("button").click()
    expect(page.locator("#problems")).to_be_focused()
    page.get_by_label("9", exact=True).check()
    page.get_by_label("tone (en)").check()
    page.locator("textarea").fill("Without scripts")
    page.get_by_role("button").click()
    page.wait_for_url("**/thanks")
    page.locator(".address a").click()
    page.get_by_role("link", name="Correct my answer").click()
    page.locator("textarea").fill("Corrected without scripts")
    page.get_by_role("button").click()
    expect(page.get_by_text("Corrected without scripts")).to_be_visible()
    page.get_by_text("Delete it").click()
    page.get_by_role("button", name="Delete my answer for good").click()
    expect(page.get_by_role("heading", name="Your answer is deleted")).to_be_visible()
    assert stored(session) == []


def check(page: Page, address: str, found: list[str]) -> None:
    """Note what axe finds on a page, and whether it scrolls sideways at 320 px."""
    page.goto(address)
    found += [f"{address}: {problem}" for problem in axe(page)]
    if scrolls_sideways(page):
        found.append(f"{address}: scrolls sideways")


@pytest.mark.parametrize("context_options", [{"viewport": {"width": 320, "height": 640}}])
def test_no_public_page_has_a_barrier_in_any_language(page: Page, session: Session) -> None:
    survey = conditional_survey(session)
    closed, draft = (make_survey(session, status=status) for status in (SurveyStatus.CLOSED, SurveyStatus.DRAFT))
    _invitation, token = make_invitation(session, survey)
    _expired, expired = make_invitation(session, survey, expires_at=utc_now())
    found: list[str] = []
    for language in LANGUAGES:
        page.goto(f"/s/{survey.slug}?lang={language}&score=2")
        page.locator("#q-contact").check()
        page.locator("form button").click()
        page.wait_for_selector("#problems")
        found += [f"errors {language}: {problem}" for problem in axe(page)]
        page.locator("#q-contact-how").fill("47")
        page.locator("form button").click()
        page.wait_for_url("**/thanks")
        thanks = page.url
        receipt = thanks.removesuffix("/thanks")
        addresses = [f"/s/{survey.slug}", f"/i/{token}", f"/s/{survey.slug}/privacy", thanks, receipt]
        addresses += [f"{receipt}/correct", f"/s/{closed.slug}", f"/s/{draft.slug}", f"/i/{expired}", "/deleted", "/x"]
        for address in addresses:
            check(page, f"{address}?lang={language}", found)
    assert found == []


def test_everything_that_can_be_pressed_is_large_enough(page: Page, session: Session) -> None:
    page.goto(f"/s/{conditional_survey(session).slug}?score=2")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.scale label, .option, button, .languages a, textarea, .facts a')]
        .map(e => [e.className || e.tagName, e.getBoundingClientRect()])
        .filter(([, box]) => box.height > 0 && (box.width < 44 || box.height < 38))
        .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
    )
    assert small == []
