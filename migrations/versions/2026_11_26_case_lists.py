"""Give the owner's two lists their first entries; the pages translate these by their keys."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OUTCOMES = {
    "solved": "Solved the problem",
    "explained": "Explained, and the customer is content",
    "compensated": "Compensated",
    "passed_on": "Passed on to others",
    "no_reply": "The customer did not answer",
    "lost": "The customer has left",
    "not_needed": "No follow-up needed",
}
ROOT_CAUSES = {
    "delivery": "Delivery",
    "product": "Product or quality",
    "price": "Price or invoice",
    "waiting": "Waiting time",
    "communication": "Information and communication",
    "conduct": "How staff behaved",
    "website": "Website or systems",
    "rules": "Our own rules or terms",
    "other": "Something else",
    "not_unhappy": "None: not unhappy",
}


def _table(name: str) -> sa.TableClause:
    columns = ("key", sa.Text), ("name", sa.Text), ("position", sa.Integer), ("active", sa.Boolean)
    return sa.table(name, *(sa.column(key, kind) for key, kind in columns))


def upgrade() -> None:
    """Apply."""
    for name, entries in (("outcome", OUTCOMES), ("root_cause", ROOT_CAUSES)):
        rows = [
            {"key": key, "name": text, "position": place, "active": True}
            for place, (key, text) in enumerate(entries.items())
        ]
        op.bulk_insert(_table(name), rows)


def downgrade() -> None:
    """Undo; entries of the owner's own stay."""
    for name, entries in (("outcome", OUTCOMES), ("root_cause", ROOT_CAUSES)):
        table = _table(name)
        op.execute(table.delete().where(table.c.key.in_(list(entries))))
