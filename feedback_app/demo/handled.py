"""What the invented leads did about the month's cases, so that lists and figures show a desk at work."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from feedback_app.accounts.models import Role, User
from feedback_app.accounts.service import create_user
from feedback_app.answering.models import Answer, Response
from feedback_app.demo.story import read_labels
from feedback_app.followup.models import Case, CaseEvent, CaseStatus, Flag, FlagKind, Outcome, RootCause
from feedback_app.followup.service_case import assign_case, close_mistake, judge_text, resolve_case
from feedback_app.scoring.corrections import record_correction
from feedback_app.scoring.models import QualitySample
from feedback_app.scoring.queries_version import current_model_version
from feedback_app.scoring.service import draw_quality_sample

LEADS = {"ingrid@nordlys.example.com": "Ingrid Solbakkmoen", "jonas@nordlys.example.com": "Jonas Havnevikli"}
RECENT = timedelta(days=3)  # cases of these days still wait
LEFT_OPEN = 30  # of the older ones, one in so many was forgotten
SAMPLED_NIGHTS = 9  # before tonight
CAUSES = {
    "conduct": ("rude", "frekk", "uhøflig", "arrogan", "avfeid"),
    "price": ("faktura", "invoice", "regning", "rekning", "kroner", "price", "betal", "gebyr"),
    "delivery": ("montør", "technician", "engineer", "grav", "install", "avtal", "plen"),
    "website": ("portal", "app", "website", "nettside", "logg"),
    "waiting": ("vent", "wait", "kø", "queue", "uke", "week", "dagar", "dager"),
    "communication": ("beskjed", "melding", "svar", "told", "answer", "informa", "ring", "call"),
    "product": ("nett", "fiber", "internet", "strøm", "straum", "ruter", "router", "dekning"),
}  # root cause -> words that point to it


def is_handled(session: Session) -> bool:
    """Whether that has been done."""
    return session.scalar(sa.select(User.id).where(User.email.in_(LEADS))) is not None


def handle_cases(session: Session, now: datetime, zone: ZoneInfo) -> None:
    """Judge, assign and close most cases of answers that are some days old, each at a time of its own."""
    _raise_in_time(session, now)
    leads = [_make_lead(session, email, name, now) for email, name in LEADS.items()]
    statement = sa.select(Case).where(Case.status == CaseStatus.OPEN).order_by(Case.answered_at, Case.id)
    statement = statement.options(selectinload(Case.flags), selectinload(Case.response).selectinload(Response.answers))
    labels = read_labels()
    lists = _Lists(session)
    _judge_samples(session, labels, leads, now, zone)
    for number, case in enumerate(session.scalars(statement).all()):
        lead = leads[number % len(leads)]
        if now - case.answered_at > RECENT:
            if number % LEFT_OPEN:
                _handle(session, case, lead, labels.get(case.response.submission_id), number, lists)
        elif number % 4 == 0:
            at = min(now, case.answered_at + timedelta(hours=3))
            assign_case(session, case.id, case.lock_version, lead.id, by=lead, now=at)


class _Lists:
    """The lists of outcomes and root causes, by key."""

    def __init__(self, session: Session) -> None:
        self.outcomes = {row.key: row.id for row in session.scalars(sa.select(Outcome).order_by(Outcome.position))}
        self.causes = {row.key: row.id for row in session.scalars(sa.select(RootCause).order_by(RootCause.position))}

    def outcome(self, number: int) -> int:
        """Return one of the first outcomes, which are those after a talk with the customer."""
        ids = list(self.outcomes.values())[:3]
        return ids[number % len(ids)]

    def cause(self, text: str) -> int:
        """Return the root cause that a word of the text points to."""
        found = (key for key, words in CAUSES.items() if any(word in text.lower() for word in words))
        return self.causes[next(found, "other")]


def _handle(session: Session, case: Case, lead: User, label: str | None, number: int, lists: _Lists) -> None:
    """Let `lead` judge the text that the machine flagged, and close the case."""
    at = case.opened_at + timedelta(hours=2 + number * 7 % 40)
    flagged = next((flag.answer_id for flag in case.flags if flag.kind == FlagKind.UNHAPPY_TEXT), None)
    mistake = False
    if flagged is not None and label is not None:
        _case, mistake = judge_text(session, case.id, flagged, label == "negative", by=lead, now=at)
    version = session.scalar(sa.select(Case.lock_version).where(Case.id == case.id)) or case.lock_version
    if mistake:
        close_mistake(session, case.id, version, by=lead, now=at)
        return
    text = " ".join(answer.text for answer in case.response.answers if answer.text)
    resolve_case(
        session, case.id, version, lists.outcome(number), lists.cause(text), by=lead, now=at + timedelta(hours=1)
    )  # fmt: skip


def _judge_samples(session: Session, labels: dict[str, str], leads: list[User], now: datetime, zone: ZoneInfo) -> None:
    """Let the leads judge the nightly samples of some days, from which recall is estimated."""
    version = current_model_version(session)
    if version is None:
        return
    for days in range(SAMPLED_NIGHTS, 0, -1):
        at = now - timedelta(days=days)
        draw_quality_sample(session, version, at.astimezone(zone).date().isoformat(), at)
    tonight = now.astimezone(zone).date().isoformat()
    statement = sa.select(QualitySample, Response.submission_id).join(Answer, Answer.id == QualitySample.answer_id)
    statement = statement.join(Response, Response.id == Answer.response_id).where(QualitySample.night < tonight)
    for number, (sample, key) in enumerate(session.execute(statement.order_by(QualitySample.id)).all()):
        unhappy = labels.get(key) == "negative"
        record_correction(session, sample.answer_id, leads[number % 2].id, unhappy, "sample", sample.drawn_at)


def _make_lead(session: Session, email: str, name: str, now: datetime) -> User:
    """Make a lead whose password nobody knows."""
    return create_user(session, email=email, role=Role.LEAD, name=name, password=secrets.token_urlsafe(), now=now)


def _raise_in_time(session: Session, now: datetime) -> None:
    """Date what tonight's run raised to the night after each answer: the site was there all month."""
    cases = {case.id: case for case in session.scalars(sa.select(Case))}
    for case in cases.values():
        case.opened_at = _night_of(case, case.opened_at)
    for flag in session.scalars(sa.select(Flag)):
        flag.raised_at = _night_of(cases[flag.case_id], flag.raised_at)
    for event in session.scalars(sa.select(CaseEvent)):
        event.at = _night_of(cases[event.case_id], event.at)
    session.flush()


def _night_of(case: Case, moment: datetime) -> datetime:
    return min(moment, (case.answered_at + timedelta(days=1)).replace(hour=1, minute=case.id % 5))
