"""The page of the model's quality: precision, recall, tonight's five and contradictions."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Role
from feedback_app.clock import utc_now
from feedback_app.followup.models import FlagKind
from feedback_app.scoring.models import Correction, QualitySample, ScoringRun
from feedback_app.scoring.queries_quality import quality
from tests.support.clients import Client
from tests.support.factories import (
    MODEL_VERSION,
    make_case,
    make_flag,
    make_noise,
    make_response,
    make_run,
    make_score,
    make_survey,
    save,
    text_of,
)
from tests.support.staff import sign_in

SAMPLE = {"night": "2026-01-31", "population": 9, "drawn_at": utc_now(), "model_version": MODEL_VERSION}
pytestmark = pytest.mark.usefixtures("run")


@pytest.fixture
def run(session: Session) -> ScoringRun:
    """A run that succeeded just now."""
    return make_run(session)


def test_tonights_five_are_judged_once_by_a_lead(client: Client, session: Session) -> None:
    response = make_response(session, answers={"why": "Fine, I suppose"})
    answer = text_of(response)
    make_score(session, answer, 0.2)
    save(session, QualitySample(answer_id=answer.id, **SAMPLE))
    staff = sign_in(client, session)
    assert "Fine, I suppose" in client.get("/quality").text
    answered = client.post(f"/quality/{answer.id}", data=staff.form(unhappy="yes"))
    assert answered.status_code == 302
    correction = session.scalars(sa.select(Correction)).one()
    assert (correction.unhappy, correction.machine_unhappy, correction.source) == (True, False, "sample")
    assert "Fine, I suppose" not in client.get("/quality").text


def test_only_texts_that_were_drawn_at_random_can_be_judged_there(client: Client, session: Session) -> None:
    answer = text_of(make_response(session))
    make_score(session, answer, 0.2)
    staff = sign_in(client, session)
    assert client.post(f"/quality/{answer.id}", data=staff.form(unhappy="yes")).status_code == 404
    assert session.scalars(sa.select(Correction)).all() == []


def test_a_sampled_text_counts_for_recall_wherever_it_was_judged(session: Session) -> None:
    make_noise(session)
    for unhappy, version, drawn in ((True, MODEL_VERSION, True), (True, MODEL_VERSION, False), (True, "older", True)):
        answer = text_of(make_response(session))
        make_score(session, answer, 0.2)
        verdict = {"unhappy": unhappy, "machine_unhappy": False, "source": "flag", "negative": 0.2, "threshold": 0.5}
        save(session, Correction(answer_id=answer.id, at=utc_now(), model_version=version, **verdict))
        if drawn:
            save(session, QualitySample(answer_id=answer.id, **(SAMPLE | {"model_version": version})))
    (figures,) = quality(session, MODEL_VERSION)["all"]
    assert (figures.sampled, figures.missed) == (1, 1)


def test_the_contradictions_are_listed_without_withdrawn_ones(client: Client, session: Session) -> None:
    for text, moment in (("Awful, all of it", None), ("Taken back", utc_now())):
        response = make_response(session, answers={"score": 9, "why": text}, withdrawn_at=moment)
        case = make_case(session, response, kinds=())
        found = {"answer_id": text_of(response).id, "model_version": MODEL_VERSION}
        make_flag(session, case, FlagKind.CONTRADICTION, **found)
    sign_in(client, session, Role.VIEWER)
    page = client.get("/quality").text
    assert "Awful, all of it" in page
    assert "Taken back" not in page


def test_a_viewer_cannot_judge(client: Client, session: Session) -> None:
    answer = text_of(make_response(session))
    make_score(session, answer, 0.2)
    staff = sign_in(client, session, Role.VIEWER)
    assert client.post(f"/quality/{answer.id}", data=staff.form(unhappy="yes")).status_code == 403


def test_quality_shows_no_percentage_under_thirty_labels_and_both_figures_from_there(
    client: Client, session: Session
) -> None:
    survey = make_survey(session, slug="judged")
    labels = {"at": utc_now(), "model_version": MODEL_VERSION, "threshold": 0.5}
    for number in range(60):
        flagged = number < 30
        answer = text_of(make_response(session, survey, {"why": f"text {number}"}))
        make_score(session, answer, 0.9 if flagged else 0.1)
        if number == 30:
            sign_in(client, session)
            page = client.get("/quality").text
            assert "100 %" in page.replace("\xa0", " ")
        source = "flag" if flagged else "sample"
        verdict = {
            "unhappy": flagged,
            "machine_unhappy": flagged,
            "source": source,
            "negative": 0.9 if flagged else 0.1,
        }
        save(session, Correction(answer_id=answer.id, **labels, **verdict))
        if not flagged:
            save(session, QualitySample(answer_id=answer.id, **SAMPLE))
        if number == 0:
            sign_in(client, session)
            assert "Too few answers for a figure" in client.get("/quality").text
    page = client.get("/quality").text.replace("\xa0", " ")
    assert page.count("95 % interval") == 3
