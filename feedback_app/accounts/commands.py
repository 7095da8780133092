"""Commands about staff: the first user is made here, for there is no default account."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from feedback_app.accounts.models import Role
from feedback_app.clock import utc_now
from feedback_app.database import transaction
from feedback_app.errors import DomainError

ROLES = [role.value for role in reversed(Role)]


@click.command("create-user")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the user may do.")
@click.option("--name", default="", help="As colleagues see it; default: the first part of the address.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_appcontext
def create_user(email: str, role: str, name: str, password_stdin: bool) -> None:
    """Make a member of staff, and a password unless one is given."""
    from feedback_app.accounts import service

    password, made = _password(password_stdin)
    try:
        with transaction() as session:
            user = service.create_user(
                session, email=email, role=Role(role), name=name, password=password, now=utc_now()
            )
            click.echo(f"{user.email} may sign in as {role}.")
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    _tell(password, made)


@click.command("set-password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_appcontext
def set_password(email: str, password_stdin: bool) -> None:
    """Give a user a new password; all her sessions end."""
    from feedback_app.accounts import queries, service

    password, made = _password(password_stdin)
    try:
        with transaction() as session:
            service.set_password(session, queries.get_user(session, email), password, by=None)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The password of {email} is changed.")
    _tell(password, made)


@click.command("disable-user")
@click.argument("email")
@with_appcontext
def disable_user(email: str) -> None:
    """Keep a user from signing in; all her sessions end at once."""
    _set_active(email, False)
    click.echo(f"{email} can no longer sign in.")


@click.command("enable-user")
@click.argument("email")
@with_appcontext
def enable_user(email: str) -> None:
    """Let a disabled user sign in again."""
    _set_active(email, True)
    click.echo(f"{email} may sign in again.")


def _set_active(email: str, active: bool) -> None:
    from feedback_app.accounts import queries, service

    try:
        with transaction() as session:
            service.set_active(session, queries.get_user(session, email), active, by=None)
    except DomainError as error:
        raise click.ClickException(str(error)) from error


def _password(from_stdin: bool) -> tuple[str, bool]:
    """Return the password, and whether it was made here."""
    from feedback_app.accounts.passwords import made_password

    return (sys.stdin.readline().rstrip("\r\n"), False) if from_stdin else (made_password(), True)


def _tell(password: str, made: bool) -> None:
    if made:
        click.echo(f"Password: {password}")
        click.echo("It is shown this once. Change it under Account after the first login.")


commands: list[click.Command] = [create_user, set_password, disable_user, enable_user]
