"""What happens at the desk, live: one stream of server-sent events for each open page, of what its person may see."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.delivery.feed import Happening
from bot.delivery.services import SERVICES
from bot.desk.errors import UnknownTicket
from bot.desk.person import Permission, Person
from bot.desk.ticket import Ticket

from .pages import PERSON
from .session import TOKEN

routes = web.RouteTableDef()

#: So often a page hears that the desk is there, and its session is looked at.
HEARTBEAT = 20.0
#: So soon it is seen that a page was closed: nobody is told of that while there is nothing to write.
PULSE = 1.0
#: Milliseconds after which a browser that lost its stream comes back.
RETRY = 1500


@routes.get("/events", name="events")
async def stream_events(request: web.Request) -> web.StreamResponse:
    """The stream; it ends with the session, and a browser comes back by itself when it broke."""
    services = request.config_dict[SERVICES]
    presence, loop = services.presence, asyncio.get_running_loop()
    person = request[PERSON]
    person.require(Permission.SEE_TICKETS)
    ticket = await find_ticket(request, person)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"})
    seat = secrets.token_urlsafe(9)
    with services.feed.listen(lambda happening: may_hear(person, happening, ticket)) as queue:
        await response.prepare(request)
        presence.enter(person, seat, ticket)
        try:
            await response.write(f"retry: {RETRY}\n\n".encode() + write_event("hello", {}))
            heard = loop.time()
            while request.transport is not None and not request.transport.is_closing():
                with contextlib.suppress(TimeoutError):
                    happening = await asyncio.wait_for(queue.get(), min(PULSE, HEARTBEAT))
                    if happening is None:  # too far behind, or the desk shuts down
                        break
                    await response.write(write_event(happening.kind, tell(happening)))
                # By the clock and not by silence: at a busy desk there is none.
                if loop.time() - heard >= HEARTBEAT:
                    known = await find_person(request)
                    if known is None:
                        await response.write(write_event("ended", {}))
                        break
                    person, heard = known, loop.time()
                    presence.beat(seat, person)
                    await response.write(b": still here\n\n")
        except (ConnectionResetError, asyncio.CancelledError):
            pass
        finally:
            presence.leave(seat)
    return response


def may_hear(person: Person, happening: Happening, ticket: Ticket | None) -> bool:
    """Whether this page is to hear it: of the person's companies only, and what is typed only where it is looked at."""
    if not person.may(Permission.SEE_TICKETS, happening.company):
        return False
    if happening.kind in ("typing", "presence"):
        return ticket is not None and happening.ticket == ticket.id
    if happening.kind == "draft":
        return happening.data.get("person") == person.id
    return True


def tell(happening: Happening) -> dict:
    return {**happening.data, "company": happening.company, "ticket": happening.ticket}


def write_event(kind: str, data: dict) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def find_ticket(request: web.Request, person: Person) -> Ticket | None:
    """The ticket that the page shows, if it shows one and the person sees it."""
    if reference := request.query.get("ticket"):
        try:
            return await request.config_dict[CASEWORK].tickets.find_by_reference(person, reference)
        except UnknownTicket:
            pass
    return None


async def find_person(request: web.Request) -> Person | None:
    """Who listens, as they are now; None once their session is over."""
    services = request.config_dict[SERVICES]
    token, now = request[TOKEN], services.clock()
    session = await services.database.run(lambda db: services.core.sessions.find(db, token, now))
    return session.person if session and session.verified else None
