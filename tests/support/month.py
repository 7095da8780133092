"""A site with a month of answers whose figures are kept, and what may happen to these answers."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.answering.models import Response
from feedback_app.clock import utc_now
from feedback_app.figures import refresh_days
from feedback_app.insights.days import fresh_days
from feedback_app.insights.models import DayFigure
from feedback_app.insights.queries import score_figures, unhappy_by_day
from feedback_app.scoring.queries_version import current_model_version
from tests.answering.test_submit import form
from tests.support.clients import Client, CliRunner


@dataclasses.dataclass
class Site:
    """A site with a month of answers that were read; `mine` is one of five days ago, unhappy, with a 3 of 10."""

    app: Flask
    session: Session
    client: Client
    cli: CliRunner
    folder: Path
    mine: Response

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        zone: ZoneInfo = self.app.extensions["stemme"].timezone
        return zone

    def live_in(self, zone: str) -> None:
        """Change TIMEZONE."""
        self.app.extensions["stemme"] = dataclasses.replace(self.app.extensions["stemme"], timezone=ZoneInfo(zone))

    def kept(self) -> dict[date, DayFigure]:
        """Return the kept figures that hold."""
        self.session.rollback()
        return fresh_days(self.session, current_model_version(self.session), utc_now(), self.zone)

    def figures(self, kept: dict[date, DayFigure]) -> tuple[Any, Any]:
        """Return what the overview shows."""
        version, now = current_model_version(self.session), utc_now()
        return (
            score_figures(self.session, now, self.zone, kept),
            unhappy_by_day(self.session, version, now, self.zone, kept),
        )

    def refresh(self) -> int:
        """Count what is stale, as the nightly run does."""
        self.session.commit()
        with self.app.app_context():
            return refresh_days()

    def press(self, action: str, **answers: str) -> None:
        """Do something with the answer, as its customer does."""
        assert self.client.post(f"/r/mine/{action}", data=form(**answers)).status_code == 303
