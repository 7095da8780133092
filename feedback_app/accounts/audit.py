"""The append-only audit log: who did what to which object."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from feedback_app.accounts.models import AuditEntry, User
from feedback_app.clock import utc_now


def audit(
    session: Session, user: User | None, action: str, object_type: str = "", object_id: object = "", **detail: Any
) -> None:
    """Write one line, in the transaction of what it reports. `detail`: ids and names of settings, never answers."""
    session.add(
        AuditEntry(
            at=utc_now(),
            user_id=user.id if user else None,
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            detail=detail,
        )
    )
