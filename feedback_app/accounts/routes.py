"""Pages of accounts: signing in and out, one's own account, the audit log."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden

from feedback_app.access import PUBLIC, allow
from feedback_app.accounts import queries, service
from feedback_app.accounts.forms import LoginForm, PasswordForm, PreferencesForm
from feedback_app.accounts.guard import is_foreign, relative_path
from feedback_app.accounts.models import Role, User
from feedback_app.accounts.passwords import password_matches
from feedback_app.accounts.rules import sha256
from feedback_app.accounts.sessions import clear_cookie, current_user, session_token, set_cookie
from feedback_app.clock import utc_now
from feedback_app.database import db, transaction
from feedback_app.errors import InvalidError

blueprint = Blueprint("accounts", __name__)
AUDIT_PAGE = 50


@blueprint.get("/login")
@allow(PUBLIC)
def login_page() -> Any:
    """Ask who it is; somebody who is signed in goes on."""
    target = relative_path(request.args.get("next"))
    if current_user() is not None:
        return redirect(target)
    return render_template("accounts/login.html", form=LoginForm(), target=target)


@blueprint.post("/login")
@allow(PUBLIC)
def login() -> Any:
    """Sign in."""
    if is_foreign():
        raise Forbidden
    form, target = LoginForm(request.form), relative_path(request.form.get("next"))
    if not form.validate():
        return render_template("accounts/login.html", form=form, target=target), 422
    email, password, address = form.email.data or "", form.password.data or "", request.remote_addr or ""
    try:
        with transaction() as session:
            service.count_try(session, email, address, utc_now())
    except service.TooManyTriesError as error:
        return _too_many(form, target, error)
    user = service.user_for(db.session(), email, password)
    if user is None:
        problem = _("The address or the password is wrong.")
        return render_template("accounts/login.html", form=form, target=target, problem=problem), 401
    return _signed_in(user, password, address, target)


def _signed_in(user: User, password: str, address: str, target: str) -> Any:
    old = session_token()
    with transaction() as session:
        if old:
            service.close_session(session, sha256(old))
        token = service.open_session(session, user, password, address, utc_now())
    response = make_response(redirect(target))
    set_cookie(response, token)
    return response


def _too_many(form: LoginForm, target: str, error: service.TooManyTriesError) -> Any:
    seconds = max(1, round((error.until - utc_now()).total_seconds()))
    problem = _("Too many tries. Wait %(seconds)s seconds before the next one.", seconds=seconds)
    page = render_template("accounts/login.html", form=form, target=target, problem=problem)
    return page, 429, {"Retry-After": str(seconds)}


@blueprint.post("/logout")
@allow(Role.VIEWER)
def logout() -> Any:
    """Sign out."""
    with transaction() as session:
        service.close_session(session, sha256(session_token() or ""))
    response = make_response(redirect(url_for("accounts.login_page")))
    clear_cookie(response)
    return response


@blueprint.get("/account")
@allow(Role.VIEWER)
def account() -> Any:
    """Show one's own account."""
    return _account_page()


@blueprint.post("/account")
@allow(Role.VIEWER)
def save_account() -> Any:
    """Store language and mail."""
    form, user = PreferencesForm(request.form), _me()
    if not form.validate():
        return _account_page(preferences=form), 422
    with transaction() as session:
        service.save_preferences(
            session, user, language=form.language.data, wants_morning_mail=form.wants_morning_mail.data
        )
    flash(_("Saved."))
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/password")
@allow(Role.VIEWER)
def change_password() -> Any:
    """Change the password; every other session of the user ends."""
    form, user = PasswordForm(request.form), _me()
    if form.validate() and not password_matches(user.password_hash, form.current.data or ""):
        form.current.errors = [_("That is not your present password.")]
    if form.errors or form.current.errors:
        return _account_page(password=form), 422
    try:
        with transaction() as session:
            keep = sha256(session_token() or "")
            service.set_password(session, user, form.new.data or "", by=user, keep=keep)
    except InvalidError:
        form.new.errors = [_("That one is too easy to guess: more characters, and not your name or address.")]
        return _account_page(password=form), 422
    flash(_("Your password is changed. Other browsers where you were signed in are signed out."))
    return redirect(url_for("accounts.account"))


@blueprint.get("/audit")
@allow(Role.OWNER)
def audit_log() -> Any:
    """Show the audit log, the latest first."""
    before = request.args.get("before", type=int)
    entries = queries.list_audit_entries(db.session(), before, AUDIT_PAGE + 1)
    more = url_for("accounts.audit_log", before=entries[AUDIT_PAGE - 1][0].id) if len(entries) > AUDIT_PAGE else None
    return render_template("accounts/audit.html", entries=entries[:AUDIT_PAGE], more=more)


def _me() -> User:
    user = current_user()
    if user is None:
        raise Forbidden
    return user


def _account_page(preferences: PreferencesForm | None = None, password: PasswordForm | None = None) -> str:
    user = _me()
    return render_template(
        "accounts/account.html",
        user=user,
        preferences=preferences or PreferencesForm(obj=user),
        password=password or PasswordForm(),
    )
