"""The outbox on its way: to a mail server or into files, retried where it surely failed, never sent twice."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from feedback_app import delivery, mail
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.mail import OutboxMessage, put_in_outbox
from tests.support.clients import CliRunner
from tests.support.servers import SmtpServer, free_port


def post(session: Session, key: str = "morning:2026-11-26:1", **values: str) -> OutboxMessage:
    """Put a mail in the outbox."""
    values = {"to_address": "ola@example.com", "subject": "God morgon, Åse", "text_body": "Hei.\n"} | values
    put_in_outbox(session, dedupe_key=key, **values)
    session.commit()
    return session.scalars(sa.select(OutboxMessage).where(OutboxMessage.dedupe_key == key)).one()


def deliver(app: Flask, session: Session, url: str | None) -> int:
    """Deliver what is due."""
    session.commit()
    config: Config = app.extensions["stemme"]
    with app.app_context():
        return delivery.deliver_due(dataclasses.replace(config, mail_url=url))


def due_now(session: Session) -> None:
    """Let every waiting mail be due."""
    session.execute(sa.update(OutboxMessage).values(due_at=utc_now() - timedelta(seconds=1)))
    session.commit()


def test_a_mail_reaches_the_server_once(app: Flask, session: Session, smtp_server: SmtpServer) -> None:
    row = post(session, html_body="<p>Hei.</p>")
    assert [deliver(app, session, smtp_server.url) for _ in range(3)] == [1, 0, 0]
    (message,) = smtp_server.messages
    assert smtp_server.recipients == [["ola@example.com"]]
    assert (message["Subject"], message["To"]) == ("God morgon, Åse", "ola@example.com")
    assert message["Message-ID"].endswith("@ask.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    session.refresh(row)
    assert row.sent_at is not None


def test_without_a_server_it_becomes_a_file(app: Flask, session: Session) -> None:
    row = post(session)
    assert deliver(app, session, None) == 1
    (file,) = (app.extensions["stemme"].instance_folder / "outbox").iterdir()
    message = message_from_bytes(file.read_bytes(), policy=modern)
    assert (file.name, message["Subject"]) == (f"{row.id:06d}.eml", "God morgon, Åse")


def test_a_server_that_is_away_or_refuses_is_tried_again_later(
    app: Flask, session: Session, smtp_server: SmtpServer
) -> None:
    row = post(session)
    assert deliver(app, session, f"smtp://127.0.0.1:{free_port()}") == 0
    session.refresh(row)
    assert (row.claimed_at, row.attempts, row.last_error) == (None, 1, "ConnectionRefusedError")
    assert deliver(app, session, smtp_server.url) == 0, "not before the pause is over"
    due_now(session)
    smtp_server.refuse = "451 try again later"
    assert deliver(app, session, smtp_server.url) == 0
    due_now(session)
    smtp_server.refuse = None
    assert deliver(app, session, smtp_server.url) == 1
    assert len(smtp_server.messages) == 1


def test_a_mail_that_can_never_go_is_given_up_at_once(app: Flask, session: Session, smtp_server: SmtpServer) -> None:
    refused, broken = post(session), post(session, "other", to_address="two\nlines@example.com")
    smtp_server.refuse = "550 no such person"
    assert deliver(app, session, smtp_server.url) == 0
    due_now(session)
    assert deliver(app, session, smtp_server.url) == 0
    for row in (refused, broken):
        session.refresh(row)
        assert row.attempts == mail.MOST_ATTEMPTS
    assert "example.com" not in refused.last_error + broken.last_error, "errors hold no addresses"


def test_a_mail_whose_deliverer_died_is_reported_and_not_sent_again(
    app: Flask, session: Session, smtp_server: SmtpServer, cli: CliRunner
) -> None:
    row = post(session)
    assert mail.claim_next(session, utc_now()) is not None
    row.claimed_at = utc_now() - timedelta(hours=1)
    due_now(session)
    assert deliver(app, session, smtp_server.url) == 0
    assert f"{row.id}\tmaybe sent" in cli.run("outbox").output
    cli.run("outbox", "--resend", row.id)
    assert deliver(app, session, smtp_server.url) == 1
    assert "There is no unsent mail" in cli.run("outbox", "--resend", row.id, code=1).output


def test_the_connection_that_breaks_after_the_hand_over_leaves_the_mail_claimed(
    app: Flask, session: Session, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import smtplib

    row = post(session)

    def breaks(_self: object, _content: bytes) -> None:
        raise smtplib.SMTPServerDisconnected("ola@example.com")

    monkeypatch.setattr(smtplib.SMTP, "data", breaks)
    assert deliver(app, session, smtp_server.url) == 0
    monkeypatch.undo()
    due_now(session)
    assert deliver(app, session, smtp_server.url) == 0
    session.refresh(row)
    assert row.claimed_at is not None
    assert row.last_error == "SMTPServerDisconnected"


def test_waits_grow_and_end(session: Session) -> None:
    row = post(session)
    now, waits = utc_now(), []
    for _ in range(mail.MOST_ATTEMPTS + 2):
        if mail.claim_next(session, now) is None:
            break
        mail.mark_failed(session, row.id, "away", for_good=False, now=now)
        session.flush()
        waits.append(row.due_at - now)
        now = row.due_at
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)]
    assert len(waits) == mail.MOST_ATTEMPTS
    assert mail.undelivered(session, now) == [row]


def test_old_mails_are_deleted_because_they_quote_customers(session: Session) -> None:
    old, new = post(session), post(session, "new")
    old.created_at = utc_now() - timedelta(days=31)
    session.flush()
    mail.delete_old_mails(session, utc_now())
    assert session.scalars(sa.select(OutboxMessage.id)).all() == [new.id]


def test_the_command_delivers(cli: FlaskCliRunner, session: Session) -> None:
    assert isinstance(cli, CliRunner)
    post(session)
    assert "1 mails sent" in cli.run("deliver-mail").output
