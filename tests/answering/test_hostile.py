"""What a hostile or broken sender may try: never a 5xx, and never half an answer."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.invitations.models import Invitation
from tests.faults.traffic import FormFields
from tests.support.clients import Client
from tests.support.factories import make_invitation, make_survey

ADDRESSES = ["/s/%00", "/s/a%00b", "/s/x/privacy%00", "/s/%00/privacy", "/i/%00", "/i/%ED%A0%80", "/s/%ED%A0%80"]
ADDRESSES += ["/r/%00", "/r/%00/thanks", "/s/x?lang=%00", "/s/" + "9" * 5000, "/a/%00/public.css", "/a/x/%00"]
VALUES = ["\x00", "9223372036854775808", "-1", "٣", "²", "😀", "", "a" * 5001, "\u202eabc", "1e3", "0x1", "NaN"]
KINDS = ["application/json", "multipart/form-data", "multipart/form-data; boundary=a", "text/plain", "x/\x7f"]


def test_strange_addresses_lead_nowhere(client: Client) -> None:
    for path in ADDRESSES:
        assert client.get(path).status_code in (400, 404), path
        assert client.post(path, data={"q.x": "\x00"}).status_code in (400, 404, 405), path


def test_strange_values_in_any_field_are_stored_or_refused(client: Client, session: Session) -> None:
    path = f"/s/{make_survey(session).slug}"
    fields = FormFields(client.get(path).text, "x").fields
    codes = []
    for name in fields:
        for value in VALUES:
            other = fields | {"submission_id": secrets.token_hex(16)} | {name: value}
            codes.append(client.post(path, data=other).status_code)
    print(f"{len(codes)} strange forms: {codes.count(303)} stored, {codes.count(422)} refused")
    assert set(codes) == {303, 422}


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_that_are_no_form_are_refused(client: Client, session: Session, kind: str) -> None:
    path = f"/s/{make_survey(session).slug}"
    assert 400 <= client.post(path, data=b"\x00\xff--a\r\n", content_type=kind).status_code < 500


def test_a_taken_submission_id_does_not_use_up_a_personal_link(client: Client, session: Session) -> None:
    invitation, token = make_invitation(session, expires_at=utc_now() + timedelta(days=1))
    path = f"/s/{invitation.survey.slug}"
    sent = FormFields(client.get(path).text, "x").fields
    assert client.post(path, data=sent).status_code == 303
    assert client.post(f"/i/{token}", data=sent).status_code == 409
    session.rollback()
    assert session.get_one(Invitation, invitation.id).finished_at is None
    again = client.post(f"/i/{token}", data=sent | {"submission_id": secrets.token_hex(16)})
    assert again.status_code == 303
