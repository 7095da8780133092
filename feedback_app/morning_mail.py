"""The morning mail: written into the outbox for every lead who wants it, in her language, once for each night."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import current_app, g, render_template
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from feedback_app.accounts.models import Role, User
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import transaction
from feedback_app.i18n import local_time, number
from feedback_app.insights.morning import MorningReport, morning_report
from feedback_app.mail import put_in_outbox


def write_mails(night: str) -> int:
    """Write the mail about `night` (a local date) for each who wants it and has none yet; return how many are new."""
    written = 0
    with transaction() as session:
        report = morning_report(session, utc_now())
        wanted = sa.select(User).where(User.wants_morning_mail, User.active, User.role != Role.VIEWER)
        for user in session.scalars(wanted.order_by(User.id)):
            subject, text, html = render(report, user)
            written += put_in_outbox(
                session, dedupe_key=f"morning:{night}:{user.id}", to_address=user.email,
                subject=subject, text_body=text, html_body=html,
            )  # fmt: skip
    return written


def render(report: MorningReport, user: User) -> tuple[str, str, str]:
    """Return subject, text and HTML of the mail to `user`."""
    config: Config = current_app.extensions["stemme"]
    g.language = user.language
    with force_locale(user.language):
        subject = _subject(report)
        values: dict[str, Any] = {"report": report, "user": user, "url": config.public_url, "subject": subject}
        values["run_lines"] = _run_lines(report)
        text = render_template("mail/morning.txt", **values)
        html = render_template("mail/morning.html", **values)
    g.pop("language")
    return subject, text, html


def _subject(report: MorningReport) -> str:
    if report.run_is_overdue:
        return _("The nightly run needs a look")
    if not report.new and not report.overdue:
        return _("No new unhappy customers")
    new = ngettext("%(num)s customer needs help", "%(num)s customers need help", report.new)
    return _("%(new)s, %(overdue)s overdue", new=new, overdue=report.overdue) if report.overdue else new


def _run_lines(report: MorningReport) -> list[str]:
    """Return the sentences about last night's run."""
    lines = []
    if report.run_is_overdue:
        lines.append(_("No run has succeeded in the last 26 hours, so texts are not being read."))
        lines.append(_("Low scores and requests for contact are flagged all the same."))
    if run := report.run:
        counts = {"scored": number(run.scored), "unhappy": number(run.unhappy), "failed": number(run.failed)}
        lines.append(_("%(scored)s texts read, %(unhappy)s unhappy, %(failed)s given up.", **counts))
        lines.append(
            _(
                "Not scored: %(empty)s without text, %(language)s in a language that is not covered, "
                "%(objection)s because the customer objects.",
                empty=number(run.skipped_empty),
                language=number(run.skipped_language),
                objection=number(run.skipped_objection),
            )
        )
        lines.append(f"{local_time(run.started_at)}, {run.model_version}")
    return lines
