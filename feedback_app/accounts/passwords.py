"""Passwords: argon2id, in the same time for known and unknown users, and what a password must be."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 200
FEWEST_CHARACTERS = 5  # different ones
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else
# A hash of random bytes that nobody kept, with the parameters below: what an unknown user's password is compared with.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@cache
def _hasher() -> PasswordHasher:
    """Return the hasher, with the memory and passes that OWASP names for argon2id."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher().hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`; with None, False after the same time."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored or _NOBODY, password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def made_password() -> str:
    """Return a new password of 98 random bits that a person can type."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def is_weak(password: str, email: str, name: str) -> bool:
    """Whether a password is too easy: short, of few characters, or the person's own name or address."""
    lowered = password.lower()
    own = {part for part in (email, email.split("@")[0], name.lower()) if len(part) >= 4}
    short = len(password) < SHORTEST or len(set(password)) < FEWEST_CHARACTERS
    return short or len(password) > LONGEST or any(part in lowered and len(password) < len(part) + 8 for part in own)
