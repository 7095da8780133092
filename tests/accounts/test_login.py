"""Signing in: who gets in, who waits, and which cookies are good for nothing."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.accounts import passwords, rules, service
from feedback_app.accounts.models import LoginAttempt, Role, StaffSession, User
from feedback_app.clock import utc_now
from tests.support.clients import Client, CliRunner
from tests.support.factories import PASSWORD, make_user
from tests.support.staff import COOKIE, sign_in


def log_in(client: Client, email: str, password: str = PASSWORD, address: str = "192.0.2.7", **data: str) -> Any:
    """Send the login form from `address`."""
    form = {"email": email, "password": password, **data}
    return client.post("/login", data=form, environ_overrides={"REMOTE_ADDR": address})


def cookie_of(response: Any) -> str | None:
    """Return the session token that `response` sets, or None."""
    cookies = SimpleCookie("\n".join(response.headers.getlist("Set-Cookie")))
    return cookies[COOKIE].value if COOKIE in cookies else None


def is_signed_in(client: Client, token: str | None) -> bool:
    """Whether a browser with this cookie is let in."""
    client.set_cookie(COOKIE, token or "", domain="localhost")
    return bool(client.get("/account").status_code == 200)


def watch_passwords(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Return a list that fills with the stored hash of each password that is verified."""
    verified: list[str | None] = []
    real = passwords.password_matches

    def watched(stored: str | None, given: str) -> bool:
        verified.append(stored)
        return real(stored, given)

    monkeypatch.setattr(passwords, "password_matches", watched)
    return verified


def test_the_right_password_opens_the_page_that_was_asked_for(client: Client, session: Session) -> None:
    user = make_user(session)
    asked = client.get("/account?x=1")
    assert asked.headers["Location"] == "/login?next=%2Faccount%3Fx%3D1"
    response = log_in(client, user.email.upper(), next="/account?x=1")
    assert (response.status_code, response.headers["Location"]) == (302, "/account?x=1")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/account").status_code == 200


def test_only_a_hash_of_the_token_is_stored(client: Client, session: Session) -> None:
    token = cookie_of(log_in(client, make_user(session).email))
    assert token is not None
    assert session.scalars(sa.select(StaffSession.token_hash)).all() == [rules.sha256(token)]
    assert not is_signed_in(client, rules.sha256(token))


def test_next_never_leads_away(client: Client, session: Session) -> None:
    user = make_user(session)
    for target in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil",
        "x",
    ):
        assert log_in(client, user.email, next=target).headers["Location"] == "/inbox", target


def test_a_wrong_password_an_unknown_and_a_disabled_user_look_the_same(client: Client, session: Session) -> None:
    known, disabled = make_user(session).email, make_user(session, active=False).email
    pages = [
        log_in(client, email, password).get_data(as_text=True).replace(email, "X")
        for email, password in ((known, "wrong"), ("nobody@example.com", "wrong"), (disabled, PASSWORD))
    ]
    strip = [page[page.index("<form") : page.index("</form>")] for page in pages]
    assert strip[0] == strip[1] == strip[2]
    assert "wrong" in strip[0]


def test_an_unknown_user_costs_as_much_as_a_known_one(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user(session)
    verified = watch_passwords(monkeypatch)
    assert service.user_for(session, user.email, "wrong") is None
    assert service.user_for(session, "nobody@example.com", "wrong") is None
    assert verified == [user.password_hash, None]
    parameters = passwords._NOBODY.rsplit("$", 2)[0]
    assert passwords.hash_password("anything at all").startswith(parameters)


def test_a_thousand_guesses_from_one_address(client: Client, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 20; on PostgreSQL with fewer."""
    user, verified = make_user(session), watch_passwords(monkeypatch)
    guesses = 1000 if session.get_bind().dialect.name == "sqlite" else 150
    statuses = [log_in(client, user.email, f"guess {number}").status_code for number in range(guesses)]
    print(f"{guesses} guesses from one address: {len(verified)} verified, {statuses.count(429)} refused unread")
    assert len(verified) <= 20
    assert set(statuses) == {401, 429}
    refused = log_in(client, user.email)
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert log_in(client, user.email, address="198.51.100.9").status_code == 302


def test_guesses_at_many_accounts_from_one_address_are_slowed_down_too(client: Client, session: Session) -> None:
    statuses = [log_in(client, f"somebody{number}@example.com").status_code for number in range(40)]
    assert statuses.count(401) <= 15


def test_guesses_at_one_account_from_many_addresses_wait_half_a_minute_at_most(session: Session) -> None:
    now = utc_now()
    for number in range(60):
        row = LoginAttempt(account_key=rules.sha256("a@example.com"), address=f"192.0.2.{number}", at=now)
        session.add(row)
    session.flush()
    with pytest.raises(service.TooManyTriesError) as caught:
        service.count_try(session, "a@example.com", "198.51.100.9", now)
    assert caught.value.until - now <= timedelta(seconds=30)
    service.count_try(session, "a@example.com", "198.51.100.9", now + timedelta(seconds=31))


def test_a_successful_login_forgets_the_typing_errors(client: Client, session: Session) -> None:
    user = make_user(session)
    for _ in range(3):
        log_in(client, user.email, "wrong")
    log_in(client, user.email)
    assert session.scalar(sa.select(sa.func.count()).select_from(LoginAttempt)) == 0


def test_ones_own_success_does_not_excuse_guesses_at_others(client: Client, session: Session) -> None:
    for _ in range(4):
        log_in(client, "victim@example.com", "wrong")
    log_in(client, make_user(session).email)
    assert session.scalar(sa.select(sa.func.count()).select_from(LoginAttempt)) == 4


def test_an_ipv6_network_counts_as_one_address() -> None:
    assert rules.network_of("2001:db8::1") == rules.network_of("2001:db8::ffff:1") != rules.network_of("2001:db8:1::1")
    assert rules.network_of("::ffff:192.0.2.7") == "192.0.2.7"


def test_the_session_id_changes_at_login(client: Client, session: Session) -> None:
    """Check 21."""
    staff = sign_in(client, session)
    planted = client.get_cookie(COOKIE)
    assert planted is not None
    fresh = cookie_of(log_in(client, staff.user.email))
    assert fresh not in (None, planted.value)
    assert not is_signed_in(client, planted.value)
    assert is_signed_in(client, fresh)


def test_after_signing_out_the_old_cookie_is_refused(client: Client, session: Session) -> None:
    """Check 21."""
    staff = sign_in(client, session)
    old = client.get_cookie(COOKIE)
    assert old is not None
    assert client.post("/logout", data=staff.form()).headers["Location"] == "/login"
    assert not is_signed_in(client, old.value)


def test_a_password_change_ends_the_other_sessions(client: Client, session: Session, cli: CliRunner) -> None:
    """Check 21."""
    user = make_user(session)
    other, own = cookie_of(log_in(client, user.email)), cookie_of(log_in(client, user.email))
    staff = sign_in(client, session, user=user)
    mine = client.get_cookie(COOKIE)
    assert mine is not None
    form = staff.form(current=PASSWORD, new="seven slow trains to Bodø")
    assert client.post("/account/password", data=form).status_code == 302
    assert [is_signed_in(client, token) for token in (other, own, mine.value)] == [False, False, True]
    cli.run("set-password", user.email)
    assert not is_signed_in(client, mine.value)


def test_disabling_a_user_ends_her_sessions_at_once(client: Client, session: Session, cli: CliRunner) -> None:
    """Check 21."""
    user = make_user(session)
    token = cookie_of(log_in(client, user.email))
    assert is_signed_in(client, token)
    cli.run("disable-user", user.email)
    assert not is_signed_in(client, token)
    cli.run("enable-user", user.email)
    assert not is_signed_in(client, token), "an old cookie must not come back to life"
    assert log_in(client, user.email).status_code == 302


def test_a_session_ends_by_itself(client: Client, session: Session) -> None:
    staff = sign_in(client, session)
    row = session.scalars(sa.select(StaffSession)).one()
    row.expires_at = utc_now() - timedelta(seconds=1)
    assert client.get("/account").status_code == 302
    assert rules.session_ends(row.created_at, row.created_at + timedelta(days=30)) == row.created_at + timedelta(days=7)
    assert staff.user.active


def test_another_site_cannot_sign_anybody_in(client: Client, session: Session) -> None:
    form = {"email": make_user(session).email, "password": PASSWORD}
    assert client.post("/login", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_first_user_comes_from_the_command_line(client: Client, session: Session, cli: CliRunner) -> None:
    assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0, "there must be no default account"
    printed = cli.run("create-user", "Eva@Example.com", "--role", "owner").output
    password = printed.split("Password: ")[1].split()[0]
    assert log_in(client, "eva@example.com", password).status_code == 302
    user = session.scalars(sa.select(User)).one()
    assert (user.role, user.name) == (Role.OWNER, "eva")
    assert user.password_hash.startswith("$argon2id$")
    cli.run("create-user", "eva@example.com", "--role", "lead", code=1)


def test_weak_passwords_are_refused(cli: CliRunner, session: Session) -> None:
    for weak in ("short", "aaaaaaaaaaaaaaaa", "eva@example.com"):
        cli.run("create-user", "eva@example.com", "--role", "lead", "--password-stdin", input=weak, code=1)
    assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0
