"""The morning mail: to leads who want it, in their language, with quotes and what is overdue, once for each night."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app import morning_mail
from feedback_app.accounts.models import Role
from feedback_app.clock import utc_now
from feedback_app.mail import OutboxMessage
from feedback_app.scoring.models import ScoringRun
from tests.support.factories import make_case, make_customer, make_response, make_score, make_user

NIGHT = "2026-11-26"


def write(app: Flask, session: Session, night: str = NIGHT) -> int:
    """Write the mails of a night."""
    session.commit()
    with app.app_context():
        return morning_mail.write_mails(night)


def mails(session: Session) -> dict[str, OutboxMessage]:
    """Return the outbox by address."""
    return {row.to_address: row for row in session.scalars(sa.select(OutboxMessage))}


def run(session: Session, hours_ago: float = 4, **values: object) -> None:
    """Store a successful run."""
    ended = utc_now() - timedelta(hours=hours_ago)
    counts = {"scored": 1234, "unhappy": 56, "skipped_language": 7} | values
    session.add(
        ScoringRun(started_at=ended, finished_at=ended, state="succeeded", model_version="stemme-v1@abc", **counts)
    )


def test_it_goes_to_active_leads_and_owners_who_want_it_once_a_night(app: Flask, session: Session) -> None:
    lead = make_user(session, Role.LEAD, wants_morning_mail=True)
    owner = make_user(session, Role.OWNER, wants_morning_mail=True)
    make_user(session, Role.LEAD)
    make_user(session, Role.VIEWER, wants_morning_mail=True)
    make_user(session, Role.LEAD, wants_morning_mail=True, active=False)
    assert [write(app, session), write(app, session), write(app, session, "2026-11-27")] == [2, 0, 2]
    assert set(mails(session)) == {lead.email, owner.email}


def test_it_tells_of_the_run_and_quotes_the_telling_sentence(app: Flask, session: Session) -> None:
    run(session)
    lead = make_user(session, wants_morning_mail=True, name="Åse")
    text = "The shop <b>was</b> clean. Nobody called me back. Bye."
    customer = make_customer(session, name="Kari & co")
    response = make_response(session, answers={"score": 2, "why": text}, customer=customer)
    make_score(session, response.answers[1], telling_start=27, telling_end=49)
    case = make_case(session, response)
    late = make_response(session, answers={"score": 1}, submitted_at=utc_now() - timedelta(days=4))
    make_case(session, late)
    write(app, session)
    mail = mails(session)[lead.email]
    assert mail.subject == "1 customer needs help, 1 overdue"
    for body in (mail.text_body, mail.html_body or ""):
        assert "Nobody called me back." in body
        assert "was</b> clean" not in body
        assert f"http://ask.example/cases/{case.id}" in body
        assert "1,234 texts read, 56 unhappy" in body
        assert "stemme-v1@abc" in body
    assert "Kari & co" in mail.text_body
    assert "Kari &amp; co" in (mail.html_body or "")


def test_text_of_customers_is_escaped(app: Flask, session: Session) -> None:
    lead = make_user(session, wants_morning_mail=True)
    make_case(session, make_response(session, answers={"score": 2, "why": "<script>alert(1)</script>"}))
    write(app, session)
    html = mails(session)[lead.email].html_body or ""
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_at_most_three_quotes_of_new_cases_and_long_ones_are_cut(app: Flask, session: Session) -> None:
    lead = make_user(session, wants_morning_mail=True)
    for number in range(5):
        make_case(session, make_response(session, answers={"score": 2, "why": f"Quote {number} " + "x" * 500}))
    old = make_response(session, answers={"score": 2, "why": "Yesteryear"}, submitted_at=utc_now() - timedelta(days=2))
    make_case(session, old)
    write(app, session)
    text = mails(session)[lead.email].text_body
    assert text.count("Quote ") == 3
    assert "Yesteryear" not in text
    assert max(len(line) for line in text.splitlines()) < 260


def test_a_run_that_stays_away_is_what_the_mail_opens_with(app: Flask, session: Session) -> None:
    run(session, hours_ago=27)
    lead = make_user(session, wants_morning_mail=True)
    write(app, session)
    mail = mails(session)[lead.email]
    assert mail.subject == "The nightly run needs a look"
    assert "No run has succeeded in the last 26 hours" in mail.text_body


def test_each_reads_it_in_her_own_language(app: Flask, session: Session) -> None:
    run(session)
    english = make_user(session, wants_morning_mail=True, language="en")
    norwegian = make_user(session, wants_morning_mail=True, language="nb")
    write(app, session)
    assert "1,234 texts" in mails(session)[english.email].text_body
    assert "1\u00a0234" in mails(session)[norwegian.email].text_body, "numbers as people there write them"
