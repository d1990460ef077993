"""The tables. Whatever a person typed stands only in columns named sealed_*, encrypted."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("locale", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("token_hash", sa.LargeBinary(32), unique=True),  #: null once the chat is forgotten
    sa.Column("mode", sa.String(8), nullable=False, server_default="bot"),
    sa.Column("offers", sa.String(200), nullable=False, server_default=""),
    sa.Column("last_sequence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("forgotten_at", sa.DateTime(timezone=True)),
    sa.Column("engine_forgotten", sa.Boolean, nullable=False, server_default=sa.false()),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("conversation", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("sender", sa.String(8), nullable=False),
    sa.Column("sealed_body", sa.LargeBinary, nullable=False),  #: JSON: text, citations, quick replies, choice
    sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("client_hash", sa.LargeBinary(32)),  #: keyed hash of the client's message id, on a customer's message
    sa.Column("in_reply_to", sa.String(32)),  #: the customer's message that this came of
    sa.Column("waiting", sa.Boolean, nullable=False, server_default=sa.false()),  #: no answer stored yet
    sa.UniqueConstraint("conversation", "sequence"),
    sa.UniqueConstraint("conversation", "client_hash", name="uq_messages_client"),
)
sa.Index("ix_messages_waiting", messages.c.waiting, postgresql_where=messages.c.waiting, sqlite_where=messages.c.waiting)
sa.Index("ix_messages_in_reply_to", messages.c.in_reply_to)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("company", sa.String(64), nullable=False, index=True),
    sa.Column("conversation", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("message", sa.String(32), nullable=False, unique=True),  #: the message that caused it
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("urgency", sa.String(8), nullable=False),
    sa.Column("status", sa.String(8), nullable=False),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
)
