"""Reads about invitations."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Suppression
from feedback_app.invitations.rules import address_hash


def suppressed_addresses(session: Session, addresses: Sequence[str]) -> set[str]:
    """Return those of `addresses`, in lower case, that asked for no more invitations."""
    by_hash = {address_hash(address): address.strip().lower() for address in addresses}
    found = session.scalars(sa.select(Suppression.address_hash).where(Suppression.address_hash.in_(by_hash)))
    return {by_hash[value] for value in found}
