"""Every way in which a survey cannot be answered has a page of its own, with the right status and no cookie."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.answering.models import Response
from feedback_app.assets import asset_url
from feedback_app.clock import utc_now
from feedback_app.surveys.models import SurveyStatus
from tests.answering.test_submit import form
from tests.support.clients import Client
from tests.support.factories import make_invitation, make_survey

pytestmark = pytest.mark.database("sqlite")


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"status": SurveyStatus.DRAFT}, 403, "not ready yet"),
        ({"opens_at": utc_now() + timedelta(days=400)}, 403, "not opened yet"),
        ({"closes_at": utc_now() - timedelta(seconds=1)}, 410, "has closed"),
        ({"status": SurveyStatus.CLOSED}, 410, "has closed"),
    ],
)
def test_a_survey_that_takes_no_answers_says_so(
    client: Client, session: Session, values: dict[str, Any], status: int, words: str
) -> None:
    survey = make_survey(session, **values)
    _invitation, token = make_invitation(session, survey)
    for address in (f"/s/{survey.slug}", f"/i/{token}"):
        for page in (client.get(address), client.post(address, data=form(score="9"))):
            assert (page.status_code, words in page.text) == (status, True)
    assert session.scalars(sa.select(Response)).all() == []


def test_an_expired_link_says_until_when_it_was_good(client: Client, session: Session) -> None:
    _invitation, token = make_invitation(session, expires_at=utc_now() - timedelta(seconds=1))
    for page in (client.get(f"/i/{token}"), client.post(f"/i/{token}", data=form(score="9"))):
        assert (page.status_code, "link has expired" in page.text) == (410, True)


def test_the_language_is_the_addresss_then_the_links_then_the_browsers_then_the_surveys(
    client: Client, session: Session
) -> None:
    survey = make_survey(session, default_language="nn")
    _invitation, token = make_invitation(session, survey, language="nb")

    def language(address: str, browser: str = "") -> str:
        page = client.get(address, headers={"Accept-Language": browser})
        return page.text.partition('<html lang="')[2][:2]

    assert language(f"/i/{token}?lang=en", "nn") == "en"
    assert language(f"/i/{token}", "en") == "nb"
    assert language(f"/s/{survey.slug}", "de, nb;q=0.5") == "nb"
    assert language(f"/s/{survey.slug}", "de") == "nn"
    assert language(f"/s/{survey.slug}?lang=xx", "") == "nn"


def test_the_answer_keeps_the_language_of_its_page(client: Client, session: Session) -> None:
    survey = make_survey(session)
    done = client.post(f"/s/{survey.slug}", data=form(score="9") | {"lang": "nn"}, headers={"Accept-Language": "en"})
    assert session.scalars(sa.select(Response.language)).all() == ["nn"]
    assert '<html lang="nn">' in client.get(done.location, headers={"Accept-Language": "en"}).text


def test_a_change_of_the_survey_is_seen_within_a_second(
    client: Client, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = make_survey(session)
    assert client.get(f"/s/{survey.slug}").status_code == 200
    survey.status = SurveyStatus.CLOSED
    monkeypatch.setattr("feedback_app.answering.kept.FRESH_SECONDS", 0)
    assert client.get(f"/s/{survey.slug}").status_code == 410


def test_packed_and_plain_pages_say_the_same_and_never_the_same_twice(client: Client, session: Session) -> None:
    path = f"/s/{make_survey(session).slug}"
    packed = [client.get(path, headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
    plain = client.get(path)
    assert [page.headers["Content-Encoding"] for page in packed] == ["gzip", "gzip"]
    pages = [gzip.decompress(page.data).decode() for page in packed] + [plain.text]
    ids = {re.search(r'submission_id" value="(\w+)"', page)[1] for page in pages}  # type: ignore[index]
    nonces = {tuple(re.findall(r'nonce="([^"]+)"', page)) for page in pages}
    assert (len(ids), len(nonces)) == (3, 3)
    for page, response in zip(pages, [*packed, plain], strict=True):
        assert set(re.findall(r'nonce="([^"]+)"', page)) == set(
            re.findall(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])
        )
    hole = re.compile(r'(nonce|value)="[\w-]{22,32}"')
    assert len({hole.sub("", page) for page in pages}) == 1


def test_the_first_page_weighs_at_most_20_kilobytes(client: Client, session: Session) -> None:
    packed = {"Accept-Encoding": "gzip"}
    sizes = {"html": len(client.get(f"/s/{make_survey(session).slug}", headers=packed).data)}
    for name in ("public.css", "survey.js"):
        page = client.get(asset_url(name), headers=packed)
        sizes[name] = len(page.data)
        assert "immutable" in page.headers["Cache-Control"]
    print(f"first page, gzip: {sizes}, {sum(sizes.values())} bytes")
    assert sum(sizes.values()) <= 20_000
    assert sizes["survey.js"] < 4096
    assert client.get(asset_url("public.css").replace("/a/", "/a/0")).status_code == 404


def test_the_same_links_are_shown_to_the_happy_and_the_unhappy(client: Client, session: Session) -> None:
    survey = make_survey(session)
    for text in survey.texts:
        text.links = [{"label": "Review us", "url": "https://reviews.example/fjord"}]
    session.commit()
    pages = [
        client.get(client.post(f"/s/{survey.slug}", data=form(score=score)).location).text for score in ("0", "10")
    ]
    assert all('<a href="https://reviews.example/fjord"' in page for page in pages)
