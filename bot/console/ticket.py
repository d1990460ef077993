"""A ticket's page: the story, the case beside it; and the parts of it that events refresh."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.delivery.services import SERVICES
from bot.desk.errors import BadRequest
from bot.desk.person import Permission
from bot.desk.story import Story
from bot.desk.ticket import PRIORITIES, REASONS, Ticket
from bot.knowledge.company import localise

from .composer import compose
from .lookup import find_ticket
from .pages import PAGES, PERSON, find_locale
from .story import show_entries

routes = web.RouteTableDef()


@routes.get("/tickets/{reference}", name="ticket")
async def show_ticket(request: web.Request) -> web.Response:
    """The whole page."""
    ticket, story = await read_story(request)
    context = await describe(request, story)
    composing = await compose(request, ticket) if context["may_work"] else {}
    return request.app[PAGES].render(request, "ticket.html", entries=show_entries(request, story), **{**context, **composing})


@routes.get("/cases/{id}", name="ticket-by-id")
async def lead_to_ticket(request: web.Request) -> web.Response:
    """To the page of a ticket that is known by its id, as events and audit entries name it."""
    ticket = await request.config_dict[CASEWORK].tickets.find(request[PERSON], request.match_info["id"])
    raise web.HTTPFound(f"/desk/tickets/{ticket.reference}")


@routes.get("/tickets/{reference}/story", name="ticket-story")
async def show_story(request: web.Request) -> web.Response:
    """What came since `after`, for a page that shows the rest."""
    ticket, story = await read_story(request)
    try:
        after = datetime.fromisoformat(request.query["after"]) if request.query.get("after") else None
    except ValueError:
        raise BadRequest("The moment in the address is none.") from None
    entries = [entry for entry in show_entries(request, story) if after is None or entry["at"] >= after]
    return request.app[PAGES].render(request, "ticket_entries.html", entries=entries, ticket=ticket)


@routes.get("/tickets/{reference}/case", name="ticket-case")
async def show_case(request: web.Request) -> web.Response:
    """Head and side of the page anew."""
    _, story = await read_story(request)
    return request.app[PAGES].render(request, "ticket_case.html", **{**await describe(request, story), "fresh": True})


@routes.get("/tickets/{reference}/lookers", name="ticket-lookers")
async def show_lookers(request: web.Request) -> web.Response:
    """Who else is looking at it, and who writes."""
    ticket = await find_ticket(request)
    lookers = request.config_dict[SERVICES].presence.lookers(ticket.id)
    return request.app[PAGES].render(request, "ticket_lookers.html", ticket=ticket, lookers=lookers)


@routes.get("/tickets/{reference}/contact", name="ticket-contact")
async def show_contact(request: web.Request) -> web.Response:
    """How to reach the customer, shown when somebody asks to see it; that they looked is in the audit log."""
    ticket = await find_ticket(request)
    shown = await request.config_dict[CASEWORK].around.show_contact(request[PERSON], ticket.id)
    person = request[PERSON]
    return request.app[PAGES].render(
        request,
        "ticket_contact.html",
        ticket=shown,
        here=f"/desk/tickets/{shown.reference}",
        contact=asdict(shown.contact),
        may_work=person.may(Permission.WORK_TICKETS, shown.company),
        shown=True,
    )


async def read_story(request: web.Request) -> tuple[Ticket, Story]:
    ticket = await find_ticket(request)
    story = await request.config_dict[CASEWORK].stories.read(request[PERSON], ticket.id)
    return story.ticket, story


async def describe(request: web.Request, story: Story) -> dict:
    """What head and side need."""
    person, ticket = request[PERSON], story.ticket
    casework, services = request.config_dict[CASEWORK], request.config_dict[SERVICES]
    locale = find_locale(request)
    may_work = person.may(Permission.WORK_TICKETS, ticket.company)
    company = services.library.company(ticket.company)
    return {
        "story": story,
        "ticket": ticket,
        "may_work": may_work,
        "may_assign": person.may(Permission.ASSIGN_OTHERS, ticket.company),
        "mine": ticket.assignee == person.id,
        "here": f"/desk/tickets/{ticket.reference}",
        "around": await casework.around.read(person, ticket.id),
        "lookers": services.presence.lookers(ticket.id),
        "priorities": PRIORITIES,
        "reasons": REASONS,
        "topic": localise(services.library.topics[ticket.topic].title, locale) if ticket.topic in services.library.topics else "",
        "company": company,
        "fresh": False,
    }
