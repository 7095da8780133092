"""The main job, in a browser and with the real model: customers answer, the night reads, a lead finds the unhappy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Role
from tests.support.clients import CliRunner
from tests.support.databases import ROOT, environment
from tests.support.factories import PASSWORD, make_user
from tests.support.servers import LiveServer

pytestmark = pytest.mark.database("sqlite")  # what differs between the databases is tested without a browser

SURVEYS = ROOT / "feedback_app" / "demo"
FURIOUS = "Dette er helt uakseptabelt. Jeg har ventet i fire uker, ingen svarer meg, og nå sier jeg opp abonnementet."
HAPPY = "Everything worked at once, and the technician was friendly and quick. Thank you so much!"
ANGRY = "I am furious. You have charged me twice again, and nobody answers my complaints. This is a disgrace."


def answer(page: Page, address: str, score: int, why: str) -> None:
    """Answer a survey as a customer does on a phone."""
    page.goto(address)
    page.locator(f"label:has(input[name='q.score'][value='{score}'])").click()
    page.locator("textarea[name='q.why']").fill(why)
    page.locator("form[data-survey] button").click()
    page.wait_for_url("**/r/*/thanks")


def run_the_night(database_url: str, folder: Path) -> str:
    """Score as the scheduler does: `flask score` in a process of its own, with the configured model."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "score"],
        cwd=ROOT,
        env=environment(database_url, folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_lead_finds_exactly_the_two_unhappy_customers_of_three(
    page: Page, live_server: LiveServer, cli: CliRunner, session: Session, database_url: str, tmp_path: Path
) -> None:
    for name in ("nps", "csat", "ces"):
        cli.run("create-survey", SURVEYS / f"{name}.yaml")
    lead = make_user(session, Role.LEAD)

    answer(page, "/s/nordlys-support?lang=nb", 1, FURIOUS)
    answer(page, "/s/nordlys-installation?lang=en", 7, HAPPY)
    answer(page, "/s/nordlys?lang=en", 9, ANGRY)
    assert "Scored 3 texts" in run_the_night(database_url, tmp_path / "instance")

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/inbox")
    page.get_by_label("address").fill(lead.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/inbox")

    cases = page.locator("[data-case]")
    expect(cases).to_have_count(2)
    furious, angry = cases.filter(has_text="fire uker"), cases.filter(has_text="charged me twice")
    expect(furious).to_contain_text("Low score")
    expect(furious).to_contain_text("Unhappy text")
    expect(furious).not_to_contain_text("disagree")
    expect(angry).to_contain_text("Unhappy text")
    expect(angry).to_contain_text("Score and text disagree")
    expect(angry).not_to_contain_text("Low score")
    expect(cases.first).to_contain_text("fire uker")  # a very low score and a furious text come first

    angry.locator("[data-open]").click()
    page.wait_for_url("**/cases/*")
    expect(page.locator("main")).to_contain_text(ANGRY)
    expect(page.locator("main")).to_contain_text("of 100 texts like this")
