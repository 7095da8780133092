"""Who may call what: every route against its declared policy, forms from elsewhere, and the append-only log."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from feedback_app import create_app
from feedback_app.access import PUBLIC, permits, policy_of
from feedback_app.accounts.models import AuditEntry, Role
from feedback_app.config import Config
from tests.support.clients import Client
from tests.support.staff import COOKIE, sign_in

ROLES = (None, Role.VIEWER, Role.LEAD, Role.OWNER)


def address(rule: Rule) -> str:
    """Return an address that fits the rule, for which there is nothing in the database."""
    values: dict[str, Any] = {}
    for name, converter in rule._converters.items():
        kind = type(converter).__name__
        values[name] = {"IntegerConverter": 999_999, "AnyConverter": None}.get(kind, "x" * 22)
        if kind == "AnyConverter":
            values[name] = sorted(converter.items)[0]  # type: ignore[attr-defined]
    built = rule.build(values)
    assert built is not None
    return built[1]


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Return method, address and policy of every route."""
    found = []
    for rule in app.url_map.iter_rules():
        policy = policy_of(app.view_functions[rule.endpoint])
        assert policy is not None, f"{rule.rule} declares no policy"
        found += [(method, address(rule), policy) for method in sorted(rule.methods or ()) if method != "OPTIONS"]
    return found


@pytest.mark.database("sqlite")
def test_every_route_keeps_its_policy_for_every_role(app: Flask, client: Client, session: Session) -> None:
    """Check 19."""
    checked, wrong = 0, []
    for role in ROLES:
        client.delete_cookie(COOKIE, domain="localhost")
        form = sign_in(client, session, role).form() if role else {"csrf_token": "x"}
        for method, path, policy in routes(app):
            if path == "/logout" and permits(policy, role):
                continue  # it would end the session; its own test signs out
            status = client.open(path, method=method, data=form if method == "POST" else None).status_code
            refused = status == 403 or (status == 302 and role is None and policy != PUBLIC)
            checked += 1
            if refused == permits(policy, role):
                wrong.append((method, path, policy, role, status))
    print(f"{checked} combinations of route, method and role: {len(wrong)} deviations")
    assert wrong == []
    assert checked > 60


@pytest.mark.database("sqlite")
def test_a_view_without_a_policy_is_refused_even_to_owners(config: Config, session: Session) -> None:
    app = create_app(config)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    client.session_of_test = session
    sign_in(client, session, Role.OWNER)
    assert client.get("/forgotten").status_code == 403


def test_anonymous_visitors_are_asked_who_they_are(client: Client) -> None:
    assert client.get("/inbox?tab=mine").headers["Location"] == "/login?next=%2Finbox%3Ftab%3Dmine"
    assert client.post("/cases/1/note").headers["Location"] == "/login"


def test_a_form_without_the_sessions_token_changes_nothing(client: Client, session: Session) -> None:
    staff = sign_in(client, session)
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": "0" * 64}):
        assert client.post("/account", data={"language": "nn"} | token).status_code == 400
    session.refresh(staff.user)
    assert staff.user.language == "en"
    assert client.post("/account", data=staff.form(language="nn")).status_code == 302
    session.refresh(staff.user)
    assert staff.user.language == "nn"


def test_a_token_of_another_session_is_refused(client: Client, session: Session) -> None:
    stolen = sign_in(client, session).form(language="nn")
    sign_in(client, session)
    assert client.post("/account", data=stolen).status_code == 400


def test_a_form_from_another_site_is_refused(client: Client, session: Session) -> None:
    form = sign_in(client, session).form(language="nn")
    assert client.post("/account", data=form, headers={"Sec-Fetch-Site": "same-site"}).status_code == 400


def test_pages_speak_the_users_language(client: Client, session: Session) -> None:
    staff = sign_in(client, session)
    client.post("/account", data=staff.form(language="nb", wants_morning_mail="y"))
    page = client.get("/account", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert '<html lang="nb">' in page
    session.refresh(staff.user)
    assert staff.user.wants_morning_mail


def test_the_audit_log_cannot_be_changed(client: Client, session: Session) -> None:
    staff = sign_in(client, session, Role.OWNER)
    client.post("/settings/lists/causes", data=staff.form(name="Weather"))
    for statement in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"):
        session.commit()
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(sa.text(statement))
        session.rollback()
    assert session.scalars(sa.select(AuditEntry.action)).all() == ["list.added"]
    page = client.get("/audit").get_data(as_text=True)
    assert "list.added" in page
    assert staff.user.name in page


def test_every_staff_page_is_kept_out_of_caches_and_frames(client: Client, session: Session) -> None:
    sign_in(client, session)
    for path in ("/inbox", "/account", "/login"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers.get("Content-Security-Policy", "frame-ancestors 'none'")
