"""The story of a ticket beside its messages: who did what with it, and when."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.story import Event

from .cipher import Cipher
from .database import aware
from .messages import new_id
from .tables import ticket_events


class Events:
    """All queries on tickets' events."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def add(self, db: Connection, ticket: str, kind: str, person: str | None, now: datetime, detail: dict | None = None) -> Event:
        """Write down one event; `person` is None for the desk itself or the customer."""
        event = Event(new_id(), ticket, kind, person, detail or {}, now)
        db.execute(
            ticket_events.insert().values(
                id=event.id,
                ticket=ticket,
                number=sa.select(sa.func.count() + 1).where(ticket_events.c.ticket == ticket).scalar_subquery(),
                person=person,
                kind=kind,
                sealed_detail=seal_detail(self.cipher, event.id, event.detail),
                at=now,
            )
        )
        return event

    def list(self, db: Connection, *tickets: str) -> list[Event]:
        """The events of these tickets, oldest first."""
        rows = db.execute(
            sa.select(ticket_events).where(ticket_events.c.ticket.in_(tickets)).order_by(ticket_events.c.at, ticket_events.c.number)
        )
        return [
            Event(
                row.id,
                row.ticket,
                row.kind,
                row.person,
                json.loads(self.cipher.decrypt(row.sealed_detail, f"event {row.id}")),
                aware(row.at),
            )
            for row in rows
        ]


def seal_detail(cipher: Cipher, event: str, detail: dict) -> bytes:
    """An event's detail as it is stored."""
    return cipher.encrypt(json.dumps(detail, ensure_ascii=False), f"event {event}")
