"""What a customer adds to their case beside messages: how satisfied they were, and where they can be reached."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from sqlalchemy.engine import Connection

from bot.delivery.feedback import leave_address, rate
from bot.delivery.services import SERVICES
from bot.desk.addresses import tidy_address
from bot.desk.conversation import Conversation
from bot.desk.errors import BadRequest
from bot.desk.ticket import Ticket

from . import schemas
from .requests import bearer, count_message, read, show


async def post_rating(request: web.Request) -> web.Response:
    """How the desk did, once the case is closed; it may be changed once."""
    token, rating = bearer(request), (await read(request, schemas.Rating)).rating
    core, now = request.app[SERVICES].core, request.app[SERVICES].clock()
    return await _add(request, token, "rated", lambda db, conversation: rate(core, db, conversation, rating, now))


async def put_contact(request: web.Request) -> web.Response:
    """The address at which the customer is told of an answer; null takes it away again."""
    token, given = bearer(request), (await read(request, schemas.Contact)).email
    email = tidy_address(given) if given else ""
    if email is None:
        raise BadRequest("email: is no address that mail can be sent to. Please look at it again.")
    core, now = request.app[SERVICES].core, request.app[SERVICES].clock()
    return await _add(request, token, "contact", lambda db, conversation: leave_address(core, db, conversation, email, now))


async def _add(
    request: web.Request, token: str, what: str, add: Callable[[Connection, Conversation], Ticket | None]
) -> web.Response:
    """Add to the case of whoever holds the conversation's key, tell the desk of it, and show the state as it is then."""
    services, identity = request.app[SERVICES], request.match_info["conversation"]
    await count_message(request, services, identity)

    def work(db: Connection) -> tuple[Conversation, Ticket | None]:
        conversation = services.conversations.authenticate(db, identity, token)
        ticket = add(db, conversation)
        return (services.conversations.find(db, identity) or conversation) if ticket else conversation, ticket

    conversation, ticket = await services.database.run(work)
    if ticket:
        services.handovers.tell(ticket, what, None)
    return show(schemas.show_state(conversation))
