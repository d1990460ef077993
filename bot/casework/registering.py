"""Registering letters, faxes, calls, visits and mails."""

from __future__ import annotations

from bot.desk.person import Person
from bot.desk.registration import Registration
from bot.desk.ticket import Ticket

from .acts import Acts


class Registering(Acts):
    """Makes tickets of what did not come by chat."""

    async def register(self, person: Person, registration: Registration) -> Ticket:
        """Conversation, message, scan and ticket, in one transaction; the same form again gives the same ticket."""
        raise NotImplementedError
