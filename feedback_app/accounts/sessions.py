"""Who is at the other end: the session cookie, and the user behind it."""

from __future__ import annotations

from flask import Response, current_app, g, request

from feedback_app.accounts import queries, rules, service
from feedback_app.accounts.models import User
from feedback_app.accounts.rules import sha256
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db, transaction


def current_user() -> User | None:
    """Return who is signed in, or None; reads the database once a request."""
    if "user" not in g:
        g.user = _load()
        if g.user is not None:
            g.language = g.user.language
    user: User | None = g.user
    return user


def session_token() -> str | None:
    """Return the token of the request's cookie, good or not."""
    return request.cookies.get(_cookie_name())


def set_cookie(response: Response, token: str) -> None:
    """Give the browser a session."""
    response.set_cookie(
        _cookie_name(), token, max_age=rules.SESSION_LENGTH, path="/", secure=_secure(), httponly=True, samesite="Lax"
    )


def clear_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(_cookie_name(), path="/", secure=_secure(), httponly=True, samesite="Lax")


def _load() -> User | None:
    token = session_token()
    if not token:
        return None
    now, token_hash = utc_now(), sha256(token)
    found = queries.find_session(db.session(), token_hash, now)
    if found is None:
        return None
    user, created_at = found.user, found.created_at
    if now - found.seen_at > rules.TOUCH_EVERY:
        with transaction() as session:
            service.touch_session(session, token_hash, created_at, now)
    return user


def _secure() -> bool:
    config: Config = current_app.extensions["stemme"]
    return config.public_url.startswith("https:")


def _cookie_name() -> str:
    return "__Host-stemme" if _secure() else "stemme"
