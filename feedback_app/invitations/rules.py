"""Pure decisions about invitations: what is stored of a token or an address, and what a file may say of the matter."""

from __future__ import annotations

import hashlib

from feedback_app.customers.rules import problem_with

# column of a file -> column of invitation and response
CONTEXT_COLUMNS = {
    "agent": "agent",
    "team": "team",
    "product": "product",
    "order": "order_reference",
    "channel": "channel",
}
LONGEST_CHANNEL = 40


def problem_with_context(name: str, value: str) -> str | None:
    """Return why `value` cannot stand in the context column `name`, or None where it can."""
    if name == "channel" and len(value) > LONGEST_CHANNEL:
        return f"channel has {len(value)} characters, at most {LONGEST_CHANNEL} fit"
    return problem_with(name, value)


def token_hash(token: str) -> str:
    """Return what is stored of a personal link's token: its sha256 as 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def address_hash(address: str) -> str:
    """Return what is stored of a mail address that wants no more invitations."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()
