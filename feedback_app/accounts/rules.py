"""Decisions about logins: how long to wait after wrong passwords, and when a session has ended."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)  # failures that count
SESSION_LENGTH = timedelta(days=7)
IDLE_LENGTH = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=5)  # how exactly "last seen" is kept
VISIT_GAP = timedelta(minutes=30)  # away for longer: the next look at the inbox is a new visit


@dataclass(frozen=True)
class Brake:
    """After `free` failures each further one doubles the wait, up to `longest`."""

    free: int
    longest: timedelta

    def wait_until(self, failures: int, last: datetime | None) -> datetime | None:
        """Return when the next try is allowed, or None: at once."""
        if last is None or failures < self.free:
            return None
        seconds = 2 ** min(failures - self.free, 20)
        return last + min(timedelta(seconds=seconds), self.longest)


# One address is slowed down soon and much. An account is slowed down later and little: whoever tries its password from
# many addresses is held to two a minute, and its owner waits half a minute at most.
ADDRESS_BRAKE = Brake(free=10, longest=timedelta(minutes=15))
ACCOUNT_BRAKE = Brake(free=30, longest=timedelta(seconds=30))


def session_ends(created_at: datetime, seen_at: datetime) -> datetime:
    """Return when a session ends that was last used at `seen_at`."""
    return min(created_at + SESSION_LENGTH, seen_at + IDLE_LENGTH)


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv6 customer has a whole /64."""
    import ipaddress

    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def sha256(text: str) -> str:
    """Return the hash under which tokens and account keys are stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_visit_to_note(last_look: datetime | None, now: datetime) -> bool:
    """Whether a look at the inbox is worth a write: one in five minutes is."""
    return last_look is None or now - last_look > TOUCH_EVERY
