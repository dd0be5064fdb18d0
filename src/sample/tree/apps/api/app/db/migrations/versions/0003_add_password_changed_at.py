"""Remember when a password was changed, so that older tokens can be refused."""

from alembic import op
import sqlalchemy as sa

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column(
            "password_changed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
    )
    op.execute("UPDATE users SET password_changed_at = created_at")


def downgrade() -> None:
    op.drop_column("users", "password_changed_at")
