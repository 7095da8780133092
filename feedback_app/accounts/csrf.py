"""Protection of staff forms: a token that only the session's own pages hold."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import current_app
from wtforms import Form
from wtforms.csrf.core import CSRF

from feedback_app.accounts.sessions import session_token
from feedback_app.config import Config


def csrf_token() -> str:
    """Return the token for this session's forms: an HMAC of the session's own token."""
    config: Config = current_app.extensions["stemme"]
    message = f"form {session_token() or ''}".encode()
    return hmac.new(config.secret_key.encode(), message, hashlib.sha256).hexdigest()


def csrf_is_right(given: str | None) -> bool:
    """Whether a form came from one of this session's pages."""
    return session_token() is not None and hmac.compare_digest((given or "").encode(), csrf_token().encode())


class _StaffCsrf(CSRF):
    """The field; the guard has checked it before any view runs."""

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return csrf_token()

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        if not csrf_is_right(field.data):
            raise ValueError("the form is from another session")


class StaffForm(Form):
    """The base of every form that staff send."""

    class Meta:
        """With the field `csrf_token`."""

        csrf = True
        csrf_class = _StaffCsrf
