"""What each company's desk set for itself: staffing, clocks, ready-made replies. Policies are not here; they are data files."""

from __future__ import annotations

import sqlalchemy as sa

from .metadata import metadata

staffing = sa.Table(
    "staffing",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("plan", sa.JSON, nullable=False),  #: weekly hours, closed days, minutes until a call is given up
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
)

clocks = sa.Table(
    "clocks",
    metadata,
    sa.Column("company", sa.String(64), primary_key=True),
    sa.Column("reason", sa.String(16), primary_key=True),  #: kind of ticket
    sa.Column("reply_minutes", sa.Integer),  #: of staffed time; null: no such clock
    sa.Column("resolve_minutes", sa.Integer),
    sa.Column("warn_minutes", sa.Integer, nullable=False),
)

canned_replies = sa.Table(
    "canned_replies",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("company", sa.String(64), index=True),  #: null: for every company
    sa.Column("locale", sa.String(16), nullable=False),
    sa.Column("shortcut", sa.String(40), nullable=False),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  #: grows with every change
)
