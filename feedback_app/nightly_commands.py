"""Commands of the nightly run and of the scheduler."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from feedback_app.config import Config

PATIENCE = 300.0


@click.command("score")
@click.option("--limit", type=click.IntRange(min=1), help="Score at most so many texts.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only answers given on this day or later.")
@click.option("--rescore", is_flag=True, help="Score again what this model version has scored already.")
@click.option("--json", "as_json", is_flag=True, help="End with one line of JSON.")
@click.option("--engine", type=click.Choice(["loop", "procrastinate"]), default="loop", show_default=True)
@click.option("--patience", type=float, default=PATIENCE, show_default=True, help="Seconds that one batch may take.")
@click.option("--trigger", default="command", hidden=True)
@with_appcontext
def score(as_json: bool, engine: str, **settings: Any) -> None:
    """Score the texts that the current model version has not scored, and flag unhappy customers.

    It may be run twice, interrupted, or run on two machines at once: each text is scored once.
    """
    if settings["since"] is not None:
        config: Config = current_app.extensions["stemme"]
        settings["since"] = settings["since"].replace(tzinfo=config.timezone)
    from feedback_app.database import db
    from feedback_app.figures import refresh_days
    from feedback_app.nightly.errors import NightlyError
    from feedback_app.nightly.run import Options, score_supervised
    from feedback_app.scoring.queries import last_success

    options = Options(progress=sys.stderr.isatty(), **settings)
    last_success(db.session())  # a database that is not there or not up to date is told here, not by a process begun
    db.session.rollback()
    try:
        if engine == "procrastinate":
            from feedback_app.nightly.distributed import score_with_workers

            if options.limit is not None:
                raise click.UsageError("--limit goes with the plain loop only.")
            summary = score_with_workers(replace(options, trigger="workers"))
        else:
            summary = score_supervised(options)
        refresh_days()
    except NightlyError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(summary.as_json()))
    else:
        click.echo(_sentence(summary.as_json()))
    if summary.state != "succeeded":
        raise click.ClickException(f"The run {summary.state}. {summary.message}")


def _sentence(done: dict[str, Any]) -> str:
    """Return what a run did as a person reads it."""
    skipped = ", ".join(f"{count} {reason}" for reason, count in done["skipped"].items() if count)
    parts = [
        f"Scored {done['scored']} texts in {done['seconds']:.1f} s ({done['texts_per_second']:.0f} a second)",
        f"flagged {done['flagged']} responses",
        f"skipped {skipped}" if skipped else "",
        f"gave {done['failed']} up" if done["failed"] else "",
    ]
    return "; ".join(part for part in parts if part) + f". Model {done['model_version']}."


@click.command("worker")
@click.option("--patience", type=float, default=PATIENCE, show_default=True, help="Seconds that one batch may take.")
@with_appcontext
def worker(patience: float) -> None:
    """Score what `flask score --engine procrastinate` hands out, until SIGTERM. Any number may run, on any machine."""
    from feedback_app.nightly.distributed import work_off_supervised
    from feedback_app.nightly.errors import NightlyError

    _log_to_stderr()
    try:
        work_off_supervised(_app(), patience)
    except NightlyError as error:
        raise click.ClickException(str(error)) from error


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Run the jobs at their hours until SIGTERM: scoring, morning mail, delivery of mail, retention."""
    from feedback_app import schedule

    _log_to_stderr()
    schedule.main(_app())


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("apscheduler", "procrastinate"):
        logging.getLogger(name).setLevel(logging.WARNING)


@click.command("deliver-mail")
@with_appcontext
def deliver_mail() -> None:
    """Send the mails that are due, once; the scheduler does this every minute."""
    from feedback_app.delivery import deliver_due

    click.echo(f"{deliver_due(current_app.extensions['stemme'])} mails sent.")


@click.command("outbox")
@click.option("--resend", type=int, metavar="ID", help="Send this mail again.")
@with_appcontext
def outbox(resend: int | None) -> None:
    """List the mails that were given up, or of which nobody knows whether they went out."""
    from feedback_app import mail
    from feedback_app.clock import utc_now
    from feedback_app.database import db, transaction

    if resend is not None:
        with transaction() as session:
            if not mail.send_again(session, resend, utc_now()):
                raise click.ClickException(f"There is no unsent mail {resend}.")
        click.echo(f"Mail {resend} will be sent again.")
        return
    for row in mail.undelivered(db.session(), utc_now()):
        state = "maybe sent" if row.claimed_at else "given up"
        click.echo(f"{row.id}\t{state}\t{row.attempts} attempts\t{row.dedupe_key}\t{row.last_error}")


@click.command("morning-mail")
@with_appcontext
def morning_mail() -> None:
    """Write today's morning mail for those who want it and have none yet; the scheduler does this at 06:30."""
    from feedback_app import morning_mail as writing
    from feedback_app.clock import utc_now

    config: Config = current_app.extensions["stemme"]
    today = utc_now().astimezone(config.timezone).date().isoformat()
    click.echo(f"{writing.write_mails(today)} mails written.")


@click.command("delete-expired")
@with_appcontext
def delete_expired() -> None:
    """Delete the answers that are older than their survey's retention allows; the scheduler does this every day."""
    from feedback_app import retention

    click.echo(f"{retention.delete_expired()} responses deleted.")


commands: list[click.Command] = [score, worker, scheduler, deliver_mail, outbox, morning_mail, delete_expired]
