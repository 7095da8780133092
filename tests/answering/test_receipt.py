"""What customers do with an answer of their own."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, AnswerChoice, Response, ResponseRevision
from feedback_app.followup.models import Case, CaseStatus, Flag
from feedback_app.invitations.models import Suppression
from feedback_app.scoring.models import SentimentScore
from tests.answering.test_submit import form, responses, survey_of_every_kind, texts
from tests.support.clients import Client
from tests.support.factories import make_invitation, make_noise, make_score, make_survey


def submitted(client: Client, path: str, **answers: Any) -> str:
    """Submit an answer; return the path of its receipt."""
    location: str = client.post(path, data=form(**answers)).location
    return location.removesuffix("/thanks")


@pytest.fixture
def path(session: Session) -> str:
    make_noise(session)
    return f"/s/{make_survey(session).slug}"


def mine(session: Session, receipt_of: str = "link") -> Response:
    """Return the response that was submitted by the open link."""
    session.expire_all()
    return session.scalars(sa.select(Response).where(Response.source == receipt_of)).one()


def test_a_receipt_shows_what_was_answered(client: Client, session: Session) -> None:
    survey = survey_of_every_kind(session)
    receipt = submitted(
        client, f"/s/{survey.slug}", csat=2, solved="no", why="Nobody <called>.", contact="yes", contact__how="47"
    )
    page = client.get(receipt).text
    assert all(
        words in page for words in ("2, on a scale from 1 to 5", "no (en)", "Nobody &lt;called&gt;.", "Yes · 47")
    )


def test_a_correction_replaces_the_answer_and_keeps_what_was_said(client: Client, session: Session, path: str) -> None:
    receipt = submitted(client, path, score="9", why="Fine", contact="yes", contact__how="47")
    page = client.get(f"{receipt}/correct")
    assert (page.status_code, "Fine</textarea>" in page.text) == (200, True)
    for _ in range(2):
        assert client.post(f"{receipt}/correct", data=form(score="2", why="Not fine")).location == receipt
    response = mine(session)
    assert (response.score, response.corrected_at is not None) == (2, True)
    said = {answer.question.key: answer.number or answer.text for answer in response.answers}
    assert said == {"score": 2, "why": "Not fine"}
    [revision] = session.scalars(sa.select(ResponseRevision))
    assert revision.content == {"score": 9, "why": "Fine", "contact": {"how": "47", "when": ""}}
    assert session.scalars(sa.select(Case.status).where(Case.response_id == response.id)).all() == [CaseStatus.OPEN]


def test_choices_can_be_corrected(client: Client, session: Session) -> None:
    survey = survey_of_every_kind(session)
    receipt = submitted(client, f"/s/{survey.slug}", csat="5", missing=["time", "tone"])
    client.post(f"{receipt}/correct", data=form(csat="5", missing=["tone", "knowledge"], solved="yes"))
    names = {choice.id: choice.key for one in survey.questions for choice in one.choices}
    picked = [names[choice] for choice in session.scalars(sa.select(AnswerChoice.choice_id))]
    assert sorted(picked) == ["knowledge", "tone", "yes"]


def test_a_corrected_text_is_read_anew(client: Client, session: Session, path: str) -> None:
    receipt = submitted(client, path, score="9", why="Terrible")
    text = next(answer for answer in mine(session).answers if answer.text)
    make_score(session, text)
    client.post(f"{receipt}/correct", data=form(score="9", why="Terrific"))
    assert session.scalars(sa.select(SentimentScore).where(SentimentScore.answer_id == text.id)).all() == []


def test_a_wrong_correction_changes_nothing(client: Client, session: Session, path: str) -> None:
    receipt = submitted(client, path, score="9", why="Fine")
    page = client.post(f"{receipt}/correct", data=form(score="11", why="Other"))
    assert (page.status_code, "Other</textarea>" in page.text) == (422, True)
    assert mine(session).score == 9
    assert session.scalars(sa.select(ResponseRevision)).all() == []


def test_a_withdrawn_answer_leaves_the_inbox_and_cannot_be_corrected(
    client: Client, session: Session, path: str
) -> None:
    receipt = submitted(client, path, score="1")
    for _ in range(2):
        assert client.post(f"{receipt}/withdraw").status_code == 303
    response = mine(session)
    assert response.withdrawn_at is not None
    case = session.scalars(sa.select(Case).where(Case.response_id == response.id)).one()
    assert case.status == CaseStatus.WITHDRAWN
    assert client.get(f"{receipt}/correct").status_code == 409
    assert client.post(f"{receipt}/correct", data=form(score="9")).status_code == 409
    assert "You withdrew this answer" in client.get(receipt).text


def test_an_objection_forgets_what_a_machine_has_read(client: Client, session: Session, path: str) -> None:
    receipt = submitted(client, path, score="9", why="Terrible")
    text = next(answer for answer in mine(session).answers if answer.text)
    make_score(session, text)
    client.post(f"{receipt}/object")
    assert mine(session).objected_at is not None
    assert session.scalars(sa.select(SentimentScore.answer_id)).all() != [text.id]
    assert session.get(SentimentScore, (text.id, "test-model")) is None
    assert "No machine reads this answer" in client.get(receipt).text


def test_a_deletion_deletes_the_answer_and_all_that_hangs_on_it_and_nothing_else(
    client: Client, session: Session, path: str
) -> None:
    tables = (Response, Answer, Case, Flag, SentimentScore, ResponseRevision)

    def counts() -> list[int]:
        session.rollback()
        return [session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables]

    before = counts()
    receipt = submitted(client, path, score="1", why="Terrible")
    make_score(session, next(answer for answer in mine(session).answers if answer.text))
    client.post(f"{receipt}/correct", data=form(score="0", why="More terrible"))
    assert counts() != before
    done = client.post(f"{receipt}/delete")
    assert client.get(done.location).status_code == 200
    assert counts() == before
    assert client.get(receipt).status_code == 404
    assert client.post(f"{receipt}/delete").status_code == 404


def test_somebody_with_a_personal_link_can_stop_the_invitations(client: Client, session: Session, path: str) -> None:
    invitation, token = make_invitation(session)
    receipt = submitted(client, f"/i/{token}", score="9")
    assert invitation.customer is not None
    assert str(invitation.customer.email) in client.get(receipt).text
    for _ in range(2):
        client.post(f"{receipt}/stop")
    assert len(session.scalars(sa.select(Suppression)).all()) == 1
    assert "no more invitations" in client.get(receipt).text
    assert client.post(f"{submitted(client, path, score='9')}/stop").status_code == 303
    assert len(session.scalars(sa.select(Suppression)).all()) == 1


def test_a_get_changes_nothing(client: Client, session: Session, path: str) -> None:
    receipt = submitted(client, path, score="9", why="Fine")
    statuses = [client.get(f"{receipt}/{action}").status_code for action in ("withdraw", "delete", "object", "stop")]
    assert statuses == [405] * 4
    response = mine(session)
    assert (response.withdrawn_at, response.objected_at, texts(session).count("Fine")) == (None, None, 1)
    assert responses(session)
