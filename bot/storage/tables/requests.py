"""Verified requests. What was typed or sent stands in sealed_* columns under the request's own key; without the key it is gone."""

from __future__ import annotations

import sqlalchemy as sa

from .metadata import metadata

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("reference", sa.String(16), unique=True),  #: null until it is submitted
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("ticket", sa.String(32), sa.ForeignKey("tickets.id"), index=True),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("state", sa.String(24), nullable=False),
    sa.Column("needs", sa.JSON, nullable=False),  #: of bot.desk.request.Needs
    sa.Column("evidence", sa.JSON, nullable=False),  #: of bot.desk.request.Evidence; no personal data
    sa.Column("locale", sa.String(16), nullable=False),
    sa.Column("contact_hash", sa.LargeBinary(32), index=True),  #: keyed hash of the verified contact
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("submitted_at", sa.DateTime(timezone=True)),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("held_because", sa.LargeBinary),  #: sealed reason of a legal hold; null: none
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)
sa.Index("ix_requests_company", requests.c.company, requests.c.state, requests.c.changed_at)

#: The data key of each request, wrapped by a master key. Erasing this row erases the request.
request_keys = sa.Table(
    "request_keys",
    metadata,
    sa.Column("request", sa.String(32), sa.ForeignKey("requests.id"), primary_key=True),
    sa.Column("master", sa.Integer, nullable=False, index=True),  #: version of the master key
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

request_fields = sa.Table(
    "request_fields",
    metadata,
    sa.Column("request", sa.String(32), sa.ForeignKey("requests.id"), primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("sealed_value", sa.LargeBinary, nullable=False),
    sa.Column("message", sa.String(32)),  #: the message that gave it, on which storing it is idempotent
)

request_moves = sa.Table(
    "request_moves",
    metadata,
    sa.Column("request", sa.String(32), sa.ForeignKey("requests.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),  #: that the move made
    sa.Column("move", sa.String(24), nullable=False),
    sa.Column("source", sa.String(24), nullable=False),
    sa.Column("target", sa.String(24), nullable=False),
    sa.Column("mover", sa.String(8), nullable=False),
    sa.Column("person", sa.String(32)),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

#: That a request is gone, when and by which rule; nothing of what it held.
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("request", sa.String(32), primary_key=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("rule", sa.String(40), nullable=False),
    sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
)

#: One-time codes that were sent to a contact.
contact_codes = sa.Table(
    "contact_codes",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("request", sa.String(32), sa.ForeignKey("requests.id"), nullable=False, index=True),
    sa.Column("purpose", sa.String(16), nullable=False),  #: contact, status, download
    sa.Column("address_hash", sa.LargeBinary(32), nullable=False, index=True),
    sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used_at", sa.DateTime(timezone=True)),
)
