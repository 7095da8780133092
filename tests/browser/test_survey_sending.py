"""The survey in a real browser: what sending does, what the first page weighs, where the focus is, and dark screens."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Request, Route, expect
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from tests.support.browser import axe
from tests.support.clients import CliRunner
from tests.support.databases import ROOT

pytestmark = pytest.mark.database("sqlite")
TEMPLATE = ROOT / "feedback_app" / "surveys" / "templates" / "csat-support.yaml"
ADDRESS = "/s/csat-support?lang=en"
MOST_BYTES = 20_000
PAUSES = [1, 2, 4, 8, 15, 30, 30, 30]  # seconds between attempts to send


@pytest.fixture
def survey(cli: CliRunner, page: Page) -> Page:
    """The survey about a support case, open in a browser: CSAT, choices, a text worded by band, contact."""
    cli.run("create-survey", TEMPLATE)
    page.goto(ADDRESS)
    return page


def fill_in(page: Page) -> None:
    """Answer as somebody who is dissatisfied."""
    page.get_by_label("2", exact=True).check()
    page.get_by_label("Partly").check()
    page.locator("textarea").fill("I waited for two hours.")


def await_tries(page: Page, tries: list[str | None], count: int) -> None:
    """Wait until the page has tried to send `count` times; what comes too late is seen by the caller."""
    for _look in range(500):
        if len(tries) >= count:
            return
        page.wait_for_timeout(20)


def stored(session: Session) -> tuple[list[int | None], list[str | None]]:
    """Return scores and texts of all that is stored."""
    session.rollback()
    texts = session.scalars(sa.select(Answer.text).where(Answer.text.is_not(None)))
    return list(session.scalars(sa.select(Response.score))), list(texts)


def test_the_first_page_is_light_and_no_page_sets_a_cookie(survey: Page, context: BrowserContext) -> None:
    finished: list[Request] = []
    fresh = context.browser.new_context(base_url=survey.url) if context.browser else context
    page = fresh.new_page()  # with nothing in its cache
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(survey.url, wait_until="networkidle")
    sizes = {request.url: request.sizes() for request in finished if not request.url.startswith("data:")}
    weights = {url: size["responseHeadersSize"] + size["responseBodySize"] for url, size in sizes.items()}
    for url, weight in weights.items():
        print(f"{weight:>6} bytes, headers too: {url}")
    print(f"{sum(weights.values()):>6} bytes in all, at most {MOST_BYTES}")
    assert len(weights) == 3  # the page, its style sheet, its script
    assert all(url.startswith(survey.url.split("/s/")[0]) for url in weights)
    assert 2_000 < sum(weights.values()) <= MOST_BYTES
    fill_in(page)
    page.get_by_role("button").click()
    page.wait_for_url("**/thanks")
    page.goto(page.url.removesuffix("/thanks"))
    assert fresh.cookies() == []
    fresh.close()


def test_a_mistake_is_told_in_place_and_mended_there(survey: Page, session: Session) -> None:
    survey.get_by_label("4", exact=True).check()
    survey.locator("textarea").fill("x" * 5001)
    expect(survey.locator(".count + [aria-live]")).to_have_text("Characters too many: 1")
    survey.get_by_role("button").click()
    problems = survey.locator("#problems")
    expect(problems).to_be_focused()
    problems.get_by_role("link", name="one character too long").click()
    expect(survey.locator("textarea")).to_be_focused()
    survey.keyboard.press("Delete")
    problems.get_by_role("link", name="Please choose").click()
    expect(survey.get_by_label("Yes", exact=True)).to_be_focused()
    survey.keyboard.press("Space")
    survey.get_by_role("button").click()
    survey.wait_for_url("**/thanks")
    assert stored(session) == ([4], ["x" * 5000])


def test_sending_gives_up_in_the_end_and_goes_on_when_asked(survey: Page, session: Session) -> None:
    tries: list[str | None] = []

    def lose(route: Route, request: Request) -> None:
        if request.method != "POST":
            route.continue_()
            return
        tries.append(request.post_data)
        route.abort("internetdisconnected")

    survey.clock.install()
    survey.route("**/s/**", lose)
    fill_in(survey)
    button, status = survey.get_by_role("button"), survey.get_by_role("status")
    button.dblclick()
    expect(status).to_contain_text("No connection just now")
    for done, seconds in enumerate(PAUSES, 1):
        await_tries(survey, tries, done)
        expect(status).to_contain_text("No connection just now")  # the pause has begun
        survey.clock.run_for(seconds * 1000)  # and no further: a request that is under way has a time limit, too
    expect(status).to_contain_text("could not be sent")
    assert len(tries) == 1 + len(PAUSES)  # two presses are one submission, tried so often
    assert len(set(tries)) == 1
    survey.unroute("**/s/**")
    button.click()
    survey.wait_for_url("**/thanks")
    assert stored(session) == ([2], ["I waited for two hours."])
    assert survey.evaluate("localStorage.length") == 0


def test_the_focus_can_be_seen_wherever_it_stops(survey: Page) -> None:
    fill_in(survey)
    survey.reload()
    where = """() => {
        const field = document.activeElement;
        const shown = field.closest('.scale label')?.querySelector('span') ?? field;
        return [field.name || field.tagName, getComputedStyle(shown).outlineStyle, field.matches('button')];
    }"""
    stops: dict[str, str] = {}
    for _press in range(30):
        survey.keyboard.press("Tab")
        name, outline, last = survey.evaluate(where)
        stops[name] = outline
        if last:
            break
    assert {"A", "q.csat", "q.solved", "q.missing", "q.why", "q.contact", "BUTTON"} == set(stops)
    assert set(stops.values()) == {"solid"}


@pytest.mark.parametrize("context_options", [{"color_scheme": "dark", "locale": "nb-NO"}])
def test_dark_screens_have_no_barrier_either(survey: Page) -> None:
    found = [f"survey: {problem}" for problem in axe(survey)]
    survey.get_by_role("button").click()
    survey.wait_for_selector("#problems")
    found += [f"errors: {problem}" for problem in axe(survey)]
    fill_in(survey)
    found += [f"filled in: {problem}" for problem in axe(survey)]
    survey.get_by_role("button").click()
    survey.wait_for_url("**/thanks")
    found += [f"thanks: {problem}" for problem in axe(survey)]
    survey.goto(survey.url.removesuffix("/thanks"))
    survey.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found += [f"receipt: {problem}" for problem in axe(survey)]
    assert found == []
