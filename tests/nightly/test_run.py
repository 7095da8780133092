"""The nightly run: every text scored once, skipped ones with their reason, unhappy ones flagged."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from feedback_app.clock import utc_now
from feedback_app.nightly.run import Options, Summary, score_new_answers
from feedback_app.scoring.models import QualitySample, ScoringAttempt, ScoringRun, SentimentScore
from feedback_app.surveys.models import Polarity, QuestionKind
from tests.support.factories import make_noise, make_response, make_survey, question
from tests.support.models import StubModel

ANGRY = "Terrible service. I am angry."


def score(app: Flask, session: Session, model: StubModel | None = None, **options: object) -> Summary:
    """Run the nightly run in this process."""
    session.commit()
    with app.app_context():
        return score_new_answers(Options(**options), model or StubModel())  # type: ignore[arg-type]


def write(session: Session, *texts: str, **values: object) -> list[Answer]:
    """Store a response for each text; return the answers that hold them."""
    survey = make_survey(session)
    made = [make_response(session, survey, {"why": text}, **values) for text in texts]
    return [response.answers[0] for response in made]


def scores(session: Session) -> dict[int, SentimentScore]:
    """Return the ledger by answer."""
    return {row.answer_id: row for row in session.scalars(sa.select(SentimentScore))}


def test_every_text_is_scored_and_a_second_run_finds_nothing(app: Flask, session: Session) -> None:
    answers = write(session, ANGRY, "Thank you.", "It was blue.")
    first, second = score(app, session), score(app, session)
    assert (first.state, first.scored, second.scored) == ("succeeded", 3, 0)
    assert {row.answer_id: row.unhappy for row in scores(session).values()} == {
        answers[0].id: True,
        answers[1].id: False,
        answers[2].id: False,
    }


def test_a_text_that_was_not_scored_says_why_and_is_never_neutral(app: Flask, session: Session) -> None:
    empty, japanese = write(session, "  ", "こんにちは")
    (silent,) = write(session, ANGRY, objected_at=utc_now())
    model = StubModel()
    done = score(app, session, model)
    assert done.skipped == {"empty": 1, "language": 1, "objection": 1}
    assert {key: row.reason for key, row in scores(session).items()} == {
        empty.id: "empty",
        japanese.id: "language",
        silent.id: "objection",
    }
    assert all(row.label is None and row.negative is None for row in scores(session).values())
    assert ANGRY not in model.seen[0], "a text whose customer objects must not be read"


def test_a_withdrawn_response_is_not_read(app: Flask, session: Session) -> None:
    write(session, ANGRY, withdrawn_at=utc_now())
    assert score(app, session).scored == 0


def test_a_new_model_version_scores_again_and_keeps_the_old_rows(app: Flask, session: Session) -> None:
    write(session, ANGRY)
    score(app, session, StubModel("one"))
    done = score(app, session, StubModel("two"))
    assert (done.scored, done.model_version) == (1, "two")
    assert sorted(session.scalars(sa.select(SentimentScore.model_version))) == ["one", "two"]


def test_rescore_reads_again_what_this_version_had_scored(app: Flask, session: Session) -> None:
    (answer,) = write(session, "Thank you.")
    score(app, session)
    before = scores(session)[answer.id].scored_at
    session.rollback()
    assert score(app, session, rescore=True).scored == 1
    session.expire_all()
    assert scores(session)[answer.id].scored_at > before


def test_a_corrected_answer_is_read_again(app: Flask, session: Session) -> None:
    (answer,) = write(session, "Thank you.")
    score(app, session)
    answer.text, answer.response.corrected_at = ANGRY, utc_now()
    assert score(app, session).scored == 1
    session.expire_all()
    assert scores(session)[answer.id].unhappy


def test_limit_and_since_bound_the_work(app: Flask, session: Session) -> None:
    write(session, "old", submitted_at=utc_now() - timedelta(days=9))
    write(session, *["new"] * 5)
    assert score(app, session, since=utc_now() - timedelta(days=1), limit=3).scored == 3
    assert score(app, session, since=utc_now() - timedelta(days=1)).scored == 2
    assert score(app, session).scored == 1


def test_a_suggestion_needs_more_than_a_complaint(app: Flask, session: Session) -> None:
    asked = [question("open", QuestionKind.LONG), question("improve", QuestionKind.LONG, polarity=Polarity.SUGGESTION)]
    make_response(session, make_survey(session, asked), {"open": "0.6 so so", "improve": "0.6 so so"})
    make_response(session, make_survey(session, asked_again()), {"improve": "0.8 bad"})
    score(app, session)
    assert [row.unhappy for _, row in sorted(scores(session).items())] == [True, False, True]


def asked_again() -> list:
    """Return one question for suggestions."""
    return [question("improve", QuestionKind.LONG, polarity=Polarity.SUGGESTION)]


def test_the_telling_sentence_is_kept_for_unhappy_texts_only(app: Flask, session: Session) -> None:
    text = "The shop was clean. I am angry about the wait. Bye."
    unhappy, happy = write(session, text, "Thank you.")
    score(app, session)
    row = scores(session)[unhappy.id]
    assert text[row.telling_start : row.telling_end].strip() == "I am angry about the wait."
    assert row.sentences is not None
    assert len(row.sentences) == 3
    assert scores(session)[happy.id].sentences is None
    assert session.scalar(sa.select(sa.func.count()).where(SentimentScore.sentences.is_(None))) == 1


@pytest.mark.parametrize("poisoned", [0, 7, 19])
def test_a_text_that_raises_is_given_up_and_takes_no_other_with_it(app: Flask, session: Session, poisoned: int) -> None:
    answers = write(session, *[f"text {number}." for number in range(20)])

    def poison(text: str) -> None:
        if text == f"text {poisoned}.":
            raise RuntimeError(text)

    done = score(app, session, StubModel(poison=poison))
    assert (done.state, done.scored, done.failed) == ("succeeded", 19, 1)
    assert [row.answer_id for row in scores(session).values() if row.reason == "error"] == [answers[poisoned].id]
    assert score(app, session).scored == 0, "what was given up stays given up"


def test_a_model_that_fails_on_everything_fails_the_run_and_gives_nothing_up(app: Flask, session: Session) -> None:
    write(session, *["text"] * 9)

    def poison(_text: str) -> None:
        raise MemoryError

    done = score(app, session, StubModel(poison=poison))
    assert (done.state, done.failed) == ("failed", 0)
    assert scores(session) == {}
    assert score(app, session).scored == 9


def test_what_changes_while_the_model_works_is_left_out(app: Flask, session: Session) -> None:
    kept, erased, objecting, withdrawn, corrected = write(session, *["Terrible."] * 5)
    session.commit()
    ids = [answer.response_id for answer in (erased, objecting, withdrawn, corrected)]

    def meanwhile(_text: str) -> None:
        session.execute(sa.delete(Response).where(Response.id == ids[0]))
        for column, response_id in zip(("objected_at", "withdrawn_at", "corrected_at"), ids[1:], strict=True):
            session.execute(sa.update(Response).where(Response.id == response_id).values({column: utc_now()}))
        session.commit()

    done = score(app, session, StubModel(poison=meanwhile))
    assert (done.state, done.scored) == ("succeeded", 1)
    assert list(scores(session)) == [kept.id]
    assert session.scalar(sa.select(sa.func.count()).select_from(ScoringAttempt)) == 0
    assert score(app, session).skipped["objection"] == 1
    assert set(scores(session)) == {kept.id, objecting.id, corrected.id}


def test_no_transaction_is_open_while_the_model_works(app: Flask, session: Session) -> None:
    write(session, "one", "two")
    checked_out: list[int] = []

    def look(_text: str) -> None:
        from feedback_app.database import db

        checked_out.append(db.session.registry.has() and db.session().in_transaction())

    score(app, session, StubModel(poison=look))
    assert checked_out == [False, False]


def test_a_run_writes_its_row_and_closes_those_of_dead_processes(app: Flask, session: Session) -> None:
    dead = ScoringRun(started_at=utc_now() - timedelta(days=1), model_version="stub-1", holder=12345)
    session.add(dead)
    write(session, ANGRY)
    score(app, session)
    session.expire_all()
    runs = session.scalars(sa.select(ScoringRun).order_by(ScoringRun.id)).all()
    assert [run.state for run in runs] == ["interrupted", "succeeded"]
    assert (runs[1].scored, runs[1].unhappy) == (1, 1)
    assert runs[1].finished_at is not None


def test_texts_that_three_readers_died_of_are_given_up_and_those_of_the_living_left_alone(
    app: Flask, session: Session
) -> None:
    from feedback_app.database import db
    from feedback_app.liveness import Liveness

    once, thrice, elsewhere = write(session, "once", "thrice", "elsewhere")
    session.commit()
    with app.app_context(), Liveness(db.engine) as other:
        for answer, attempts, holder in ((once, 1, 777), (thrice, 3, 777), (elsewhere, 1, other.number)):
            row = {"answer_id": answer.id, "model_version": "stub-1", "attempts": attempts, "holder": holder}
            session.add(ScoringAttempt(**row))
        model = StubModel()
        done = score(app, session, model)
    assert (done.scored, done.failed, model.seen) == (1, 1, [["once"]])
    assert score(app, session).scored == 1, "the other process is gone now, so its text is free"


def test_tonights_five_are_unflagged_texts_drawn_once(app: Flask, session: Session) -> None:
    make_noise(session)
    unhappy, *others = write(session, ANGRY, *["Fine."] * 8)
    score(app, session)
    score(app, session)
    drawn = session.scalars(sa.select(QualitySample)).all()
    assert len({row.answer_id for row in drawn}) == len(drawn) == 5
    assert {row.answer_id for row in drawn} <= {answer.id for answer in others} | noise_ids(session)
    assert unhappy.id not in {row.answer_id for row in drawn}


def noise_ids(session: Session) -> set[int]:
    """Return the unflagged answers that are in no way special."""
    return set(session.scalars(sa.select(SentimentScore.answer_id).where(SentimentScore.unhappy.is_(False))))


def test_the_summary_is_exactly_what_the_contract_says(app: Flask, session: Session) -> None:
    write(session, ANGRY, " ")
    line = score(app, session).as_json()
    assert list(line) == ["scored", "skipped", "failed", "flagged", "seconds", "texts_per_second", "model_version"]
    assert (line["scored"], line["skipped"]) == (1, {"empty": 1, "language": 0, "objection": 0})
    assert line["flagged"] == 1
