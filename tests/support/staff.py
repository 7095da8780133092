"""Signed-in staff for tests: `staff = sign_in(client, session)`; then `client.post(url, data=staff.form(...))`."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Role, StaffSession, User
from feedback_app.accounts.rules import sha256
from feedback_app.clock import utc_now
from tests.support.clients import Client
from tests.support.factories import PASSWORD, make_user, save

COOKIE = "stemme"


@dataclass(frozen=True)
class Staff:
    """Somebody who is signed in on a client."""

    client: Client
    user: User

    def form(self, **values: Any) -> dict[str, Any]:
        """Return `values` with the token that the session's own pages put into their forms."""
        page = self.client.get("/account").get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, "no form on the account page: not signed in?"
        return {"csrf_token": found.group(1), **values}


def sign_in(client: Client, session: Session, role: Role = Role.LEAD, user: User | None = None) -> Staff:
    """Sign a (new) member of staff in on `client`, without the login page."""
    user = user or make_user(session, role)
    token, now = secrets.token_urlsafe(32), utc_now()
    expires = now + timedelta(hours=12)
    save(
        session,
        StaffSession(token_hash=sha256(token), user_id=user.id, created_at=now, seen_at=now, expires_at=expires),
    )
    client.set_cookie(COOKIE, token, domain="localhost")
    return Staff(client, user)


def sign_in_page(page: Page, user: User) -> None:
    """Sign `user` in on a browser page, through the login page."""
    page.goto("/login")
    page.get_by_label("Mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
