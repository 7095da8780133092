"""From a link to a stored answer."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.followup.models import Case
from feedback_app.invitations.models import Invitation
from feedback_app.surveys.models import QuestionKind, Survey
from tests.faults.traffic import FormFields
from tests.support.clients import Client
from tests.support.factories import make_invitation, make_survey, question


def form(**answers: Any) -> dict[str, Any]:
    """Return a filled-in form: `q.<key>` for each answer."""
    named = {f"q.{key.replace('__', '.')}": value for key, value in answers.items()}
    return {"submission_id": secrets.token_hex(16), "lang": "en", **named}


def responses(session: Session) -> list[Response]:
    """Return all that is stored."""
    session.expire_all()
    return list(session.scalars(sa.select(Response)))


def texts(session: Session) -> list[str | None]:
    """Return the texts that are stored."""
    return list(session.scalars(sa.select(Answer.text).where(Answer.text.is_not(None))))


def survey_of_every_kind(session: Session) -> Survey:
    """Make a survey with each kind of question."""
    return make_survey(
        session,
        [
            question("csat", QuestionKind.CSAT),
            question("ces", QuestionKind.CES),
            question("solved", QuestionKind.SINGLE, ["yes", "no"]),
            question("missing", QuestionKind.MULTIPLE, ["time", "tone", "knowledge"]),
            question("short", QuestionKind.SHORT),
            question("why", QuestionKind.LONG),
            question("contact", QuestionKind.CONTACT),
        ],
    )


def test_an_answer_is_stored_and_thanked_for(client: Client, session: Session) -> None:
    path = f"/s/{make_survey(session).slug}"
    page = client.get(path)
    done = client.post(path, data=FormFields(page.text, "Nobody called me back, æøå.").fields)
    assert done.status_code == 303
    assert client.get(done.location).status_code == 200
    [response] = responses(session)
    assert (response.score_kind, response.score, response.source, response.survey_version) == ("nps", 3, "link", 1)
    assert texts(session) == ["Nobody called me back, æøå."]
    assert "Set-Cookie" not in {**page.headers, **done.headers}


def test_every_kind_of_question_is_stored_in_its_columns(client: Client, session: Session) -> None:
    survey = survey_of_every_kind(session)
    sent = form(csat=5, ces=7, solved="no", missing=["tone", "time"], short=" a ", why="b\r\nc", contact="yes")
    sent |= {"q.contact.how": "47 11 22 33", "q.contact.when": "after noon"}
    assert client.post(f"/s/{survey.slug}", data=sent).status_code == 303
    [response] = responses(session)
    by_key = {answer.question.key: answer for answer in response.answers}
    names = {choice.id: choice.key for one in survey.questions for choice in one.choices}
    assert (by_key["csat"].number, by_key["ces"].number) == (5, 7)
    assert (by_key["short"].text, by_key["why"].text) == ("a", "b\nc")
    assert [names[picked.choice_id] for picked in by_key["solved"].choices] == ["no"]
    assert {names[picked.choice_id] for picked in by_key["missing"].choices} == {"time", "tone"}
    contact = by_key["contact"]
    assert (contact.contact_wanted, contact.contact_how, contact.contact_when) == (True, "47 11 22 33", "after noon")


def test_an_nps_of_zero_is_an_answer(client: Client, session: Session) -> None:
    assert client.post(f"/s/{make_survey(session).slug}", data=form(score="0")).status_code == 303
    assert [response.score for response in responses(session)] == [0]


def test_a_low_score_opens_a_case_in_the_same_transaction_and_a_high_one_does_not(
    client: Client, session: Session
) -> None:
    path = f"/s/{make_survey(session).slug}"
    client.post(path, data=form(score="9"))
    assert session.scalars(sa.select(Case)).all() == []
    client.post(path, data=form(score="6"))
    assert [case.response.score for case in session.scalars(sa.select(Case))] == [6]


def test_the_same_submission_again_is_the_same_answer(client: Client, session: Session) -> None:
    path, sent = f"/s/{make_survey(session).slug}", form(score="9", why="Fine")
    first, second = client.post(path, data=sent), client.post(path, data=sent)
    assert (second.status_code, second.location) == (303, first.location)
    assert len(responses(session)) == 1


def test_the_same_submission_with_other_words_is_refused_and_shown_its_receipt(
    client: Client, session: Session
) -> None:
    path, sent = f"/s/{make_survey(session).slug}", form(score="9", why="Fine")
    first = client.post(path, data=sent)
    statuses = {client.post(path, data=sent | {"q.why": f"Not fine {n}"}).status_code for n in range(100)}
    print(f"100 other bodies: {statuses}, stored {texts(session)}")
    assert (statuses, texts(session)) == ({409}, ["Fine"])
    page = client.post(path, data=sent | {"q.why": "Not fine"})
    assert first.location.removesuffix("/thanks") in page.text


def test_a_closed_survey_still_answers_a_repetition(client: Client, session: Session) -> None:
    survey = make_survey(session)
    path, sent = f"/s/{survey.slug}", form(score="9")
    first = client.post(path, data=sent)
    survey.closes_at = utc_now() - timedelta(minutes=1)
    client.application.extensions["stemme_surveys"].forget()
    assert client.post(path, data=sent).location == first.location
    assert client.post(path, data=form(score="9")).status_code == 410


def test_a_personal_link_is_answered_once_and_knows_whom_it_asked(client: Client, session: Session) -> None:
    invitation, token = make_invitation(session, agent="Kim", team="North", product="Fibre", order_reference="A-1")
    sent = form(score="9", contact="yes")
    first = client.post(f"/i/{token}", data=sent)
    assert first.status_code == 303
    assert client.post(f"/i/{token}", data=sent).location == first.location
    assert client.post(f"/i/{token}", data=form(score="2")).status_code == 409
    assert client.get(f"/i/{token}").status_code == 200
    [response] = responses(session)
    assert (response.customer_id, response.invitation_id) == (invitation.customer_id, invitation.id)
    assert (response.agent, response.team, response.product, response.order_reference) == (
        "Kim",
        "North",
        "Fibre",
        "A-1",
    )
    assert session.scalars(sa.select(Invitation.finished_at)).one() is not None


def test_a_submission_of_an_open_link_cannot_be_claimed_by_a_personal_one(client: Client, session: Session) -> None:
    invitation, token = make_invitation(session)
    sent = form(score="9")
    client.post(f"/s/{invitation.survey.slug}", data=sent)
    assert client.post(f"/i/{token}", data=sent).status_code == 409


def test_the_database_holds_neither_the_receipt_nor_what_it_is_made_of(
    client: Client, session: Session, config: Config
) -> None:
    sent = form(score="9")
    location = client.post(f"/s/{make_survey(session).slug}", data=sent).location
    [response] = responses(session)
    columns = [str(getattr(response, column.key)) for column in sa.inspect(Response).columns]
    assert not any(secret in value for value in columns for secret in (location.split("/")[2], sent["submission_id"]))


def test_prefill_selects_and_saves_nothing(client: Client, session: Session) -> None:
    path = f"/s/{make_survey(session).slug}"
    page = client.get(f"{path}?score=9").text
    assert page.count(" checked") == 1
    assert 'value="9" data-band="high" checked' in page
    assert all(" checked" not in client.get(f"{path}?score={value}").text for value in ("11", "-1", "٣", "9 ", "x"))
    assert responses(session) == []


@pytest.mark.parametrize("score", ["0", "6"])
def test_a_conditional_question_is_required_only_where_it_is_asked(
    client: Client, session: Session, score: str
) -> None:
    conditional = question("why", QuestionKind.LONG, required=True, show_if_key="score", show_if_values=["low"])
    path = f"/s/{make_survey(session, [question('score', QuestionKind.NPS), conditional]).slug}"
    assert client.post(path, data=form(score=score)).status_code == 422
    assert client.post(path, data=form(score="7", why="left over")).status_code == 303
    assert texts(session) == []


def test_a_chain_of_conditions_follows_the_choices(client: Client, session: Session) -> None:
    second = question("part", QuestionKind.SINGLE, ["a", "b"], show_if_key="solved", show_if_values=["no"])
    third = question("why", QuestionKind.LONG, show_if_key="part", show_if_values=["b"])
    survey = make_survey(session, [question("solved", QuestionKind.SINGLE, ["yes", "no"]), second, third])
    client.post(f"/s/{survey.slug}", data=form(solved="no", part="b", why="asked"))
    client.post(f"/s/{survey.slug}", data=form(solved="yes", part="b", why="not asked"))
    client.post(f"/s/{survey.slug}", data=form(solved="no", part="a", why="not asked"))
    assert texts(session) == ["asked"]


def test_contact_needs_a_way_by_the_open_link_only(client: Client, session: Session) -> None:
    invitation, token = make_invitation(session)
    page = client.post(f"/s/{invitation.survey.slug}", data=form(score="9", contact="yes"))
    assert page.status_code == 422
    assert 'href="#q-contact-how"' in page.text
    assert client.post(f"/i/{token}", data=form(score="9", contact="yes")).status_code == 303
