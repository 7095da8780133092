"""Writes about invitations: personal links, and addresses that want no more of them."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from feedback_app.clock import utc_now
from feedback_app.customers.models import Customer
from feedback_app.invitations.models import Invitation, Suppression
from feedback_app.invitations.rules import address_hash, token_hash
from feedback_app.surveys.models import Survey
from feedback_app.upserts import insert_or_ignore

TOKEN_BYTES = 16


def create_invitation(
    session: Session,
    survey: Survey,
    customer: Customer | None = None,
    *,
    expires_at: datetime,
    language: str | None = None,
    channel: str = "",
    agent: str = "",
    team: str = "",
    product: str = "",
    order_reference: str = "",
) -> tuple[Invitation, str]:
    """Make a personal link; return it with its token (128 random bits), which is stored nowhere.

    Agent, team, product, order and channel are copied onto it, so that an answer knows what it was about even if the
    customer's record changes or goes.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = Invitation(
        survey_id=survey.id,
        customer_id=customer.id if customer else None,
        token_hash=token_hash(token),
        language=language,
        channel=channel,
        agent=agent,
        team=team,
        product=product,
        order_reference=order_reference,
        created_at=utc_now(),
        expires_at=expires_at,
    )
    session.add(invitation)
    return invitation, token


def stop_invitations(session: Session, address: str, now: datetime) -> None:
    """Remember that `address` wants no more invitations; saying so twice changes nothing."""
    insert_or_ignore(session, Suppression, [{"address_hash": address_hash(address), "at": now}])
