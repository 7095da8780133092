"""Deny by default: before any view, its declared policy decides; a view without one is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Request, current_app, g, redirect, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, Forbidden

from feedback_app.access import PUBLIC, permits, policy_of
from feedback_app.accounts.csrf import csrf_is_right, csrf_token
from feedback_app.accounts.sessions import current_user
from feedback_app.config import Config

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
START = "/inbox"


class FlaskSession(SecureCookieSessionInterface):
    """Flask's own session, which holds nothing but a notice for the next page: none is unpacked where none came."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the request's cookie, or an empty one."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)


def init_app(app: Flask) -> None:
    """Put the guard before every view, and give the templates what the frame needs."""
    config: Config = app.extensions["stemme"]
    app.config.update(
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=config.public_url.startswith("https:"),
    )
    app.session_interface = FlaskSession()
    app.before_request(_guard)
    app.jinja_env.globals.update(csrf_token=csrf_token, staff_menu=staff_menu)


def staff_menu() -> list[tuple[str, str, str]]:
    """Return the main menu: key, path and name of each entry."""
    return [
        ("inbox", "/inbox", _("Inbox")),
        ("overview", "/", _("Overview")),
        ("surveys", "/surveys", _("Surveys")),
        ("quality", "/quality", _("Quality")),
        ("runs", "/runs", _("Runs")),
        ("account", "/account", _("Account")),
    ]


def is_foreign() -> bool:
    """Whether the browser says that another site sent this request."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}


def relative_path(target: str | None) -> str:
    """Return `target` where it is a path on this site, else the start page."""
    target = target or ""
    parts = urlsplit(target) if target.isprintable() and not target.startswith("//") and "\\" not in target else None
    if parts is None or parts.scheme or parts.netloc or not target.startswith("/"):
        return START
    return target


def _guard() -> Any:
    if request.url_rule is None:
        return None  # no such page: the router says so
    policy = policy_of(current_app.view_functions.get(request.endpoint or ""))
    if policy is None:
        raise Forbidden
    if policy == PUBLIC:
        return None
    user = current_user()
    if user is None:
        return _to_login()
    if not permits(policy, user.role):
        raise Forbidden
    if request.method not in SAFE_METHODS and (is_foreign() or not csrf_is_right(request.form.get("csrf_token"))):
        raise BadRequest
    return None


def _to_login() -> Any:
    g.user = None
    wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else START
    response = redirect("/login?" + urlencode({"next": wanted}) if wanted != START else "/login")
    response.headers["Cache-Control"] = "no-store"
    return response
