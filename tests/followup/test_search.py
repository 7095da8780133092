"""The search of the inbox: words and their beginnings, whatever signs stand in them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.followup import queries_search
from feedback_app.followup.models import CaseText
from tests.support.clients import Client
from tests.support.desk import cases, listed
from tests.support.staff import Staff


def test_the_search_finds_words_and_their_beginnings_in_texts_and_names(
    client: Client, session: Session, staff: Staff
) -> None:
    one, two = cases(session, 2)
    texts = {row.case_id: row for row in session.scalars(sa.select(CaseText))}
    texts[one.id].body, texts[two.id].body = (
        "Ingen svarte på telefonen.\nÅse Ødegård",
        "The invoice was wrong.\nFjordlaks AS",
    )
    assert listed(client, q="telefon") == [one.id]
    assert listed(client, q="ØDEGÅRD") == [one.id]
    assert listed(client, q="fjordlaks invoice") == [two.id]
    assert listed(client, q="fjordlaks telefon") == []
    assert listed(client, q="odegard") == []
    assert listed(client, q="!!!") == []


def test_a_word_that_is_in_many_texts_is_found_as_well(
    client: Client, session: Session, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_search, "COMMON", 2)
    made = cases(session, 4)
    for row in session.scalars(sa.select(CaseText)).all()[:1]:
        session.delete(row)
    rest = [case.id for case in made[1:]]
    assert listed(client, q="nobody") == rest
    assert listed(client, q="nobody called", language="en", tab="open") == rest
    assert listed(client, q="nobody somebody") == []


def test_the_search_takes_signs_as_they_are(client: Client, session: Session, staff: Staff) -> None:
    cases(session, 1)
    for text in ("'", '"', "a' | 'b", '" OR "', "foo:*", "NEAR(", "a & b", "\\", "* -", "('x'", "_"):
        assert isinstance(listed(client, q=text), list)
