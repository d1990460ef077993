"""The search index: which tickets hold which words. It holds no word, only keyed hashes."""

from __future__ import annotations

import sqlalchemy as sa

from .metadata import metadata

#: A ticket's number in the index. Numbers grow with the time that a ticket was opened, so that the index is read newest first.
search_tickets = sa.Table(
    "search_tickets",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("ticket", sa.String(32), nullable=False, unique=True),
)

#: Words and two-character grams, each with its company as a keyed hash of 8 bytes, and the tickets that they stand in.
search_terms = sa.Table(
    "search_terms",
    metadata,
    sa.Column("term", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False, index=True),
    sqlite_with_rowid=False,
)
