"""What a customer adds to their case beside messages: how satisfied they were, and where they can be reached."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web
from sqlalchemy.engine import Connection

from bot.delivery.services import SERVICES
from bot.desk.addresses import tidy_address
from bot.desk.conversation import Conversation
from bot.desk.errors import BadRequest, NoOpenRequest, NothingToRate, RatingSettled
from bot.desk.ticket import Ticket

from . import schemas
from .requests import bearer, count_message, read, show


async def post_rating(request: web.Request) -> web.Response:
    """How the desk did, once the case is closed; it may be changed once."""
    services = request.app[SERVICES]
    token, identity = bearer(request), request.match_info["conversation"]
    rating = (await read(request, schemas.Rating)).rating
    await count_message(request, services, identity)
    core, now = services.core, services.clock()

    def work(db: Connection) -> tuple[Conversation, Ticket | None]:
        conversation = services.conversations.authenticate(db, identity, token)
        ticket = core.tickets.find(db, conversation.ticket_id or "", locked=True)
        if ticket is None or ticket.status != "closed":
            raise NothingToRate(NothingToRate.__doc__)
        if ticket.rating == rating:
            return conversation, None
        since = ticket.closed_at
        earlier = [one for one in core.events.list(db, ticket.id) if one.kind == "rated" and (since is None or one.at >= since)]
        if len(earlier) > 1:
            raise RatingSettled(RatingSettled.__doc__)
        ticket = core.tickets.save(db, replace(ticket, rating=rating), now)
        core.events.add(db, ticket.id, "rated", None, now, {"rating": rating})
        found = services.conversations.find(db, identity)
        assert found is not None
        return found, ticket

    conversation, ticket = await services.database.run(work)
    if ticket:
        services.handovers.tell(ticket, "rated", None)
    return show(schemas.show_state(conversation))


async def put_contact(request: web.Request) -> web.Response:
    """The address at which the customer is told of an answer; null takes it away again."""
    services = request.app[SERVICES]
    token, identity = bearer(request), request.match_info["conversation"]
    given = (await read(request, schemas.Contact)).email
    email = tidy_address(given) if given else ""
    if email is None:
        raise BadRequest("email: is no address that mail can be sent to. Please look at it again.")
    await count_message(request, services, identity)
    core, now = services.core, services.clock()

    def work(db: Connection) -> tuple[Conversation, Ticket | None]:
        conversation = services.conversations.authenticate(db, identity, token)
        ticket = core.tickets.find(db, conversation.ticket_id or "", locked=True)
        # With the case that was opened here, though it may be part of another one now: that one's customer is not this one.
        own = core.tickets.find_own(db, identity)
        if ticket is None or own is None or ticket.status == "closed":
            raise NoOpenRequest(NoOpenRequest.__doc__)
        if own.contact.email == email:
            return conversation, None
        own = core.tickets.save(db, replace(own, contact=replace(own.contact, email=email)), now)
        core.events.add(db, own.id, "contact", None, now, {"fields": ["email"]})
        core.search.renew(db, own)
        found = services.conversations.find(db, identity)
        assert found is not None
        detail = {"fields": ["email"]}
        core.audit.append(db, "customer", "ticket.contact", now, company=ticket.company, subject=ticket.id, detail=detail)
        return found, ticket

    conversation, ticket = await services.database.run(work)
    if ticket:
        services.handovers.tell(ticket, "contact", None)
    return show(schemas.show_state(conversation))
