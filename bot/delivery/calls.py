"""Customers who wait in a chat for a person: told when fewer are ahead, and when nobody can come."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from bot.desk import handover
from bot.desk.ticket import Ticket

from .handovers import Handovers
from .presence import Roster

#: No call is given up before; desks set theirs in whole minutes.
SHORTEST = timedelta(minutes=1)


class Calls:
    """Watches those who wait."""

    def __init__(self, handovers: Handovers):
        self.handovers = handovers
        self.core = handovers.core
        self._waiting: dict[str, set[str]] = {}  #: by company, as it was seen last

    async def give_up(self) -> int:
        """Tell customers for whom nobody came in their company's time, each once; how many."""
        now, roster, count = self.handovers.clock(), self.handovers.presence.roster(), 0
        database, calls = self.core.database, self.core.conversations.calls
        for ticket in await database.run(lambda db: calls.list_since(db, now - SHORTEST)):
            given_up = await database.run(lambda db, ticket=ticket: self._give_up(db, ticket, roster, now))
            if given_up:
                count += 1
                self.handovers.tell(given_up, "call_ended", None)
        return count

    def _give_up(self, db: Connection, ticket: str, roster: Roster, now: datetime) -> Ticket | None:
        handovers, core = self.handovers, self.core
        found = core.tickets.find(db, ticket, locked=True)
        if found is None or found.called_at is None:
            return None
        plan = core.staffing.plan(db, found.company)
        waits = handover.patience(plan.answer_minutes, roster.find(found.assignee, found.company) is not None)
        if found.called_at + waits > now:
            return None
        for conversation in handovers.chats(db, found):
            if conversation.mode == "human":
                words = handover.give_up(handovers.situation(db, found, conversation, roster, now))
                handovers.say(db, conversation.id, found.company, found.language, words, now)
                core.conversations.set_mode(db, conversation.id, "bot", now)
        core.events.add(db, found.id, "call_ended", None, now)
        return core.tickets.save(db, replace(found, called_at=None), now)

    async def tell_places(self) -> None:
        """Tell waiting customers that fewer are ahead of them than they were told last."""
        companies, self.handovers.moved = self.handovers.moved, set()
        calls, places = self.core.conversations.calls, self.handovers.places
        for company in sorted(companies):
            waiting = await self.core.database.run(lambda db, one=company: calls.list_waiting(db, one))
            for place, conversation in enumerate(waiting):
                # Unknown after a restart: a page that has come back since may know an older place.
                if place < places.get(conversation, place + 1):
                    places[conversation] = place
                    self.handovers.streams.publish(conversation, {"type": "news"})
            self._waiting[company] = set(waiting)
        if companies:
            still = set().union(*self._waiting.values())
            for conversation in [one for one in places if one not in still]:
                del places[conversation]
