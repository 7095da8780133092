"""The search of the inbox: words, and beginnings of words, in what customers wrote and in their names."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.followup.models import Case, CaseText

MOST_WORDS = 8
COMMON = 5000  # cases; beyond, PostgreSQL looks into the texts in the list's order until the page is full
_WORD = re.compile(r"[^\W_]+")
_fts = sa.table("case_fts", sa.column("rowid"), sa.column("case_fts"))


def words(text: str) -> list[str]:
    """Return the words that a search is about."""
    return _WORD.findall(text.lower())[:MOST_WORDS]


def matches(session: Session, text: str) -> sa.ColumnElement[bool] | None:
    """Return the condition that a case holds every word of `text`, or None where there is no word in it."""
    wanted = words(text)
    if not wanted:
        return None
    if session.get_bind().dialect.name == "postgresql":
        return _matches_on_postgresql(session, wanted)
    match = " ".join(f'"{word}"*' for word in wanted)
    return Case.id.in_(sa.select(_fts.c.rowid).where(_fts.c.case_fts.op("MATCH")(match)))


def _matches_on_postgresql(session: Session, wanted: list[str]) -> sa.ColumnElement[bool]:
    """Return the condition in the form that suits how common the words are, which the planner cannot know."""
    query = sa.func.to_tsquery(sa.literal_column("'simple'"), " & ".join(f"'{word}':*" for word in wanted))
    vector = sa.func.to_tsvector(sa.literal_column("'simple'"), CaseText.body)  # as in ix_case_text_search
    found = sa.select(CaseText.case_id).where(vector.op("@@")(query))
    some = found.limit(COMMON + 1).subquery()
    if (session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= COMMON:
        return Case.id.in_(found)
    text_matches = sa.select(vector.op("@@")(query)).where(CaseText.case_id == Case.id).correlate(Case)
    return sa.func.coalesce(text_matches.scalar_subquery(), sa.false())
