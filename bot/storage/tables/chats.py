"""What is said: conversations and their messages, files sent along, what came of each turn."""

from __future__ import annotations

import sqlalchemy as sa

from .metadata import metadata

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("locale", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("token_hash", sa.LargeBinary(32), unique=True),  #: null once the chat is forgotten
    sa.Column("mode", sa.String(8), nullable=False, server_default="bot"),
    sa.Column("returned", sa.Boolean, nullable=False, server_default=sa.false()),  #: by a person, which the engine is yet to hear
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
    sa.Column("author", sa.String(32)),  #: the member of staff who wrote it
    sa.Column("in_reply_to", sa.String(32)),  #: the customer's message that this came of
    sa.Column("waiting", sa.Boolean, nullable=False, server_default=sa.false()),  #: no answer stored yet
    sa.UniqueConstraint("conversation", "sequence"),
    sa.UniqueConstraint("conversation", "client_hash", name="uq_messages_client"),
)
sa.Index("ix_messages_waiting", messages.c.waiting, postgresql_where=messages.c.waiting, sqlite_where=messages.c.waiting)
sa.Index("ix_messages_in_reply_to", messages.c.in_reply_to)

#: Further keys of a conversation, as by a link in a mail; the first key stands with the conversation.
conversation_keys = sa.Table(
    "conversation_keys",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("conversation", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

#: One-time links that let a customer back into their own case.
case_links = sa.Table(
    "case_links",
    metadata,
    sa.Column("token_hash", sa.LargeBinary(32), primary_key=True),
    sa.Column("conversation", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used_at", sa.DateTime(timezone=True)),
)

attachments = sa.Table(
    "attachments",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("conversation", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("message", sa.String(32)),  #: the message that it was sent with; null while it is only uploaded
    sa.Column("media_type", sa.String(64), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),  #: bytes
    sa.Column("sealed_name", sa.LargeBinary, nullable=False),
    sa.Column("sealed_content", sa.LargeBinary, nullable=False),
    sa.Column("uploaded_by", sa.String(32)),  #: member of staff; null for the customer
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)

#: What the bot made of each customer's message: no text, so it outlives the conversation.
outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("message", sa.String(32), primary_key=True),
    sa.Column("conversation", sa.String(32), nullable=False, index=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("locale", sa.String(16), nullable=False),
    sa.Column("topic", sa.String(64)),
    sa.Column("kind", sa.String(16), nullable=False),  #: answered, not_stated, nearest, missed, handed_over, talk
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
#: All that figures are made of, so that they need not look at the rows.
sa.Index("ix_outcomes_company_at", *(outcomes.c[name] for name in ("company", "at", "kind", "topic", "channel")))
