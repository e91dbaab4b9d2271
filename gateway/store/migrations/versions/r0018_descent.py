"""With which token a token was made, and the headers of an answer that is kept for repetitions."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of tokens from before nobody knows what they were made with."""
    op.add_column("api_tokens", sa.Column("made_with", sa.String(12)))
    op.add_column("repeats", sa.Column("headers", sa.Text()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("repeats", "headers")
    op.drop_column("api_tokens", "made_with")
