"""Checks 3 and 4: one invitation used by many at once, and one submission sent again with other words."""

from __future__ import annotations

import threading
import urllib.parse
from collections import Counter
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from tests.faults.traffic import FormFields, send
from tests.support.factories import make_invitation, make_survey
from tests.support.servers import Gunicorn


def form(url: str, path: str, text: str) -> str:
    """Return the body of a filled-in form."""
    status, page = send(url, "GET", path)
    assert status == 200
    return urllib.parse.urlencode(FormFields(page, text).fields)


def test_an_invitation_used_by_fifty_at_once_is_answered_once(
    gunicorn: Callable[..., Gunicorn], session: Session
) -> None:
    _invitation, token = make_invitation(session)
    path = f"/i/{token}"
    server = gunicorn(workers=2)
    server.start(path)
    bodies = [form(server.url, path, f"Voice {number}") for number in range(50)]
    statuses: list[int] = []
    gate = threading.Barrier(len(bodies))

    def press(body: str) -> None:
        gate.wait(60)
        statuses.append(send(server.url, "POST", path, body)[0])

    threads = [threading.Thread(target=press, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    session.rollback()
    rows = session.scalar(sa.select(sa.func.count()).select_from(Response))
    print(f"50 at once: {dict(Counter(statuses))}, {rows} row")
    assert rows == 1
    assert len(statuses) == 50
    assert set(statuses) <= {200, 303, 409}


def test_the_same_submission_with_other_words_is_refused(
    gunicorn: Callable[..., Gunicorn], session: Session, size: Callable[[int, int], int]
) -> None:
    path = f"/s/{make_survey(session).slug}"
    server = gunicorn(workers=2)
    server.start(path)
    body = form(server.url, path, "The first words")
    assert send(server.url, "POST", path, body)[0] == 303
    others = [body.replace("first", f"{number}th") for number in range(size(20, 100))]
    statuses = Counter(send(server.url, "POST", path, other)[0] for other in others)
    session.rollback()
    texts = session.scalars(sa.select(Answer.text).where(Answer.text.is_not(None))).all()
    print(f"{len(others)} other bodies: {dict(statuses)}, stored {texts}")
    assert statuses == {409: len(others)}
    assert texts == ["The first words"]
    assert send(server.url, "POST", path, body)[0] == 303
