"""The company's policy beside a ticket: its facts by topic and its clauses, each to insert as a citation."""

from __future__ import annotations

from itertools import groupby

from aiohttp import web

from bot.delivery.services import SERVICES
from bot.knowledge.citing import Citable, list_clauses, list_facts
from bot.knowledge.search import tokenise

from .forms import text_of
from .lookup import find_ticket
from .pages import PAGES

routes = web.RouteTableDef()

#: So many clauses are shown for one search.
MOST = 12


@routes.get("/tickets/{reference}/policy", name="ticket-policy")
async def show_policy(request: web.Request) -> web.Response:
    """All facts, the ticket's own topic first."""
    ticket = await find_ticket(request)
    library = request.config_dict[SERVICES].library
    company = library.company(ticket.company)
    facts = list_facts(library, company, ticket.language)
    facts.sort(key=lambda fact: fact.topic != ticket.topic)
    topics = [(title, list(found)) for title, found in groupby(facts, lambda fact: fact.title)]
    context = {"ticket": ticket, "company": company, "topics": topics, "here": f"/desk/tickets/{ticket.reference}"}
    return request.app[PAGES].render(request, "ticket_policy.html", **context)


@routes.post("/tickets/{reference}/policy", name="ticket-policy-search")
async def search_policy(request: web.Request) -> web.Response:
    """The facts and clauses that share most words with what was typed."""
    ticket = await find_ticket(request)
    library = request.config_dict[SERVICES].library
    company = library.company(ticket.company)
    typed = text_of(await request.post(), "q")
    everything = [*list_facts(library, company, ticket.language), *list_clauses(company, ticket.language)]
    context = {"ticket": ticket, "typed": typed.strip(), "found": find(everything, typed)}
    return request.app[PAGES].render(request, "ticket_policy_found.html", **context)


def find(everything: list[Citable], typed: str) -> list[Citable]:
    """Those that share words with what was typed, most of them first."""
    wanted = set(tokenise(typed))
    scored = [(len(wanted & set(tokenise(" ".join((one.title, one.answer, *one.quotes))))), one) for one in everything]
    best = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])
    return [one for _, one in best[:MOST]]
