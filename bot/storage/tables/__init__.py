"""The tables, by what they are about. Whatever a person typed stands only in columns named sealed_*, encrypted."""

from .audit import audit_entries, audit_head
from .chats import attachments, case_links, conversation_keys, conversations, messages, outcomes
from .desks import canned_replies, clocks, staffing
from .mail import outbox
from .metadata import metadata
from .people import failed_sign_ins, invitations, people, people_companies, recovery_codes, staff_sessions
from .requests import contact_codes, erasures, request_fields, request_keys, request_moves, requests
from .search import search_terms, search_tickets
from .tickets import drafts, notes, ticket_events, ticket_links, ticket_tags, ticket_times, tickets, unsent_replies

__all__ = [
    "attachments",
    "audit_entries",
    "audit_head",
    "canned_replies",
    "case_links",
    "clocks",
    "contact_codes",
    "conversation_keys",
    "conversations",
    "drafts",
    "erasures",
    "failed_sign_ins",
    "invitations",
    "messages",
    "metadata",
    "notes",
    "outbox",
    "outcomes",
    "people",
    "people_companies",
    "recovery_codes",
    "request_fields",
    "request_keys",
    "request_moves",
    "requests",
    "search_terms",
    "search_tickets",
    "staff_sessions",
    "staffing",
    "ticket_events",
    "ticket_links",
    "ticket_tags",
    "ticket_times",
    "tickets",
    "unsent_replies",
]
