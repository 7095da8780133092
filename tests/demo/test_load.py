"""The demo's story in the database: complete, consistent, and dated relative to the day of loading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.customers.models import Customer
from feedback_app.database import engine_for
from feedback_app.demo.load import is_loaded, load_story
from feedback_app.demo.story import read_answers, read_customers, read_labels
from feedback_app.followup.models import Case, Flag
from feedback_app.invitations.models import Invitation
from feedback_app.surveys.models import Question, Survey
from tests.support.databases import Databases

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)  # the day after the clock change, early in the morning


@pytest.fixture(scope="module")
def story(all_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A database with the story in it, that no test changes."""
    with all_databases.fresh("sqlite", tmp_path_factory.mktemp("story")) as url:
        engine = engine_for(url)
        with Session(engine) as session:
            load_story(session, NOW, OSLO)
            session.commit()
            yield session
        engine.dispose()


def count(session: Session, table: type, *conditions: object) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0  # type: ignore[arg-type]


def test_nothing_is_loaded_at_first_and_everything_afterwards(session: Session) -> None:
    assert not is_loaded(session)
    load_story(session, NOW, OSLO)
    assert is_loaded(session)
    told = read_answers(NOW, OSLO)
    assert count(session, Response) == len(told) == 660
    assert count(session, Answer, Answer.text.is_not(None)) == len(read_labels()) == 600
    assert count(session, Survey) == 3
    assert count(session, Customer) == len(read_customers())


def test_the_answers_are_of_the_last_thirty_days(story: Session) -> None:
    moments = list(story.scalars(sa.select(Response.submitted_at)))
    assert max(moments) < NOW
    assert NOW - timedelta(days=31) < min(moments) < NOW - timedelta(days=28)
    assert any(moment.astimezone(OSLO).date() == NOW.astimezone(OSLO).date() for moment in moments)


def test_a_case_is_opened_on_the_day_of_its_answer_for_a_low_score_or_a_wish_for_contact(story: Session) -> None:
    for case in story.scalars(sa.select(Case)):
        assert case.opened_at - case.answered_at < timedelta(days=1)
    told = read_answers(NOW, OSLO)
    limits = {"nordlys": 6, "nordlys-support": 2, "nordlys-installation": 3}
    low = sum(one.score <= limits[one.survey] for one in told)
    contact = sum(one.contact_wanted for one in told)
    kinds = Counter(story.scalars(sa.select(Flag.kind)))
    assert kinds == {"low_score": low, "contact_wanted": contact}


def test_people_belong_to_their_companies(story: Session) -> None:
    person = story.scalars(sa.select(Customer).where(Customer.reference == "c08b")).one()
    assert person.company is not None
    assert (person.company.name, person.company_role) == ("Brightfjell Analytics AS", "user")
    assert count(story, Customer, Customer.kind == "company") == 16


def test_known_customers_answered_by_personal_link_and_others_by_the_open_one(story: Session) -> None:
    told = read_answers(NOW, OSLO)
    known = sum(one.customer is not None for one in told)
    sources = Counter(story.scalars(sa.select(Response.source)))
    assert sources == {"invitation": known, "link": len(told) - known}
    rows = story.execute(
        sa.select(Response, Invitation).join(Invitation, Invitation.id == Response.invitation_id)
    ).all()
    assert len(rows) == known
    for response, invitation in rows:
        assert (response.customer_id, response.survey_id) == (invitation.customer_id, invitation.survey_id)
        assert (response.agent, response.order_reference) == (invitation.agent, invitation.order_reference)
        assert response.submitted_at == invitation.finished_at
    assert count(story, Invitation, Invitation.finished_at.is_(None)) == 3 * 62


def test_a_suggestion_is_stored_under_the_question_that_asked_for_it(story: Session) -> None:
    polarities = Counter(
        story.scalars(
            sa.select(Question.polarity).join(Answer, Answer.question_id == Question.id).where(Answer.text.is_not(None))
        )
    )
    told = [one for one in read_answers(NOW, OSLO) if one.text]
    assert polarities["suggestion"] == sum(one.question == "improve" for one in told)  # type: ignore[index]
    assert polarities.total() == len(told)
