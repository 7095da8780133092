"""Insert-or-ignore counts what went in, on both databases."""

from __future__ import annotations

from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.invitations.models import Suppression
from feedback_app.mail import put_in_outbox
from feedback_app.upserts import insert_or_ignore


def test_the_count_is_of_the_rows_that_went_in(session: Session) -> None:
    rows = [{"address_hash": letter, "at": utc_now()} for letter in "abc"]
    assert insert_or_ignore(session, Suppression, rows[:1]) == 1
    assert insert_or_ignore(session, Suppression, rows) == 2
    assert insert_or_ignore(session, Suppression, rows) == 0
    assert insert_or_ignore(session, Suppression, []) == 0


def test_a_second_mail_about_the_same_is_not_written(session: Session) -> None:
    mail = {"dedupe_key": "night", "to_address": "kari@example.com", "subject": "s", "text_body": "t"}
    assert put_in_outbox(session, **mail)
    assert not put_in_outbox(session, **mail)
