"""A real browser: Debian's Chromium, driven by Playwright, and axe-core to judge accessibility."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.support.servers import LiveServer

HOW_TO_GET_CHROMIUM = "Chromium is missing; run `make browser` as root, or: apt-get install chromium fonts-dejavu-core"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
PATIENCE = 30_000  # milliseconds; on a busy machine a page may take its time
expect.set_options(timeout=PATIENCE)
AXE = Path(__file__).with_name("axe.min.js")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker. Where it is missing the test fails and says how to get it."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail(HOW_TO_GET_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """What went wrong on a page: script errors, console errors (a refusal by the CSP is one), foreign requests.

    The test fails at its end if any is left in `problems`.
    """

    def __init__(self, own: str) -> None:
        self.own = own
        self.problems: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        """Watch every page of `context`."""
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda event: self.problems.append(f"script error: {event.error}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.own, "data:", "blob:", "about:")):
            self.problems.append(f"foreign request: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        expected = ("Failed to load resource",)  # a 4xx page that the test asked for
        if message.type == "error" and not message.text.startswith(expected):
            self.problems.append(f"console: {message.text}")


@pytest.fixture
def watch(live_server: LiveServer) -> Iterator[Watch]:
    """Collects what goes wrong in `context`; fails the test if anything did."""
    watch = Watch(live_server.url)
    yield watch
    assert watch.problems == []


@pytest.fixture
def context_options() -> dict[str, Any]:
    """Options of the browser context; override or parametrise: `{"java_script_enabled": False}`."""
    return {}


@pytest.fixture
def context(
    browser: Browser, live_server: LiveServer, watch: Watch, context_options: dict[str, Any]
) -> Iterator[BrowserContext]:
    """A browser profile of its own; paths are relative to `live_server`. A phone of 360 x 740, in English."""
    options = {"base_url": live_server.url, "locale": "en-GB", "viewport": {"width": 360, "height": 740}}
    context = browser.new_context(**(options | context_options))
    context.set_default_timeout(PATIENCE)
    watch.follow(context)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One page: `page.goto("/s/support")`."""
    return context.new_page()


def axe(page: Page) -> list[str]:
    """Return what axe-core (WCAG 2.2 A and AA, best practice) finds wrong, a line each; none if all is well."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", WCAG)
    return [
        f"{violation['id']}: {violation['help']}: {' '.join(map(str, node['target']))}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def press(page: Page, key: str) -> None:
    """Press a key once the page is there with its scripts, as a person would; text is to be seen before they run."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
