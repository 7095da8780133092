"""Named errors of the domain, and the page that each one gets."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, current_app, make_response, render_template, request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

logger = logging.getLogger(__name__)


class DomainError(Exception):
    """Something that a person asked for cannot be done. `str()` of it is the sentence that the person reads."""

    status = HTTPStatus.BAD_REQUEST


class NotFoundError(DomainError):
    """There is no such thing, or not for this person."""

    status = HTTPStatus.NOT_FOUND


class ForbiddenError(DomainError):
    """The person may not do this."""

    status = HTTPStatus.FORBIDDEN


class ConflictError(DomainError):
    """Somebody else, or the same person earlier, was first."""

    status = HTTPStatus.CONFLICT


class GoneError(DomainError):
    """It was here, and is no more."""

    status = HTTPStatus.GONE


class InvalidError(DomainError):
    """What was sent breaks a rule."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY


def init_app(app: Flask) -> None:
    """Give every error its page."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(InterfaceError, _database_away)
    app.register_error_handler(PoolTimeoutError, _database_away)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(DBAPIError, _database_error)


def error_page(status: int, message: str = "") -> Response:
    """Return the plain page of an error; `message` replaces the ordinary sentence of `status`."""
    template = "errors/public.html" if _is_public() else "errors/staff.html"
    response = make_response(render_template(template, status=status, message=message), status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response


def _is_public() -> bool:
    rule = request.url_rule
    return rule is None or (request.blueprint or "") not in current_app.extensions.get("stemme_staff_blueprints", ())


def _domain_error(error: DomainError) -> Response:
    return error_page(error.status, str(error))


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    response = error_page(error.code or 500)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _database_away(error: Exception) -> Response:
    logger.error("the database did not answer: %s", type(getattr(error, "orig", error)).__name__)
    return error_page(HTTPStatus.SERVICE_UNAVAILABLE)


def _database_error(error: DBAPIError) -> Response:
    if error.connection_invalidated:
        return _database_away(error)
    logger.exception("the database refused a statement")
    return error_page(HTTPStatus.INTERNAL_SERVER_ERROR)


def _stale(_error: StaleDataError) -> Response:
    return error_page(HTTPStatus.CONFLICT)
