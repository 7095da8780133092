"""Checks 14, 18, 22 and 24 of the promises: whatever is sent, a clear page, and never half an answer."""

from __future__ import annotations

import re
import secrets
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Answer, Response
from tests.answering.test_submit import form, responses, survey_of_every_kind, texts
from tests.support.clients import Client
from tests.support.factories import make_invitation, make_noise, make_survey

URLENCODED = "application/x-www-form-urlencoded"
HOSTILE = [
    "\x00", "a\x00b", "\ud800", "\udfff\ud800", "9223372036854775808", "-1", "1e999", "NaN", "", "١٢", "\u202etxet",
    "שלום \u2067", "😀" * 50, "\r\n\r\n", "\x1b[31m", "\u2028\u2029\x85", "\ufeff", "<script>alert(1)</script>",
    "{{7*7}}", "' OR 1=1 --", "\U0010ffff", "a" * 5001,
]  # fmt: skip


@pytest.fixture
def path(session: Session) -> str:
    return f"/s/{make_survey(session).slug}"


def encoded(fields: dict[str, str]) -> bytes:
    """Return a form's body as no browser would send it: lone surrogates as three bytes of their own."""
    quote = urllib.parse.quote_from_bytes
    pairs = ((name.encode(), value.encode("utf-8", "surrogatepass")) for name, value in fields.items())
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs).encode()


def fastest(client: Client, path: str, data: Any, kind: str = URLENCODED) -> tuple[float, int, str]:
    """Return how many milliseconds a POST takes at best, its status and its page."""
    client.get(path)
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        page = client.post(path, data=data, content_type=kind)
        seconds.append(time.perf_counter() - began)
    return min(seconds) * 1000, page.status_code, page.text


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("megabytes", [1, 10])
def test_a_body_that_no_answer_needs_is_refused_quickly(client: Client, path: str, megabytes: int) -> None:
    milliseconds, status, page = fastest(client, path, b"q.why=" + b"a" * megabytes * 1_000_000)
    print(f"{megabytes} MB: {status} in {milliseconds:.0f} ms")
    assert (status, "larger than any answer" in page, milliseconds < 200) == (413, True, True)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("multipart", [True, False])
def test_a_body_of_a_thousand_and_one_parts_is_refused_quickly(client: Client, path: str, multipart: bool) -> None:
    fields = {f"f{number}": "x" for number in range(1001)}
    if multipart:
        milliseconds, status, page = fastest(client, path, fields, "multipart/form-data")
    else:
        milliseconds, status, page = fastest(client, path, urllib.parse.urlencode(fields))
    print(f"1,001 parts: {status} in {milliseconds:.0f} ms")
    assert (status, "larger than any answer" in page, milliseconds < 200) == (413, True, True)


def test_a_text_that_is_one_character_too_long_is_kept_on_the_page(client: Client, session: Session, path: str) -> None:
    longest = "å" * 4999 + "😀"
    page = client.post(path, data=form(score="9", why=f"{longest}!"))
    assert (page.status_code, "one character too long" in page.text) == (422, True)
    assert f"{longest}!</textarea>" in page.text
    assert 'value="9" data-band="high" checked' in page.text
    assert responses(session) == []
    assert client.post(path, data=form(score="9", why=f" {longest}\n")).status_code == 303
    assert texts(session) == [longest]


def test_control_characters_become_spaces_and_lone_surrogates_their_codes(
    client: Client, session: Session, path: str
) -> None:
    client.post(path, data=encoded(form(score="9", why="a\x00b\x1bc\r\nd\ud800e")), content_type=URLENCODED)
    assert texts(session) == ["a b c\nd%ED%A0%80e"]


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("answers", "hint"),
    [
        ({"score": "11"}, "one of the answers"),
        ({"score": ["1", "2"]}, "one of the answers"),
        ({"why": "no score"}, "choose an answer"),
        ({"score": "9", "contact": "maybe"}, "one of the answers"),
        ({"score": "9", "invented": "x"}, "questions have changed"),
        ({"score": ""}, "choose an answer"),
    ],
)
def test_what_the_form_does_not_offer_is_not_taken(
    client: Client, session: Session, path: str, answers: dict[str, Any], hint: str
) -> None:
    page = client.post(path, data=form(**answers))
    assert (page.status_code, hint in page.text, responses(session)) == (422, True, [])


def test_a_choice_that_is_none_is_not_taken(client: Client, session: Session) -> None:
    path = f"/s/{survey_of_every_kind(session).slug}"
    for answers in ({"solved": "maybe"}, {"solved": ["yes", "no"]}, {"missing": ["time", "price"]}, {}):
        assert client.post(path, data=form(**answers)).status_code == 422
    assert responses(session) == []


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("submission_id", ["", "x", "A" * 32, "0" * 33, "\x00"])
def test_a_form_without_a_proper_id_gets_a_new_one(
    client: Client, session: Session, path: str, submission_id: str
) -> None:
    page = client.post(path, data=form(score="9", why="Kept words") | {"submission_id": submission_id})
    assert (page.status_code, "Kept words" in page.text, responses(session)) == (422, True, [])
    assert re.search(r'name="submission_id" value="[0-9a-f]{32}"', page.text)


def test_nothing_hostile_ends_in_an_error_of_ours_or_in_half_an_answer(client: Client, session: Session) -> None:
    path = f"/s/{survey_of_every_kind(session).slug}"
    names = ["q.csat", "q.solved", "q.missing", "q.short", "q.contact", "q.contact.how", "submission_id", "lang", "x"]
    statuses: Counter[int] = Counter()
    for value in HOSTILE:
        for name in names:
            fields = form(csat="4", contact="yes", contact__how="here") | {name: value}
            statuses[client.post(path, data=encoded(fields), content_type=URLENCODED).status_code] += 1
        quoted = urllib.parse.quote(value[:200].encode("utf-8", "surrogatepass"))
        for address in (f"{path}?lang={quoted}&score={quoted}", f"/s/{quoted}", f"/i/{quoted}", f"/r/{quoted}/thanks"):
            statuses[client.get(address).status_code] += 1
    stored = len(responses(session))
    parts = sa.select(sa.func.count()).select_from(Answer)
    whole = session.scalar(parts.where(Answer.number.is_not(None) | Answer.contact_wanted))
    print(f"{sum(statuses.values())} hostile requests: {dict(statuses)}, {stored} stored whole")
    assert [status for status in statuses if status >= 500] == []
    assert stored == statuses[303] > 0
    assert stored <= (whole or 0) <= 2 * stored


def test_random_tokens_find_nothing_and_look_all_alike(
    client: Client, session: Session, size: Callable[[int, int], int]
) -> None:
    make_noise(session)
    tokens = size(200, 10_000)
    bodies, statuses = set(), Counter[int]()
    for _ in range(tokens // 4):
        token = secrets.token_urlsafe(16)
        for address in (f"/i/{token}", f"/r/{token}", f"/r/{token}/thanks", f"/s/{secrets.token_hex(8)}"):
            page = client.get(address)
            statuses[page.status_code] += 1
            bodies.add(re.sub(r'nonce="[^"]+"', "", page.text))
    print(f"{sum(statuses.values())} random tokens: {dict(statuses)}, {len(bodies)} body")
    assert (statuses, len(bodies)) == ({404: tokens}, 1)


def test_a_dump_of_the_database_holds_no_usable_token(client: Client, session: Session) -> None:
    invitation, token = make_invitation(session)
    sent = form(score="9")
    location = client.post(f"/i/{token}", data=sent).location
    [stored] = responses(session)
    dump = {str(value) for row in session.execute(sa.select(Response.__table__)) for value in row} | {
        invitation.token_hash
    }
    tries = [f"/{kind}/{urllib.parse.quote(value, safe='')}" for value in dump for kind in "ri"]
    hits = [address for address in tries if client.get(address).status_code not in (400, 404)]
    print(f"{len(dump)} values of the dump tried as tokens: {len(hits)} hits")
    assert hits == []
    assert client.get(location).status_code == 200
    stolen = sent | {"submission_id": stored.submission_id}
    assert client.post(f"/s/{invitation.survey.slug}", data=stolen).status_code == 422


def test_a_forged_host_is_in_no_link(client: Client, path: str) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    forged |= {"Forwarded": "host=evil.example"}
    done = client.post(path, data=form(score="2", contact="yes", contact__how="here"), headers=forged)
    receipt = done.location.removesuffix("/thanks")
    addresses = [path, done.location, receipt, f"{receipt}/correct", f"{path}/privacy", "/x"]
    pages = [done, *(client.get(address, headers=forged) for address in addresses)]
    foreign = [page for page in pages if "evil" in page.text + str(page.headers) or "gopher" in page.text]
    print(f"{len(pages)} answers to a forged Host: {len(foreign)} with a foreign link")
    assert foreign == []
    assert f"http://ask.example{receipt}" in pages[2].text
