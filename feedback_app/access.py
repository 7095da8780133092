"""Who may call which route: each view declares its policy, and one without a declaration is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from feedback_app.accounts.models import Role

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
_RANK = {PUBLIC: 0, Role.VIEWER: 1, Role.LEAD: 2, Role.OWNER: 3}


def allow(policy: str) -> Callable[[View], View]:
    """Declare that `policy` may call the view: `PUBLIC`, or the lowest `Role` that may.

    Put it below the route decorator. A test walks the URL map and fails on a view without one.
    """

    def declare(view: View) -> View:
        view.stemme_policy = policy  # type: ignore[attr-defined]
        return view

    return declare


def policy_of(view: Callable[..., Any] | None) -> str | None:
    """Return the policy that `view` declares, or None."""
    return getattr(view, "stemme_policy", None)


def permits(policy: str, role: str | None) -> bool:
    """Whether somebody with `role` (None: not signed in) may call a view with `policy`."""
    return _RANK[policy] <= (0 if role is None else _RANK[role])
