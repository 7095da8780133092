"""The inbox's addresses: filters and search stand in the URL, so that a list can be kept, shared and gone back to."""

from __future__ import annotations

from collections.abc import Mapping

from feedback_app.accounts.models import User
from feedback_app.followup.listing import AGES, TABS, Listing
from feedback_app.followup.models import FlagKind
from feedback_app.i18n import LANGUAGES

LONGEST_SEARCH = 100
LARGEST_ID = 2**53


def listing_from(arguments: Mapping[str, str], user: User) -> Listing:
    """Return the list that an address asks for; what makes no sense in it is left out."""

    def one_of(name: str, allowed: tuple[str, ...]) -> str:
        value = arguments.get(name, "")
        return value if value in allowed else ""

    owner = arguments.get("owner", "")
    search = " ".join(arguments.get("q", "").split())[:LONGEST_SEARCH]
    return Listing(
        user_id=user.id,
        seen_at=user.inbox_seen_at,
        tab=one_of("tab", TABS) or "open",
        survey_id=_id(arguments.get("survey", "")),
        reason=one_of("reason", tuple(kind.value for kind in FlagKind)),
        language=one_of("language", LANGUAGES),
        owner=owner if owner in {"me", "none"} or _id(owner) else "",
        age=one_of("age", (*AGES, "older")),
        search=search,
    )


def parameters(listing: Listing, **changes: str) -> dict[str, str]:
    """Return the query of the address of `listing`, with `changes`; what is not said is left out."""
    found = {
        "tab": listing.tab if listing.tab != "open" else "",
        "survey": str(listing.survey_id or ""),
        "reason": listing.reason,
        "language": listing.language,
        "owner": listing.owner,
        "age": listing.age,
        "q": listing.search,
        **changes,
    }
    return {name: value for name, value in found.items() if value}


def is_filtered(listing: Listing) -> bool:
    """Whether the list shows only a part of its tab."""
    return bool(set(parameters(listing)) - {"tab"})


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 17 and 0 < int(text) < LARGEST_ID else None
