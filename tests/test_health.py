"""The two health pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.scoring.models import ScoringRun
from tests.support.clients import Client


def test_the_site_answers(client: Client) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


@pytest.mark.parametrize(
    ("hours", "state", "status"), [(25, "succeeded", 200), (27, "succeeded", 503), (1, "failed", 503)]
)
def test_the_batch_is_overdue_26_hours_after_its_last_success(
    client: Client, session: Session, hours: int, state: str, status: int
) -> None:
    ended = utc_now() - timedelta(hours=hours)
    session.add(ScoringRun(started_at=ended, finished_at=ended, state=state, model_version="m"))
    response = client.get("/healthz/batch")
    assert response.status_code == status
    assert response.json is not None
    assert response.json["message"].endswith(".")


def test_a_site_whose_run_never_succeeded_says_so(client: Client) -> None:
    response = client.get("/healthz/batch")
    assert (response.status_code, response.json) == (
        503,
        {"status": "overdue", "message": "The nightly run has never succeeded."},
    )
