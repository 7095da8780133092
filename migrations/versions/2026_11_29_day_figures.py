"""Keep the figures of past days, and note which days changed since."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

COUNTS = [f"{kind}_{band}" for kind in ("nps", "csat", "ces") for band in ("low", "middle", "high")]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "day_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_change")),
    )
    op.create_index(op.f("ix_day_change_day"), "day_change", ["day"])
    op.create_table(
        "day_figure",
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("model_version", sa.String(length=100), nullable=True),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("unhappy", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("zone", "day", name=op.f("pk_day_figure")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("day_figure")
    op.drop_index(op.f("ix_day_change_day"), table_name="day_change")
    op.drop_table("day_change")
