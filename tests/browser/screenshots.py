"""Take the README's pictures of a running `make demo`: `python -m tests.browser.screenshots ADDRESS PASSWORD`.

Where the program `pngquant` is installed, the files become a third of the size.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from playwright.sync_api import Page, ViewportSize, sync_playwright

from feedback_app.demo.__main__ import LOGIN
from tests.support.browser import FLAGS
from tests.support.databases import ROOT

FOLDER = ROOT / "docs" / "screenshots"
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 360, "height": 740}


def take(page: Page, name: str) -> None:
    """Write what the window shows to `docs/screenshots/<name>.png`."""
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    if program := shutil.which("pngquant"):
        subprocess.run([program, "--force", "--skip-if-larger", "--output", str(file), str(file)], check=False)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1024} KB")


def main(address: str, password: str) -> None:
    """Take the inbox, a case with several reasons, and the survey on a phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(base_url=address, viewport=DESK, locale="en-GB")
        page.goto("/login")
        page.get_by_label("address").fill(LOGIN)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/inbox")
        take(page, "inbox")
        page.goto("/inbox?q=dobbeltfakturering")
        page.locator("[data-open]").first.click()
        page.wait_for_url("**/cases/*")
        take(page, "case")
        page.set_viewport_size(PHONE)
        page.goto("/s/nordlys-support?lang=en")
        page.locator("label:has(input[name='q.score'][value='2'])").click()
        page.locator("label:has(input[name='q.score'][value='2'])").scroll_into_view_if_needed()
        take(page, "survey")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
