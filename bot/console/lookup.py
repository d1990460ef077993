"""Which ticket an address of the console names."""

from __future__ import annotations

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.desk.ticket import Ticket

from .pages import PERSON


async def find_ticket(request: web.Request) -> Ticket:
    """The ticket of that reference; raises UnknownTicket, for one of a company that the person does not see, too."""
    return await request.config_dict[CASEWORK].tickets.find_by_reference(request[PERSON], request.match_info["reference"])
