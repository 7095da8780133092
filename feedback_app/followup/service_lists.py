"""Writes of the owner's two lists: outcomes and root causes. Entries are never deleted, for cases name them."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.accounts.audit import audit
from feedback_app.accounts.models import User
from feedback_app.errors import ConflictError, InvalidError, NotFoundError
from feedback_app.followup.models import Listed, Outcome, RootCause

LISTS: dict[str, type[Listed]] = {"outcomes": Outcome, "causes": RootCause}
LONGEST_NAME = 80


def add_entry(session: Session, name_of_list: str, name: str, *, by: User) -> None:
    """Put an entry at the end of a list. Raises `ConflictError` where it is there already."""
    table, name = LISTS[name_of_list], _checked(name)
    if session.scalar(sa.select(table.id).where(table.name == name)):
        raise ConflictError("the list has that entry already")
    last = session.scalar(sa.select(sa.func.max(table.position)))
    entry = table(key=f"own-{secrets.token_hex(6)}", name=name, position=(last or 0) + 1, active=True)
    session.add(entry)
    session.flush()
    audit(session, by, "list.added", table.__tablename__, entry.id)


def rename_entry(session: Session, name_of_list: str, entry_id: int, name: str, *, by: User) -> None:
    """Give an entry another name; closed cases show it, too."""
    entry = _entry(session, name_of_list, entry_id)
    entry.name = _checked(name)
    audit(session, by, "list.renamed", entry.__tablename__, entry.id)


def set_entry_active(session: Session, name_of_list: str, entry_id: int, active: bool, *, by: User) -> None:
    """Offer an entry, or no longer; closed cases keep it. The last one that is offered stays."""
    entry, table = _entry(session, name_of_list, entry_id), LISTS[name_of_list]
    others = sa.select(sa.func.count()).select_from(table).where(table.active, table.id != entry_id)
    if not active and not session.scalar(others):
        raise InvalidError("a list needs one entry at least")
    entry.active = active
    audit(session, by, "list.shown" if active else "list.hidden", entry.__tablename__, entry.id)


def move_entry_up(session: Session, name_of_list: str, entry_id: int, *, by: User) -> None:
    """Exchange an entry with the one above it."""
    entry, table = _entry(session, name_of_list, entry_id), LISTS[name_of_list]
    above = sa.select(table).where(sa.tuple_(table.position, table.id) < sa.tuple_(entry.position, entry.id))
    higher = session.scalar(above.order_by(table.position.desc(), table.id.desc()).limit(1))
    if higher is not None:
        entry.position, higher.position = higher.position, entry.position
        audit(session, by, "list.moved", entry.__tablename__, entry.id)


def _entry(session: Session, name_of_list: str, entry_id: int) -> Listed:
    entry = session.get(LISTS[name_of_list], entry_id)
    if entry is None:
        raise NotFoundError("there is no such entry")
    return entry


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise InvalidError(f"a name has 1 to {LONGEST_NAME} characters")
    return name
