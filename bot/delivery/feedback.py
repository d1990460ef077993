"""What a customer adds to their case beside messages, whatever channel they use: how it went, and where they are reached.

Each is part of the caller's unit of work, which has made sure whose conversation it is; afterwards the caller tells the desk
of the ticket that is given back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.desk.conversation import Conversation
from bot.desk.errors import NoOpenRequest, NothingToRate, RatingSettled
from bot.desk.ticket import Ticket


def rate(core: Core, db: Connection, conversation: Conversation, rating: int, now: datetime) -> Ticket | None:
    """Keep how the desk did, 1 or -1, once the case is closed; it may be changed once. The ticket, or None if nothing is new.

    Raises NothingToRate or RatingSettled.
    """
    ticket = core.tickets.find(db, conversation.ticket_id or "", locked=True)
    if ticket is None or ticket.status != "closed":
        raise NothingToRate(NothingToRate.__doc__)
    if ticket.rating == rating:
        return None
    since = ticket.closed_at
    earlier = [one for one in core.events.list(db, ticket.id) if one.kind == "rated" and (since is None or one.at >= since)]
    if len(earlier) > 1:
        raise RatingSettled(RatingSettled.__doc__)
    ticket = core.tickets.save(db, replace(ticket, rating=rating), now)
    core.events.add(db, ticket.id, "rated", None, now, {"rating": rating})
    return ticket


def leave_address(core: Core, db: Connection, conversation: Conversation, email: str, now: datetime) -> Ticket | None:
    """Keep where the customer is told of an answer; empty takes it away. The ticket, or None if nothing is new.

    Raises NoOpenRequest.
    """
    ticket = core.tickets.find(db, conversation.ticket_id or "", locked=True)
    # With the case that was opened here, though it may be part of another one now: that one's customer is not this one.
    own = core.tickets.find_own(db, conversation.id)
    if ticket is None or own is None or ticket.status == "closed":
        raise NoOpenRequest(NoOpenRequest.__doc__)
    if own.contact.email == email:
        return None
    own = core.tickets.save(db, replace(own, contact=replace(own.contact, email=email)), now)
    core.events.add(db, own.id, "contact", None, now, {"fields": ["email"]})
    core.search.renew(db, own)
    detail = {"fields": ["email"]}
    core.audit.append(db, "customer", "ticket.contact", now, company=ticket.company, subject=ticket.id, detail=detail)
    return ticket
