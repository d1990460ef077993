"""Mail that is to leave, and has left."""

from __future__ import annotations

import sqlalchemy as sa

from .metadata import metadata

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("cause", sa.String(100), nullable=False, unique=True),  #: what it tells of; the same thing is told once
    sa.Column("sealed_mail", sa.LargeBinary),  #: JSON: to, subject, text; erased once it has left
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("next_try_at", sa.DateTime(timezone=True)),  #: null: sent or given up
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
    sa.Column("trouble", sa.String(100)),  #: kind of the last failure; never an address
)
sa.Index(
    "ix_outbox_next_try",
    outbox.c.next_try_at,
    postgresql_where=outbox.c.next_try_at.is_not(None),
    sqlite_where=outbox.c.next_try_at.is_not(None),
)
