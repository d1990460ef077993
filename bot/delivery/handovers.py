"""Who answers a customer, bot or person: decided and written down in the transaction of what brings it about.

Nobody else sets a conversation's mode. What is stored here is told afterwards, by `tell` and `spread`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.desk import handover
from bot.desk.clock import Clock
from bot.desk.conversation import Conversation, Message
from bot.desk.handover import Situation, Words
from bot.desk.staffing import is_staffed, next_opening
from bot.desk.ticket import Ticket
from bot.knowledge.answering import speak
from bot.knowledge.telling import tell

from .feed import Feed, Happening
from .presence import Presence, Roster
from .streams import Streams

log = logging.getLogger(__name__)

#: Channels whose customers are there while they write, so that a person can join them.
LIVE_CHANNELS = frozenset({"web", "telegram"})
_FILE = (Words("file_received"),)


class Handovers:
    """From bot to person and back."""

    def __init__(self, core: Core, presence: Presence, streams: Streams, feed: Feed, clock: Clock):
        self.core = core
        self.presence = presence
        self.streams = streams
        self.feed = feed
        self.clock = clock
        self.moved: set[str] = set()  #: companies where somebody called, was taken or has gone a moment ago
        self.places: dict[str, int] = {}  #: how many were ahead of a waiting customer when they were told last
        self._tasks: set[asyncio.Task] = set()

    # In the transaction of a turn ----------------------------------------------------------------------------------

    def after_turn(
        self, db: Connection, message: Message, replies: Sequence[dict], roster: Roster, now: datetime
    ) -> Ticket | None:
        """What follows from a turn that was just settled; the ticket, if it was changed by that."""
        conversation = self.core.conversations.find(db, message.conversation)
        if conversation is None or conversation.ticket_id is None:
            return None
        if conversation.mode == "human":
            return self._look_after(db, conversation, message, roster, now)
        if any(reply.get("ticket") for reply in replies):
            return self._hand_over(db, conversation, message, roster, now)
        if message.attachments and not message.text.strip():
            self.say(db, conversation.id, conversation.company, conversation.locale, _FILE, now, in_reply_to=message.id)
        return None

    def _hand_over(
        self, db: Connection, conversation: Conversation, message: Message, roster: Roster, now: datetime
    ) -> Ticket | None:
        """A message has opened a ticket, or asked for a person again: one is called, or it is told when there is one."""
        core = self.core
        ticket = core.tickets.find(db, conversation.ticket_id or "", locked=True)
        if ticket is None or ticket.status == "closed":
            return None
        own = roster.find(ticket.assignee, ticket.company)
        situation = self.situation(db, ticket, conversation, roster, now, own_person=own.public_name if own else "")
        decision = handover.hand_over(situation)
        if decision.called:
            if ticket.status == "waiting":
                ticket = core.staffing.clockwork(db, ticket).resume(ticket, now)
            # Whoever had it is not there, and the customer is: it is for whoever comes first.
            ticket = replace(ticket, called_at=ticket.called_at or now, assignee=ticket.assignee if own else None)
            ticket = core.tickets.save(db, ticket, now)
            core.events.add(db, ticket.id, "called", None, now)
            core.conversations.set_mode(db, conversation.id, "human", now)
            if not own:
                decision = handover.hand_over(replace(situation, ahead=core.conversations.calls.count_ahead(db, ticket.id)))
        locale = speak(message.text, conversation.locale, core.library.company(conversation.company))
        self.say(db, conversation.id, conversation.company, locale, decision.words, now, in_reply_to=message.id)
        return ticket

    def hear(self, db: Connection, conversation: Conversation, now: datetime) -> None:
        """A customer with an open case has written: the desk has the ball, and in a person's chat they wait for an answer."""
        waits = conversation.mode == "human" and not conversation.called
        if not conversation.ticket_id or not (waits or (conversation.ticket or {}).get("status") == "waiting"):
            return
        ticket = self.core.tickets.find(db, conversation.ticket_id, locked=True)
        if ticket is None or ticket.status == "closed":
            return
        after = ticket
        if ticket.status == "waiting":
            after = self.core.staffing.clockwork(db, ticket).resume(ticket, now)
        if waits and ticket.called_at is None:
            after = replace(after, called_at=now)
        if after != ticket:
            self.core.tickets.save(db, after, now)

    def _look_after(
        self, db: Connection, conversation: Conversation, message: Message, roster: Roster, now: datetime
    ) -> Ticket | None:
        """A message went to a person. If the desk is not staffed and nobody is there, that is told, and the bot is back."""
        ticket = self.core.tickets.find(db, conversation.ticket_id or "", locked=True)
        if ticket is None or roster.anybody(ticket.company) or is_staffed(self.core.staffing.plan(db, ticket.company), now):
            return None
        situation = self.situation(db, ticket, conversation, roster, now)
        ticket = self.core.tickets.save(db, replace(ticket, called_at=None), now)
        locale = speak(message.text, conversation.locale, self.core.library.company(conversation.company))
        words = handover.tell_unattended(situation)
        self.say(db, conversation.id, conversation.company, locale, words, now, in_reply_to=message.id)
        self.core.conversations.set_mode(db, conversation.id, "bot", now)
        return ticket

    # In the transaction of an act of staff -------------------------------------------------------------------------

    def follow(self, db: Connection, before: Ticket, after: Ticket, by: str | None, detail: dict, now: datetime) -> Ticket:
        """What an act on a ticket means for its customer: somebody joins, leaves, closes. The ticket as it is to be saved."""
        closes = after.status == "closed" and before.status != "closed"
        if after.merged_into and closes:
            return after  # the case goes on as another one
        changes_hands = after.assignee != before.assignee
        if not closes and not changes_hands:
            return after
        for conversation in self.chats(db, after):
            was_human = conversation.mode == "human"
            if closes:
                words = handover.tell_closed(detail.get("settled") or "", was_human)
                self.say(db, conversation.id, after.company, after.language, words, now)
                self.core.conversations.set_mode(db, conversation.id, "bot", now)
            elif was_human and after.assignee:
                person = self.core.people.find(db, after.assignee)
                words = handover.tell_joined(person.public_name if person else "", before.assignee is not None)
                self.say(db, conversation.id, after.company, after.language, words, now)
            if was_human and not closes:
                after = replace(after, called_at=now)  # they wait for whoever has it now, or for anybody
        return replace(after, called_at=None) if closes else after

    def reopened(self, db: Connection, ticket: Ticket, now: datetime) -> None:
        """A person has opened the case again."""
        for conversation in self.chats(db, ticket):
            self.say(db, conversation.id, ticket.company, ticket.language, handover.tell_reopened(), now)

    def hand_back(self, db: Connection, ticket: Ticket, name: str, settled: str, now: datetime) -> bool:
        """A person gives the chat back to the bot; whether they had it."""
        had = [conversation for conversation in self.chats(db, ticket) if conversation.mode == "human"]
        for conversation in had:
            words = handover.hand_back(name, settled)
            self.say(db, conversation.id, ticket.company, ticket.language, words, now)
            self.core.conversations.set_mode(db, conversation.id, "bot", now)
        return bool(had)

    def join(self, db: Connection, conversation: Conversation, ticket: Ticket, name: str, now: datetime) -> tuple[Message, ...]:
        """A person's first reply: from now on they answer. A customer for whom nothing changes is told nothing."""
        if conversation.mode == "human" or conversation.channel not in LIVE_CHANNELS:
            return ()
        self.core.conversations.set_mode(db, conversation.id, "human", now)
        return (self.say(db, conversation.id, ticket.company, ticket.language, handover.tell_joined(name, False), now),)

    # Afterwards ------------------------------------------------------------------------------------------------------

    def tell(self, ticket: Ticket, event: str, by: str | None, **data: object) -> None:
        """Something was stored on a ticket: open consoles and its customers hear of it."""
        shown = {"event": event, "by": by, "assignee": ticket.assignee, **data}
        self.feed.publish(Happening("ticket", ticket.company, ticket.id, shown))
        self.spread(ticket)

    def tell_message(self, ticket: str, company: str, message: Message) -> None:
        """A message of a conversation with a ticket was stored."""
        data = {"message": message.id, "sender": message.sender, "by": message.author, "sequence": message.sequence}
        self.feed.publish(Happening("message", company, ticket, data))

    def told_place(self, conversation: Conversation) -> None:
        """A waiting customer was told how many are ahead."""
        if conversation.ticket and conversation.ticket["ahead"] is not None:
            self.places[conversation.id] = conversation.ticket["ahead"]

    def spread(self, ticket: Ticket) -> None:
        """Have the pages of a ticket's customers read what is new."""
        self.moved.add(ticket.company)
        task = asyncio.get_running_loop().create_task(self._spread(ticket))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _spread(self, ticket: Ticket) -> None:
        try:
            ids = await self.core.database.run(lambda db: self.core.conversations.calls.list_conversations(db, ticket.id))
        except Exception as error:
            log.error("a customer could not be told: %s; their page shows it when it is loaded again", type(error).__name__)
            return
        for conversation in ids:
            self.streams.publish(conversation, {"type": "news"})

    # What all of them need -----------------------------------------------------------------------------------------

    def situation(
        self, db: Connection, ticket: Ticket, conversation: Conversation, roster: Roster, now: datetime, *, own_person: str = ""
    ) -> Situation:
        """How things stand at that desk."""
        plan = self.core.staffing.plan(db, ticket.company)
        staffed = is_staffed(plan, now)
        return Situation(
            staffed=staffed,
            somebody_there=roster.anybody(ticket.company),
            next_opening=None if staffed else next_opening(plan, now),
            email_left=bool(conversation.ticket and conversation.ticket["email_left"]),
            own_person=own_person,
        )

    def chats(self, db: Connection, ticket: Ticket) -> list[Conversation]:
        """The chats that belong to a ticket and that somebody may still read."""
        ids = self.core.conversations.calls.list_conversations(db, ticket.id)
        found = [self.core.conversations.find(db, one) for one in ids]
        return [one for one in found if one and one.channel in LIVE_CHANNELS]

    def say(
        self,
        db: Connection,
        conversation: str,
        company: str,
        locale: str,
        words: Iterable[Words],
        now: datetime,
        *,
        in_reply_to: str | None = None,
    ) -> Message:
        """Store what a customer is told."""
        text = tell(self.core.library, self.core.library.company(company), locale, words, now)
        return self.core.conversations.tell(db, conversation, text, now, in_reply_to=in_reply_to)
