"""Who has the ball, desk or customer, and what that does to a ticket's clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.ticket import Ticket

from .staffing import Staffing
from .tickets import Tickets


class Progress:
    """Moves tickets on. Whoever calls with a ticket has found it locked in the same transaction."""

    def __init__(self, tickets: Tickets, staffing: Staffing):
        self.tickets = tickets
        self.staffing = staffing

    def customer_wrote(self, db: Connection, conversation: str, now: datetime) -> Ticket | None:
        """The customer has written: what waited for them is the desk's again. The conversation's ticket, if it has one.

        A closed ticket stays closed: whether what they wrote opens it again is decided elsewhere.
        """
        ticket = self.tickets.find_current(db, conversation, locked=True)
        if ticket is None or ticket.status == "closed":
            return ticket
        if ticket.status == "waiting":
            ticket = self.staffing.clockwork(db, ticket).resume(ticket, now)
        return self.tickets.save(db, ticket, now)

    def replied(self, db: Connection, ticket: Ticket, now: datetime, *, waits: bool = True) -> Ticket:
        """A person has replied; the customer has the ball now, unless the desk still owes them something."""
        clockwork = self.staffing.clockwork(db, ticket)
        ticket = replace(ticket, replied_at=ticket.replied_at or now, called_at=None)
        if ticket.status != "closed":
            ticket = clockwork.answered(ticket, now)
            ticket = clockwork.pause(ticket, now) if waits else clockwork.resume(ticket, now)
        return self.tickets.save(db, ticket, now)
