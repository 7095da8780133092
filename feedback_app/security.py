"""Response headers: a content policy with a fresh nonce; and whose word on a visitor's address is believed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g
from werkzeug.middleware.proxy_fix import ProxyFix

from feedback_app.config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Robots-Tag", "noindex"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
]


def init_app(app: Flask) -> None:
    """Set the headers on every response, and offer `csp_nonce()` to templates.

    Behind proxies a visitor's address is the one that the outermost of them saw. Nothing else that they say is
    believed: links are built from PUBLIC_URL.
    """
    config: Config = app.extensions["stemme"]
    if config.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_set_policy)
    app.wsgi_app = _with_headers(app.wsgi_app)  # type: ignore[assignment,method-assign]


def csp_nonce() -> str:
    """Return this response's nonce: 128 random bits, fresh for every response."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _with_headers(inner: WSGIApplication) -> WSGIApplication:
    """Add `HEADERS` to whatever goes out; here, since it is a fraction of the work that it would be on a response.

    They are added whatever is there: no view may set one of them itself.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            return start_response(status, headers + HEADERS, *error)

        return inner(environ, start)

    return application


def _set_policy(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = CONTENT_POLICY.format(nonce=csp_nonce())
        response.headers.setdefault("Cache-Control", "no-store")
    return response
