"""A chat with a desk behind it: an engine that opens tickets as the actions do, and staff who are there or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.casework.casework import CASEWORK, Casework
from bot.delivery.calls import Calls
from bot.delivery.services import SERVICES, Services
from bot.desk.person import Person, Role
from bot.desk.ticket import Ticket

from .chat import Chat, Gateway
from .scripted_engine import ScriptedEngine, reply


class HandoffDesk:
    """What a test does on the desk's side of a gateway."""

    def __init__(self, gateway: Gateway, engine: ScriptedEngine):
        self.gateway = gateway
        self.core = gateway.core
        engine.script = self.answer
        self._number = 0

    @property
    def services(self) -> Services:
        return self.gateway.app[SERVICES]

    @property
    def casework(self) -> Casework:
        return self.gateway.app[CASEWORK]

    def answer(self, body: dict) -> list[dict]:
        """As the engine with its actions: who asks for a person gets a ticket, who asks anything else an answer."""
        text, choice = body["text"], (body["choice"] or {}).get("intent")
        if "person" not in text and choice != "ask_human":
            said = f"{choice or 'answer'}{' fresh' if body.get('fresh') else ''}: {text}"
            return [reply(said, outcome={"kind": "answered", "topic": "fee_amount"}, offers=["handoff"] if "fax" in text else [])]
        reason = "leak" if "leak" in text else "asked"

        def work(db) -> Ticket:
            conversation = self.core.conversations.find(db, body["conversation"])
            return self.core.tickets.open(db, conversation, body["message"], reason, self.gateway.clock())[0]

        ticket = self.core.database.transact(work)
        told = {"reference": ticket.reference, "status": ticket.status}
        return [reply(f"Passed on as {ticket.reference}.", ticket=told, outcome={"kind": "handed_over", "topic": None})]

    def do(self, work: Callable) -> Any:
        return self.core.database.transact(work)

    def person(self, name: str = "Keiko Mori", *roles: Role, companies: tuple[str, ...] = ("jcom",), there: bool = True) -> Person:
        """Somebody of the desk; with the console open, unless they are not there."""
        self._number += 1
        email = f"{self._number}@desk.example"
        person = self.do(
            lambda db: self.core.people.add(db, name, email, roles or (Role.AGENT,), self.gateway.clock(), companies=companies)
        )
        if there:
            self.comes(person)
        return person

    def comes(self, person: Person) -> None:
        self.services.presence.enter(person, f"seat of {person.id}")

    def leaves(self, person: Person) -> None:
        """Closes the console, long enough ago."""
        self.services.presence.leave(f"seat of {person.id}")
        self.gateway.clock.advance(seconds=30)

    def stays(self, *people: Person) -> None:
        """Their pages are heard of."""
        for person in people:
            self.services.presence.beat(f"seat of {person.id}")

    async def give_up(self) -> None:
        """Calls that nobody answered in time are given up, now and not within some seconds."""
        await Calls(self.services.handovers).give_up()

    async def ticket(self, chat: Chat) -> Ticket:
        """The ticket of a chat as it is stored."""

        def work(db) -> Ticket | None:
            conversation = self.core.conversations.find(db, chat.id)
            return self.core.tickets.find(db, conversation.ticket_id) if conversation.ticket_id else None

        found = await self.core.database.run(work)
        assert found is not None, "no ticket was opened"
        return found

    def events(self, ticket: Ticket) -> list[str]:
        return [event.kind for event in self.do(lambda db: self.core.events.list(db, ticket.id))]


def said(answer_or_messages, sender: str | None = None) -> list[str]:
    """What was said, by whom if that is asked."""
    messages = answer_or_messages if isinstance(answer_or_messages, (list, tuple)) else answer_or_messages.messages
    return [message["text"] for message in messages if sender in (None, message["sender"])]
