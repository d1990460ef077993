"""What the console's handlers may call, found on the application by a typed key."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.delivery.services import Services

from .tickets import Tickets


@dataclass(frozen=True, slots=True)
class Casework:
    """The use cases of staff, one object for each noun."""

    tickets: Tickets


def make_casework(services: Services) -> Casework:
    """All of them over the gateway's services."""
    return Casework(tickets=Tickets(services))


CASEWORK = web.AppKey("casework", Casework)
