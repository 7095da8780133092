"""Many stored answers on PostgreSQL in little time: set-based, with texts, scores and cases."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.accounts.models import User
from feedback_app.clock import utc_now
from feedback_app.surveys.models import Survey
from tests.support.factories import MODEL_VERSION, make_survey, make_user

YEARS = 2  # over which the answers came in
OPEN_SHARE = 0.5  # of the cases: the newer ones; more than a company should ever have

# One response in ten is unhappy: its number divides by ten, its text and its score say so, and it has a case.
STATEMENTS = (
    """INSERT INTO customer (id, reference, kind, audience, name, email, created_at)
       SELECT i, 'C-' || i, 'person', 'external', 'Kari ' || md5(i::text), i || '@example.com', :now
       FROM generate_series(1, :count / 10) i""",
    """INSERT INTO response (id, survey_id, survey_version, submission_id, payload_hash, customer_id, language,
           submitted_at, source, score_kind, score, channel, agent, team, product, order_reference)
       SELECT i, :survey, 1, md5(i::text), md5(i::text), 1 + i % (:count / 10),
           (ARRAY['nb', 'en', 'nb', 'nn'])[1 + i % 4], :now - (:count - i) * (interval '1 year' * :years / :count),
           'link', 'nps', CASE WHEN i % 10 = 0 THEN i / 10 % 7 ELSE 7 + i % 4 END,
           'mail', 'agent ' || i % 50, 'team ' || i % 5, 'product ' || i % 20, 'O-' || i
       FROM generate_series(1, :count) i""",
    """INSERT INTO answer (id, response_id, question_id, number) SELECT id, id, :score, score FROM response""",
    """INSERT INTO answer (id, response_id, question_id, text)
       SELECT :count + id, id, :why, CASE WHEN id % 10 = 0
           THEN 'I waited for weeks and nobody called me back about order ' || id || ' ' || md5(id::text)
           ELSE 'Everything went well with order ' || id || ' ' || md5(id::text) END
       FROM response WHERE id % 5 < 3 OR id % 10 = 0""",
    """INSERT INTO sentiment_score (answer_id, model_version, scored_at, label, negative, neutral, positive, threshold,
           unhappy, language, language_sure, truncated)
       SELECT answer.id, :version, response.submitted_at + interval '10 hours',
           CASE WHEN response.id % 10 = 0 THEN 'negative' ELSE 'positive' END,
           CASE WHEN response.id % 10 = 0 THEN 0.9 ELSE 0.1 END, 0,
           CASE WHEN response.id % 10 = 0 THEN 0.1 ELSE 0.9 END, 0.5, response.id % 10 = 0, response.language,
           true, false
       FROM answer JOIN response ON response.id = answer.response_id WHERE answer.text IS NOT NULL""",
    """INSERT INTO case_ (id, response_id, survey_id, customer_id, language, status, urgency_rank, opened_at,
           answered_at, due_at, lock_version, owner_id, first_touch_at, resolved_at, resolved_by_id)
       SELECT id / 10, id, survey_id, customer_id, language, CASE WHEN done THEN 'resolved' ELSE 'open' END,
           id / 10 % 8, submitted_at, submitted_at, submitted_at + interval '48 hours', 1,
           CASE WHEN id % 30 = 0 THEN :owner END, CASE WHEN done THEN submitted_at + interval '20 hours' END,
           CASE WHEN done THEN submitted_at + interval '30 hours' END, CASE WHEN done THEN :owner END
       FROM (SELECT *, id <= :count * (1 - :open) AS done FROM response WHERE id % 10 = 0) unhappy""",
    """INSERT INTO flag (case_id, response_id, answer_id, kind, raised_at, negative, model_version, threshold)
       SELECT id, response_id, :count + response_id, 'unhappy_text', opened_at, 0.9, :version, 0.5 FROM case_""",
    """INSERT INTO case_text (case_id, body)
       SELECT case_.id, answer.text || ' ' || customer.name FROM case_ JOIN customer ON customer.id = customer_id
       JOIN answer ON answer.response_id = case_.response_id AND answer.text IS NOT NULL""",
    """INSERT INTO case_event (case_id, at, kind, detail)
       SELECT id, opened_at, 'opened', '{"reasons": ["unhappy_text"]}' FROM case_""",
    """INSERT INTO scoring_run (started_at, finished_at, state, trigger, model_version, scored, unhappy, skipped_empty,
           skipped_language, skipped_objection, failed, flagged, message, holder)
       SELECT :now - d * interval '1 day', :now - d * interval '1 day', 'succeeded', 'scheduler', :version, 0, 0, 0, 0,
           0, 0, 0, '', 0 FROM generate_series(1, 30) d""",
)
NUMBERED = ("customer", "response", "answer", "case_")


def fill(session: Session, count: int) -> User:
    """Store `count` responses, a tenth of them with a case, in an empty database; return a lead."""
    survey: Survey = make_survey(session)
    asked = {question.key: question.id for question in survey.questions}
    owner = make_user(session)
    values = {"count": count, "now": utc_now(), "years": YEARS, "survey": survey.id, "version": MODEL_VERSION}
    values |= {"score": asked["score"], "why": asked["why"], "owner": owner.id, "open": OPEN_SHARE}
    session.execute(sa.text("SET LOCAL session_replication_role = replica"))  # the keys are known to fit
    for statement in STATEMENTS:
        given = sa.text(statement)
        session.execute(given, {name: values[name] for name in given.compile().params})
    for table in NUMBERED:
        session.execute(
            sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        )
    session.commit()
    engine = session.get_bind()
    assert isinstance(engine, sa.Engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    return owner
