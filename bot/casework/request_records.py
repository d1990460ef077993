"""What a request holds: read with the look recorded, kept by a legal hold, exported whole."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.conversation import Message
from bot.desk.errors import NoReason, RequestErased, TooLong
from bot.desk.person import Permission, Person
from bot.storage.request_cases import Kept
from bot.storage.vault import Erased

from .requests import Case, Requests

LONGEST_REASON = 1000


class RequestRecords(Requests):
    """For whoever works on it, and for privacy officers."""

    async def read(self, person: Person, request: str) -> dict[str, str]:
        """What was typed, by field, and the explanation of a refusal; raises RequestErased.

        The look is in the audit log, once for each person, request and hour.
        """
        now = self.services.clock()

        def work(db: Connection) -> dict[str, str]:
            kept = self.kept(db, person, request)
            fields = self.read_fields(db, kept.request.id)
            if kept.erased:
                raise RequestErased(RequestErased.__doc__)
            self.core.looks.note(db, person.id, kept.request, now)
            return fields

        return await self.services.database.run(work)

    async def hold(self, person: Person, request: str, reason: str) -> Case:
        """Nothing erases it until the hold is lifted; raises NoReason, RequestErased."""
        reason = reason.strip()
        if not reason:
            raise NoReason(NoReason.__doc__)
        if len(reason) > LONGEST_REASON:
            raise TooLong(f"A reason has at most {LONGEST_REASON} characters.")

        def act(db: Connection, kept: Kept, now: datetime) -> None:
            try:
                self.core.request_cases.hold(db, kept.request.id, reason)
            except Erased:
                raise RequestErased(RequestErased.__doc__) from None
            self._note(db, kept, "request_held", person.id, now)
            self.core.audit.append(db, person.id, "request.hold", now, company=kept.request.company, subject=kept.request.id)

        return await self._act(person, request, act)

    async def release(self, person: Person, request: str) -> Case:
        """The hold is lifted, and retention goes on; without one nothing is done."""

        def act(db: Connection, kept: Kept, now: datetime) -> None:
            if kept.held:
                self.core.request_cases.release(db, kept.request.id)
                self._note(db, kept, "request_released", person.id, now)
                self.core.audit.append(db, person.id, "request.release", now, company=kept.request.company, subject=kept.request.id)

        return await self._act(person, request, act)

    async def read_hold(self, person: Person, request: str) -> str | None:
        """Why it is held."""

        def work(db: Connection) -> str | None:
            kept = self.kept(db, person, request, Permission.HOLD_REQUESTS)
            return self.core.request_cases.read_hold(db, kept.request.id) if kept.held else None

        return await self.services.database.run(work)

    async def export(self, person: Person, request: str) -> dict:
        """The case whole, as JSON takes it: what was typed, moves, all that was said with its citations, notes and events."""
        now = self.services.clock()

        def work(db: Connection) -> dict:
            kept = self.kept(db, person, request, Permission.HOLD_REQUESTS)
            whole = self._gather(db, person, kept, now)
            self.core.audit.append(db, person.id, "request.export", now, company=kept.request.company, subject=kept.request.id)
            return whole

        return await self.services.database.run(work)

    async def _act(self, person: Person, request: str, act) -> Case:
        now = self.services.clock()

        def work(db: Connection) -> Case:
            kept = self.kept(db, person, request, Permission.HOLD_REQUESTS, locked=True)
            act(db, kept, now)
            return self.show(db, person, self.kept(db, person, request))

        case = await self.services.database.run(work)
        if case.ticket:
            self.tell(case.ticket, "request_held" if case.held else "request_released", person.id)
        return case

    def _note(self, db: Connection, kept: Kept, event: str, by: str, now: datetime) -> None:
        if ticket := self.ticket(db, kept):
            self.core.events.add(db, ticket.id, event, by, now)

    def _gather(self, db: Connection, person: Person, kept: Kept, now: datetime) -> dict:
        core, case = self.core, self.show(db, person, kept)
        request, ticket = kept.request, case.ticket
        chats = core.conversations.calls.list_conversations(db, ticket.id) if ticket else [kept.conversation]
        if kept.conversation not in chats:
            chats = [kept.conversation, *chats]
        return {
            "exported_at": now.isoformat(),
            "reference": kept.reference,
            "company": request.company,
            "kind": request.kind,
            "state": request.state.value,
            "language": kept.locale,
            "opened_at": _moment(request.opened_at),
            "submitted_at": _moment(request.submitted_at),
            "changed_at": _moment(request.changed_at),
            "needs": asdict(request.needs),
            "evidence": {name: _plain(value) for name, value in asdict(request.evidence).items()},
            "erased": kept.erased,
            "legal_hold": core.request_cases.read_hold(db, request.id) if kept.held else None,
            "fields": {} if kept.erased else self.read_fields(db, request.id),
            "moves": [
                {
                    "move": done.move,
                    "from": done.source.value,
                    "to": done.target.value,
                    "mover": done.mover.value,
                    "by": done.by.name if done.by else None,
                    "at": done.at.isoformat(),
                }
                for done in case.moves
            ],
            "ticket": self._gather_ticket(db, case) if ticket else None,
            "messages": [_tell(message) for chat in chats for message in core.conversations.list_messages(db, chat)],
        }

    def _gather_ticket(self, db: Connection, case: Case) -> dict:
        ticket = case.ticket
        assert ticket is not None
        notes, events = self.core.notes.list(db, ticket.id), self.core.events.list(db, ticket.id)
        names = self.names(db, {ticket.assignee, *(note.person for note in notes), *(event.person for event in events)})
        return {
            "reference": ticket.reference,
            "status": ticket.status,
            "subject": ticket.subject,
            "contact": asdict(ticket.contact),
            "assignee": names.get(ticket.assignee or ""),
            "notes": [{"at": note.at.isoformat(), "by": names.get(note.person, ""), "text": note.text} for note in notes],
            "events": [
                {"at": event.at.isoformat(), "by": names.get(event.person or ""), "kind": event.kind, "detail": event.detail}
                for event in events
            ],
        }


def _tell(message: Message) -> dict:
    return {
        "at": message.sent_at.isoformat(),
        "sender": message.sender,
        "text": message.text,
        "citations": list(message.citations),
        "attachments": [dict(file) for file in message.attachments],
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
