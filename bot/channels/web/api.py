"""The chat API's handlers: they read the request, call the desk, and show what came of it."""

from __future__ import annotations

import asyncio

from aiohttp import web
from sqlalchemy.engine import Connection

from bot.delivery.services import SERVICES, Services
from bot.desk.conversation import Accepted, Conversation, Turn
from bot.desk.errors import BadRequest, Delayed, TooLong, UnknownChoice
from bot.desk.masking import mask
from bot.desk.ticket import Ticket
from bot.knowledge.company import localise
from bot.knowledge.hours import find_opening

from . import schemas
from .network import network_of
from .requests import after as read_after
from .requests import bearer, count_message, read, show, show_turn


async def list_companies(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    rows = []
    for company in services.library.companies():
        opening = find_opening(company, services.clock())
        desk = schemas.Desk(open_now=opening.open_now, next_opening=opening.next_opening)
        rows.append(schemas.Company(key=company.key, name=company.name, locales=list(company.locales), desk=desk))
    return web.json_response([row.model_dump(mode="json") for row in rows])


async def open_conversation(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    body = await read(request, schemas.NewConversation)
    if network := network_of(request):
        await services.limits.count("conversations", network)
    company = services.library.company(body.company)
    locale = body.locale.split("-")[0].lower()
    if locale not in company.locales:
        locale = company.locales[0]
    conversation, token = await services.database.run(
        lambda db: services.conversations.open(db, company.key, locale, "web", services.clock())
    )
    return show(schemas.OpenedConversation(id=conversation.id, token=token), 201)


async def post_message(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    token = bearer(request)
    body = await read(request, schemas.NewMessage)
    if len(body.text) > schemas.LONGEST_MESSAGE:
        raise TooLong(f"A message may have at most {schemas.LONGEST_MESSAGE} characters; this one has {len(body.text)}.")
    identity = request.match_info["conversation"]
    masked = mask(body.text)
    await count_message(request, services, identity)
    now = services.clock()

    def accept(db: Connection) -> Accepted:
        conversation = services.conversations.authenticate(db, identity, token)
        if not masked.text.strip() and not body.payload and not _sends_file(db, services, conversation, body.client_message_id):
            raise BadRequest("text: is empty. Please write what you would like to know.")
        choice = None
        if body.payload and not services.conversations.knows(db, conversation, body.client_message_id):
            choice = services.conversations.messages.find_choice(db, identity, body.payload)
            if choice is None:
                raise UnknownChoice(UnknownChoice.__doc__)
        notices = [_tell_masked(services, conversation, masked.kinds)] if masked.kinds else []
        accepted = services.conversations.accept(
            db, conversation, masked.text, body.client_message_id, now, choice=choice, notices=notices
        )
        if accepted.first:
            services.handovers.hear(db, conversation, now)
        return accepted

    accepted = await services.database.run(accept)
    if accepted.answered:
        return show_turn(services, Turn(accepted.replies, accepted.conversation))
    result = services.turns.submit(accepted.message, accepted.conversation if accepted.first else None)
    for message in (accepted.message, *accepted.replies):
        services.streams.publish(identity, {"type": "message", "message": message})
        if accepted.first and accepted.conversation.ticket_id:
            services.handovers.tell_message(accepted.conversation.ticket_id, accepted.conversation.company, message)
    try:
        # Shielded: the turn goes on though this client is gone or out of patience.
        turn = await asyncio.wait_for(asyncio.shield(result), services.settings.patience)
    except TimeoutError:
        raise Delayed(localise(services.library.wording["delayed"], accepted.conversation.locale)) from None
    return show_turn(services, turn)


async def list_messages(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    token, identity, after = bearer(request), request.match_info["conversation"], read_after(request)

    def read(db):
        conversation = services.conversations.authenticate(db, identity, token)
        return conversation, services.conversations.list_messages(db, identity, after)

    conversation, messages = await services.database.run(read)
    return show_turn(services, Turn(messages, conversation))


async def forget_conversation(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    token, identity = bearer(request), request.match_info["conversation"]

    def forget(db: Connection) -> Ticket | None:
        """The open case that still needs the chat, whose staff hear that its customer is not to be reached there any more."""
        conversation, now, core = services.conversations.authenticate(db, identity, token), services.clock(), services.core
        if services.conversations.forget(db, identity, now) or conversation.ticket_id is None:
            return None
        core.events.add(db, conversation.ticket_id, "forgotten", None, now)
        return core.tickets.find(db, conversation.ticket_id)

    if ticket := await services.database.run(forget):
        services.handovers.tell(ticket, "forgotten", None)
    services.turns.forget(identity)
    services.streams.close(identity)
    return web.Response(status=204)


def _sends_file(db: Connection, services: Services, conversation: Conversation, client_message_id: str) -> bool:
    """Whether a message without words has a file to go along with, or had one when it was sent first."""
    if conversation.has_open_ticket and services.core.attachments.list_unsent(db, conversation.id):
        return True
    return services.conversations.knows(db, conversation, client_message_id)


def _tell_masked(services: Services, conversation: Conversation, kinds: tuple[str, ...]) -> str:
    wording, locale = services.library.wording, conversation.locale
    names = [localise(wording[f"masked_{kind}"], locale) for kind in kinds]
    return localise(wording["masked"], locale).format(kinds=", ".join(names))
