"""`python -m feedback_app.demo`: a site with an invented company, from nothing to a login, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

import click
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.config import PROJECT_FOLDER, Config, ConfigError
from feedback_app.demo.serve import HOST, DemoError, Processes, Stopped, port_from, require_free

ORGANISATION = "Nordlys Bredbånd & Strøm (demo)"
LOGIN = "demo@nordlys.example.com"
GUEST = "p20"  # whose personal link is shown
OWN_SETTINGS = (
    "DATABASE_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "MAIL_URL", "MAIL_FROM", "NIGHTLY_HOUR",
)  # fmt: skip
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


def main() -> int:
    """Run the demo; return the exit code."""
    try:
        port = port_from(os.environ)
        require_free(port)
        folder = Path(os.environ.get("DEMO_FOLDER") or PROJECT_FOLDER / "instance" / "demo").absolute()
        environ = environment(os.environ, folder, port)
        config = Config.from_environ(environ)
        with _only_one(folder), Processes(environ, folder) as processes:
            _run(config, processes, port)
    except (Stopped, KeyboardInterrupt):
        with suppress(OSError):  # there may be no terminal any more
            click.echo("\nThe demo has ended.")
    except (DemoError, ConfigError) as error:
        click.echo(f"{error}", err=True)
        return 1
    return 0


def environment(environ: Mapping[str, str], folder: Path, port: int) -> dict[str, str]:
    """Return `environ` with the demo's own settings: its own database, and no mail to anybody."""
    kept = {name: value for name, value in environ.items() if name not in OWN_SETTINGS}
    own = {"INSTANCE_FOLDER": str(folder), "PUBLIC_URL": f"http://{HOST}:{port}", "ORGANISATION": ORGANISATION}
    return kept | own | {"PORT": str(port), "PYTHONUNBUFFERED": "1"}


def _run(config: Config, processes: Processes, port: int) -> None:
    from feedback_app import create_app

    version = _model_version(config)
    click.echo(f"{ORGANISATION}: the company, its customers and their answers are invented.\n")
    processes.run("Making the database", [*FLASK, "db", "upgrade"])
    app = create_app(config)
    with app.app_context():
        _load(config)
        scored = _is_scored(version)
    processes.check()
    if not scored:
        click.echo("Reading the comments, as the nightly run does:")
        processes.run("The nightly run", [*FLASK, "score"])
        with app.app_context():
            _handle(config)
    processes.start("web", [sys.executable, "-m", "gunicorn", "-c", "python:feedback_app.gunicorn", "wsgi:app"])
    processes.start("scheduler", [*FLASK, "scheduler"])
    processes.wait_for_site(port)
    _tell(app, config, version)
    processes.watch()


def _load(config: Config) -> None:
    from feedback_app.database import db, transaction
    from feedback_app.demo.load import is_loaded, load_story

    if is_loaded(db.session()):
        return
    click.echo("Loading a month of answers ...")
    with transaction() as session:
        load_story(session, utc_now(), config.timezone)


def _handle(config: Config) -> None:
    """Let the invented leads work on the cases, once."""
    from feedback_app.database import transaction
    from feedback_app.demo.handled import handle_cases, is_handled

    with transaction() as session:
        if not is_handled(session):
            handle_cases(session, utc_now(), config.timezone)


def _model_version(config: Config) -> str:
    from feedback_app.nightly.errors import ModelUnusableError
    from feedback_app.nightly.model import version_of

    try:
        return version_of(config.sentiment_model)
    except ModelUnusableError as error:
        raise DemoError(str(error)) from error


def _is_scored(version: str) -> bool:
    """Whether a whole night of this model version is behind us; what came later is the scheduler's work."""
    from feedback_app.database import db
    from feedback_app.scoring.models import ScoringRun

    done = sa.select(ScoringRun.id).where(ScoringRun.state == "succeeded", ScoringRun.model_version == version)
    return db.session().scalar(done.limit(1)) is not None


def _tell(app: Flask, config: Config, version: str) -> None:
    """Print what the night found, the links, and the login."""
    from feedback_app.database import db, transaction
    from feedback_app.demo.report import compare

    with app.app_context():
        found = compare(db.session(), version)
        with transaction() as session:
            password = _make_login(session)
            token = _make_link(session)
    shown = config.instance_folder
    if shown.is_relative_to(PROJECT_FOLDER):
        shown = shown.relative_to(PROJECT_FOLDER)
    click.echo(
        f"\nWhat the night found in {found.comments} comments, by the labels in feedback_app/demo/answers.jsonl:"
    )
    for sentence in found.sentences:
        click.echo(f"  {sentence}")
    click.echo(f"""
Survey          {config.public_url}/s/nordlys-support
Personal link   {config.public_url}/i/{token}
Staff           {config.public_url}/login
  address       {LOGIN}
  password      {password}

Your own answers are read at night, or now:  INSTANCE_FOLDER={shown} .venv/bin/flask --app wsgi score
Data and logs are in {shown}; delete that folder to begin again. Ctrl-C ends the demo.""")


def _make_login(session: Session) -> str:
    """Make the demo's login, or give it a new password; return the password."""
    from feedback_app.accounts import passwords, queries, service
    from feedback_app.accounts.models import Role

    password = passwords.made_password()
    user = queries.find_user(session, LOGIN)
    if user is None:
        service.create_user(session, email=LOGIN, role=Role.OWNER, name="Demo", password=password, now=utc_now())
    else:
        service.set_password(session, user, password, by=None)
    return password


def _make_link(session: Session) -> str:
    """Make a personal link for one of the customers, about a support case; return its token."""
    from feedback_app.customers.models import Customer
    from feedback_app.invitations.service import create_invitation
    from feedback_app.surveys.queries import get_survey

    customer = session.scalars(sa.select(Customer).where(Customer.reference == GUEST)).one()
    survey = get_survey(session, "nordlys-support")
    about = {
        "agent": "Nora Grindheimli",
        "team": "Teknisk drift",
        "product": "Fiber 500",
        "order_reference": "SAK-20999",
    }
    _invitation, token = create_invitation(
        session,
        survey,
        customer,
        expires_at=utc_now() + timedelta(days=30),
        language=customer.language,
        channel="mail",
        **about,
    )
    return token


def _only_one(folder: Path) -> IO[str]:
    """Return the lock file of the demo's folder, locked until it is closed. Raises `DemoError`."""
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise DemoError(f"A demo is running in {folder} already. End it first.") from None
    return lock


if __name__ == "__main__":
    sys.exit(main())
