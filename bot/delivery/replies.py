"""Delivers the replies of staff when they can no longer be taken back: each exactly once, also after a restart."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.conversation import Conversation, Message
from bot.desk.errors import UnknownCitation
from bot.desk.reply import UnsentReply
from bot.desk.ticket import Ticket
from bot.knowledge.citing import cite_by_id
from bot.knowledge.reply import Citation

from .handovers import Handovers
from .notices import Notices


class Delivered:
    """What a delivered reply made: its messages, and how conversation and ticket are then."""

    __slots__ = ("conversation", "messages", "ticket")

    def __init__(self, ticket: Ticket, conversation: Conversation, messages: tuple[Message, ...]):
        self.ticket = ticket
        self.conversation = conversation
        self.messages = messages


class Replies:
    """The replies that are held, and their delivery."""

    def __init__(self, handovers: Handovers, notices: Notices):
        self.handovers = handovers
        self.notices = notices
        self.core = handovers.core
        self._next: datetime | None = None  #: when the next one leaves; None: none is held by this process

    async def resume(self) -> None:
        """Go on with what an earlier process held."""
        self._next = await self.core.database.run(self.core.drafts.next_due)

    def expect(self, moment: datetime) -> None:
        """One leaves at that moment."""
        self._next = min(moment, self._next or moment)

    async def deliver_due(self) -> int:
        """Deliver those whose time has come, oldest first; how many."""
        now = self.handovers.clock()
        if self._next is None or self._next > now:
            return 0
        count = 0
        for reply in await self.core.database.run(lambda db: self.core.drafts.list_due(db, now)):
            count += await self.deliver(reply)
        self._next = await self.core.database.run(self.core.drafts.next_due)
        return count

    async def deliver(self, reply: str) -> bool:
        """Deliver a held reply now; False if it was delivered or taken back meanwhile."""
        now = self.handovers.clock()
        delivered = await self.core.database.run(lambda db: self.put(db, reply, now))
        if delivered is None:
            return False
        streams, conversation = self.handovers.streams, delivered.conversation.id
        streams.publish(conversation, {"type": "typing", "on": False, "sender": "staff"})
        for message in delivered.messages:
            streams.publish(conversation, {"type": "message", "message": message})
            self.handovers.tell_message(delivered.ticket.id, delivered.ticket.company, message)
        streams.publish(conversation, {"type": "state", "state": delivered.conversation})
        self.handovers.tell(delivered.ticket, "replied", delivered.messages[-1].author)
        return True

    def put(self, db: Connection, reply: str, now: datetime) -> Delivered | None:
        """The delivery's transaction: the held reply goes, the message comes, clocks, mail and audit with it."""
        core = self.core
        held = core.drafts.find_held(db, reply)
        ticket = core.tickets.find(db, held.ticket, locked=True) if held else None
        if held is None or ticket is None or core.drafts.release(db, reply) is None:
            return None
        person = core.people.find(db, held.person)
        name = person.public_name if person else ""
        conversation = core.conversations.find(db, core.conversations.calls.list_conversations(db, ticket.id)[0])
        assert conversation is not None
        joined = () if ticket.status == "closed" else self.handovers.join(db, conversation, ticket, name, now)
        message = self._say(db, held, conversation, name, now)
        after = self._follow(db, ticket, held, now)
        if after.status == "closed" and ticket.status != "closed":
            core.events.add(db, ticket.id, "closed", held.person, now, {"settled": ""})
            self.notices.closed(db, after, now)
        else:
            self.notices.answered(db, after, message.id, now)
        core.audit.append(
            db, held.person, "ticket.reply", now, company=ticket.company, subject=ticket.id, detail={"message": message.id}
        )
        shown = core.conversations.find(db, conversation.id)
        assert shown is not None
        return Delivered(after, shown, (*joined, message))

    def _say(self, db: Connection, held: UnsentReply, conversation: Conversation, name: str, now: datetime) -> Message:
        core = self.core
        files = [core.attachments.find(db, file) for file in held.draft.attachments]
        kept = [file for file in files if file and file.message is None and file.uploaded_by == held.person]
        body = {
            "text": held.draft.text,
            "citations": [citation.as_dict() for citation in self._cite(held, conversation)],
            "attachments": [file.as_dict() for file in kept],
            "author_name": name,
        }
        message = core.conversations.say(db, conversation.id, body, now, id=held.id, author=held.person)
        core.attachments.bind(db, [file.id for file in kept], message.id)
        return message

    def _cite(self, held: UnsentReply, conversation: Conversation) -> tuple[Citation, ...]:
        company, found = self.core.library.company(conversation.company), []
        for one in held.draft.citations:
            try:
                found += cite_by_id(company, [one], conversation.locale)
            except UnknownCitation:  # it was known when the reply was sent: the policy was revised in between
                continue
        return tuple(dict.fromkeys(found))

    def _follow(self, db: Connection, ticket: Ticket, held: UnsentReply, now: datetime) -> Ticket:
        """What a reply does to the ticket: nobody waits any more, the clock of the answer stops, the ball goes on."""
        core = self.core
        if ticket.status == "closed":
            return core.tickets.save(db, replace(ticket, replied_at=ticket.replied_at or now), now)
        clockwork = core.staffing.clockwork(db, ticket)
        after = replace(ticket, called_at=None, replied_at=ticket.replied_at or now, assignee=ticket.assignee or held.person)
        after = clockwork.answered(after, now)
        if held.then == "waiting":
            after = clockwork.pause(after, now)
        elif held.then == "closed":
            after = clockwork.close(after, now)
            after = self.handovers.follow(db, ticket, after, held.person, {}, now)
        elif after.status == "waiting":
            after = clockwork.resume(after, now)
        return core.tickets.save(db, after, now)
