"""Replies to customers: drafts, the moment in which a reply can be taken back, and giving the chat back to the assistant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from bot.desk.canned import fill
from bot.desk.errors import BadRequest, Forbidden, ReplyEmpty, SentAlready, TicketClosed, TooLong, TooManyFiles, UnknownFile
from bot.desk.person import Permission, Person
from bot.desk.reply import HOLD, LONGEST_REPLY, MOST_FILES, THEN, Draft, UnsentReply, reply_id
from bot.desk.staffing import is_staffed, next_opening
from bot.desk.ticket import Ticket
from bot.knowledge.citing import cite_by_id
from bot.knowledge.company import localise
from bot.knowledge.moments import tell_moment

from .acts import Acts, Change

LONGEST_SETTLED = 500


class Replies(Acts):
    """Writes to customers."""

    async def send(self, person: Person, ticket: str, draft: Draft, form: str, then: str = "open") -> UnsentReply:
        """Hold it for a moment, and then deliver it; the same form again is the same reply.

        `then` is what becomes of the ticket: open, waiting (for the customer) or closed. A ticket that nobody has is theirs.
        Raises ReplyEmpty, TooLong, TicketClosed, UnknownCitation, UnknownFile.
        """
        if draft.is_empty:
            raise ReplyEmpty(ReplyEmpty.__doc__)
        if len(draft.text) > LONGEST_REPLY:
            raise TooLong(f"A reply has at most {LONGEST_REPLY:,} characters.")
        if then not in THEN:
            raise BadRequest("then: must be open, waiting or closed.")
        if not form:
            raise BadRequest("form: is missing.")
        now, id = self.services.clock(), reply_id(person.id, ticket, form)

        def work(db: Connection) -> tuple[Ticket, UnsentReply, bool]:
            found = self.get(db, person, ticket, Permission.WORK_TICKETS, locked=True)
            if held := self.core.drafts.find_held(db, id):
                return found, held, False
            reply = UnsentReply(id, found.id, person.id, draft, then, now + HOLD)
            if self.core.conversations.messages.find(db, id):  # the form was sent before, and its reply has left
                return found, reply, False
            if found.status == "closed":
                raise TicketClosed(TicketClosed.__doc__)
            self._check(db, person, found, draft)
            if found.assignee is None:
                change = Change(replace(found, assignee=person.id), "taken")
                found = self.write(db, person.id, found, change, now)
                self.audit(db, person.id, "take", change, now)
            self.core.drafts.hold(db, reply)
            self.core.drafts.delete(db, found.id, person.id)
            return found, reply, True

        found, reply, new = await self.services.database.run(work)
        if new:
            self.services.replies.expect(reply.send_at)
            self.services.presence.stops(person, found)
            self.services.presence.tell_customer(found.conversation, person.public_name, on=True)
            self.tell(found, "reply_held", person.id)
        return reply

    async def take_back(self, person: Person, ticket: str, reply: str) -> Draft:
        """It is a draft again, before what was written since; raises SentAlready if it has left."""
        now = self.services.clock()

        def work(db: Connection) -> tuple[Ticket, Draft]:
            found, _ = self._own(db, person, ticket, reply)
            held = self.core.drafts.release(db, reply)
            if held is None:
                raise SentAlready(SentAlready.__doc__)
            draft = _join(held.draft, self.core.drafts.load(db, found.id, person.id))
            self.core.drafts.save(db, found.id, person.id, draft, now)
            return found, draft

        found, draft = await self.services.database.run(work)
        self.services.presence.tell_customer(found.conversation, person.public_name, on=False)
        self.tell(found, "reply_taken_back", person.id)
        return draft

    async def send_now(self, person: Person, ticket: str, reply: str) -> None:
        """Deliver it without waiting; one that has left already is as it should be."""
        held = await self.services.database.run(lambda db: self._own(db, person, ticket, reply)[1])
        if held:
            await self.services.replies.deliver(held.id)

    async def list_held(self, person: Person, ticket: str) -> list[UnsentReply]:
        """Replies on this ticket that have not left yet, colleagues' included."""

        def work(db: Connection) -> list[UnsentReply]:
            return self.core.drafts.list_held(db, self.get(db, person, ticket).id)

        return await self.services.database.run(work)

    # Drafts ---------------------------------------------------------------------------------------------------------

    async def save_draft(self, person: Person, ticket: str, draft: Draft) -> None:
        """Keep what they have written so far; an empty one is forgotten."""
        if len(draft.text) > LONGEST_REPLY:
            raise TooLong(f"A reply has at most {LONGEST_REPLY:,} characters.")
        now = self.services.clock()

        def work(db: Connection) -> None:
            found = self.get(db, person, ticket, Permission.WORK_TICKETS)
            if draft.is_empty and not draft.citations:
                self.core.drafts.delete(db, found.id, person.id)
            else:
                self.core.drafts.save(db, found.id, person.id, draft, now)

        await self.services.database.run(work)

    async def load_draft(self, person: Person, ticket: str) -> Draft:
        """What they wrote on this ticket and have not sent; empty where there is nothing."""

        def work(db: Connection) -> Draft:
            found = self.get(db, person, ticket)
            return self.core.drafts.load(db, found.id, person.id) or Draft()

        return await self.services.database.run(work)

    async def fill(self, person: Person, ticket: str, body: str) -> str:
        """A ready-made reply with its variables filled in for this ticket."""
        now = self.services.clock()

        def work(db: Connection) -> str:
            found = self.get(db, person, ticket, Permission.WORK_TICKETS)
            plan = self.core.staffing.plan(db, found.company)
            company, locale = self.core.library.company(found.company), found.language
            opening = None if is_staffed(plan, now) else next_opening(plan, now)
            values = {
                "customer_name": found.contact.name,
                "reference": found.reference,
                "company": localise(company.short, locale),
                "agent_name": person.public_name,
                "opening": tell_moment(opening.astimezone(ZoneInfo(plan.timezone)), now, locale) if opening else "",
            }
            return fill(body, values, locale)

        return await self.services.database.run(work)

    # Back to the assistant ------------------------------------------------------------------------------------------

    async def hand_back(self, person: Person, ticket: str, settled: str = "") -> Ticket:
        """The assistant answers the customer again; `settled` tells them, and later readers, what was settled."""
        settled = " ".join(settled.split())
        if len(settled) > LONGEST_SETTLED:
            raise TooLong(f"What was settled has at most {LONGEST_SETTLED} characters.")

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if not self.services.handovers.hand_back(db, before, person.public_name, settled, now):
                return None
            return Change(replace(before, called_at=None), "handed_back", {"settled": settled}, {})

        return await self.act(person, ticket, "hand_back", act)

    # ----------------------------------------------------------------------------------------------------------------

    def _own(self, db: Connection, person: Person, ticket: str, reply: str) -> tuple[Ticket, UnsentReply | None]:
        """The ticket, and the reply if it is held still; raises Forbidden if it is somebody else's."""
        found = self.get(db, person, ticket, Permission.WORK_TICKETS, locked=True)
        held = self.core.drafts.find_held(db, reply)
        if held and (held.person != person.id or held.ticket != found.id):
            raise Forbidden(Forbidden.__doc__)
        return found, held

    def _check(self, db: Connection, person: Person, ticket: Ticket, draft: Draft) -> None:
        """Whether everything that goes along is there and may go along."""
        cite_by_id(self.core.library.company(ticket.company), draft.citations, ticket.language)
        if len(draft.attachments) > MOST_FILES:
            raise TooManyFiles(f"A reply takes at most {MOST_FILES} files.")
        for one in draft.attachments:
            file = self.core.attachments.find(db, one)
            if file is None or file.conversation != ticket.conversation or file.message or file.uploaded_by != person.id:
                raise UnknownFile(UnknownFile.__doc__)


def _join(back: Draft, since: Draft | None) -> Draft:
    """A reply that was taken back, with what was written after it."""
    if since is None or since.note:
        return back
    return Draft(
        "\n\n".join(text for text in (back.text, since.text) if text.strip()),
        tuple(dict.fromkeys((*back.citations, *since.citations))),
        tuple(dict.fromkeys((*back.attachments, *since.attachments))),
    )
