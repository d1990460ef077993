"""The audit log: append-only (triggers of the migration hold that), each entry chained to the one before it."""

from __future__ import annotations

import sqlalchemy as sa

from .metadata import metadata

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False, index=True),  #: RFC 3339 with microseconds: the very characters that are chained
    sa.Column("actor", sa.String(40), nullable=False),  #: a person's id, customer or system
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("company", sa.String(64)),
    sa.Column("subject", sa.String(64)),  #: id of the ticket, person or thing
    sa.Column("sealed_detail", sa.LargeBinary, nullable=False),  #: JSON
    sa.Column("mac", sa.LargeBinary(32), nullable=False),
)
sa.Index("ix_audit_entries_action", audit_entries.c.action, audit_entries.c.number)
sa.Index("ix_audit_entries_actor", audit_entries.c.actor, audit_entries.c.number)
sa.Index("ix_audit_entries_company", audit_entries.c.company, audit_entries.c.number)
sa.Index("ix_audit_entries_subject", audit_entries.c.subject, audit_entries.c.number)

#: One row: the last entry's number and mac. Whoever appends holds its lock until the end of the act's transaction.
audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("mac", sa.LargeBinary(32), nullable=False),
)
