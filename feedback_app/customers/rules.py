"""Pure decisions about what a file may say of a customer."""

from __future__ import annotations

import re

from feedback_app.customers.models import AUDIENCES, COMPANY_ROLES, KINDS

LONGEST_CELL = 300
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_LISTS = {"kind": KINDS, "audience": AUDIENCES, "company_role": COMPANY_ROLES}


def problem_with(name: str, value: str) -> str | None:
    """Return why `value` cannot stand in the column `name` of a customer, or None where it can."""
    if len(value) > LONGEST_CELL:
        return f"{name} has {len(value)} characters, at most {LONGEST_CELL} fit"
    if not value.isprintable():
        return f"{name} holds characters that cannot be printed"
    if name == "email" and not _EMAIL.match(value):
        return f"email {value!r} is not an address"
    if name in _LISTS and value not in _LISTS[name]:
        return f"{name} {value!r} is not one of {', '.join(_LISTS[name])}"
    return None
