"""Tickets and what staff do with them."""

from __future__ import annotations

import sqlalchemy as sa

from .metadata import metadata

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("reference", sa.String(16), nullable=False, unique=True),
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(32), sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("message", sa.String(32), nullable=False, unique=True),  #: the message that caused it
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("topic", sa.String(64)),  #: of the catalogue, where the conversation had one
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="1"),  #: 0 low, 1 normal, 2 high, 3 urgent
    sa.Column("status", sa.String(8), nullable=False),  #: open, waiting (for the customer) or closed
    sa.Column("assignee", sa.String(32), sa.ForeignKey("people.id")),
    sa.Column("language", sa.String(16), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),  #: web, telegram; letter, fax, phone, visit, email if registered
    sa.Column("sealed_subject", sa.LargeBinary),
    sa.Column("sealed_contact", sa.LargeBinary),  #: JSON: name, email, phone, address; what was given
    sa.Column("person_hash", sa.LargeBinary(32), index=True),  #: keyed hash of the contact's e-mail or telephone
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),  #: received, for what was registered
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("called_at", sa.DateTime(timezone=True)),  #: a customer waits in the chat for a person since then
    sa.Column("replied_at", sa.DateTime(timezone=True)),  #: first reply of a person
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.Column("clock_from", sa.DateTime(timezone=True)),  #: when its clocks began: opened or reopened
    sa.Column("reply_due_at", sa.DateTime(timezone=True)),  #: null: answered, or there is no such clock
    sa.Column("resolve_due_at", sa.DateTime(timezone=True)),
    sa.Column("due_at", sa.DateTime(timezone=True)),  #: the next of both, or what staff set; null while paused or closed
    sa.Column("due_set", sa.Boolean, nullable=False, server_default=sa.false()),  #: staff set due_at themselves
    sa.Column("paused_at", sa.DateTime(timezone=True)),  #: the customer has the ball since then
    sa.Column("paused_seconds", sa.Integer, nullable=False, server_default="0"),  #: of staffed time, in earlier pauses
    sa.Column("alarm_at", sa.DateTime(timezone=True)),  #: when the desk has to be told that it is due soon, or late
    sa.Column("warned_at", sa.DateTime(timezone=True)),
    sa.Column("escalated_at", sa.DateTime(timezone=True)),
    sa.Column("merged_into", sa.String(32), sa.ForeignKey("tickets.id")),
    sa.Column("rating", sa.SmallInteger),  #: 1 good, -1 bad
    sa.Column("seen_sequence", sa.Integer, nullable=False, server_default="0"),  #: up to which message its people have looked
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  #: grows with every change
)
# One index for each order that the queue has. Whatever a queue is narrowed to stands in it, too: looking for the few
# letters among 100,000 tickets then reads the index alone. The first answers the counts of all views by itself.
_OPEN = {"postgresql_where": sa.text("status <> 'closed'"), "sqlite_where": sa.text("status <> 'closed'")}
_CLOSED = {"postgresql_where": sa.text("status = 'closed'"), "sqlite_where": sa.text("status = 'closed'")}
_NARROWED = [tickets.c[name] for name in ("status", "assignee", "channel", "reason", "language", "topic", "priority")]
_IN_ORDER = [tickets.c.updated_at, tickets.c.id, *_NARROWED]
sa.Index("ix_tickets_counts", tickets.c.company, tickets.c.status, tickets.c.assignee, tickets.c.due_at, **_OPEN)
sa.Index("ix_tickets_due", tickets.c.company, tickets.c.due_at, tickets.c.id, *_NARROWED, **_OPEN)
sa.Index("ix_tickets_newest", tickets.c.company, *_IN_ORDER, tickets.c.due_at, **_OPEN)
_BY_PRIORITY = [tickets.c.priority, tickets.c.opened_at, tickets.c.id, *_NARROWED[:-1]]
sa.Index("ix_tickets_priority", tickets.c.company, *_BY_PRIORITY, tickets.c.due_at, **_OPEN)
sa.Index("ix_tickets_done", tickets.c.company, *_IN_ORDER, tickets.c.due_at, **_CLOSED)
sa.Index("ix_tickets_assignee", tickets.c.assignee, tickets.c.status)
sa.Index("ix_tickets_opened", tickets.c.company, tickets.c.opened_at)
sa.Index("ix_tickets_closed", tickets.c.company, tickets.c.closed_at)
sa.Index(
    "ix_tickets_called",
    tickets.c.called_at,
    postgresql_where=tickets.c.called_at.is_not(None),
    sqlite_where=tickets.c.called_at.is_not(None),
)
sa.Index(
    "ix_tickets_merged",
    tickets.c.merged_into,
    postgresql_where=tickets.c.merged_into.is_not(None),
    sqlite_where=tickets.c.merged_into.is_not(None),
)
sa.Index(
    "ix_tickets_alarm",
    tickets.c.alarm_at,
    postgresql_where=tickets.c.alarm_at.is_not(None),
    sqlite_where=tickets.c.alarm_at.is_not(None),
)

#: How long replies and settling took, in staffed time by the plan of that day, beside what figures are told apart by.
#: Counted anew soon after a ticket has changed.
ticket_times = sa.Table(
    "ticket_times",
    metadata,
    sa.Column("ticket", sa.String(32), sa.ForeignKey("tickets.id"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  #: of the ticket, when this was counted
    sa.Column("company", sa.String(64), nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False),  #: seconds since 1970
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("topic", sa.String(64)),
    sa.Column("reply_seconds", sa.Integer),
    sa.Column("resolve_seconds", sa.Integer),
)
sa.Index(
    "ix_ticket_times_figures",
    *(ticket_times.c[name] for name in ("company", "opened", "channel", "topic", "reply_seconds", "resolve_seconds")),
)

ticket_tags = sa.Table(
    "ticket_tags",
    metadata,
    sa.Column("ticket", sa.String(32), sa.ForeignKey("tickets.id"), primary_key=True),
    sa.Column("tag", sa.String(40), primary_key=True, index=True),
)

ticket_links = sa.Table(
    "ticket_links",
    metadata,
    sa.Column("ticket", sa.String(32), sa.ForeignKey("tickets.id"), primary_key=True),
    sa.Column("other", sa.String(32), sa.ForeignKey("tickets.id"), primary_key=True, index=True),
)

#: The story of a ticket beside its messages: opened, taken, handed over, closed, reopened ...
ticket_events = sa.Table(
    "ticket_events",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("ticket", sa.String(32), sa.ForeignKey("tickets.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  #: in the ticket's story; several things may be done in one instant
    sa.Column("person", sa.String(32)),  #: null: the desk itself, or the customer
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("sealed_detail", sa.LargeBinary, nullable=False),  #: JSON
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
sa.Index("ix_ticket_events_ticket", ticket_events.c.ticket, ticket_events.c.number)

#: Private notes stand apart from messages, so that no customer's query can reach them.
notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("ticket", sa.String(32), sa.ForeignKey("tickets.id"), nullable=False, index=True),
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("sealed_body", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("ticket", sa.String(32), sa.ForeignKey("tickets.id"), primary_key=True),
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("sealed_body", sa.LargeBinary, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)

#: Replies that were sent but may still be taken back; the gateway delivers them when their time has come.
unsent_replies = sa.Table(
    "unsent_replies",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  #: becomes the message's id
    sa.Column("ticket", sa.String(32), sa.ForeignKey("tickets.id"), nullable=False, index=True),
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("sealed_body", sa.LargeBinary, nullable=False),  #: JSON: text, citations, attachments, then (what follows)
    sa.Column("send_at", sa.DateTime(timezone=True), nullable=False, index=True),
)
