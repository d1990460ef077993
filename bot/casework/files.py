"""Files on a ticket: what customers sent, and what staff send along with a reply."""

from __future__ import annotations

import asyncio

from sqlalchemy.engine import Connection

from bot.desk.errors import TicketClosed, UnknownFile
from bot.desk.files import File
from bot.desk.person import Permission, Person

from .acts import Acts


class Files(Acts):
    """Uploads and reads files."""

    async def upload(self, person: Person, ticket: str, name: str, content: bytes) -> File:
        """Keep a file for a reply that is being written; raises FileNotTaken, FileTooLarge or TicketClosed."""
        found = await self.services.database.run(lambda db: self.get(db, person, ticket, Permission.WORK_TICKETS))
        now, attachments = self.services.clock(), self.core.attachments
        file, sealed = await asyncio.to_thread(attachments.seal, found.conversation, name, content, now, uploaded_by=person.id)

        def work(db: Connection) -> File:
            if self.get(db, person, ticket, Permission.WORK_TICKETS, locked=True).status == "closed":
                raise TicketClosed(TicketClosed.__doc__)
            attachments.add(db, file, sealed)
            return file

        return await self.services.database.run(work)

    async def list_own(self, person: Person, ticket: str) -> list[File]:
        """What they uploaded and have not sent yet."""

        def work(db: Connection) -> list[File]:
            found = self.get(db, person, ticket)
            return self.core.attachments.list_unsent(db, found.conversation, person.id)

        return await self.services.database.run(work)

    async def drop(self, person: Person, ticket: str, file: str) -> None:
        """Erase one that they uploaded and have not sent; one that is gone is as it should be."""

        def work(db: Connection) -> None:
            found = self.get(db, person, ticket, Permission.WORK_TICKETS, locked=True)
            known = self.core.attachments.find(db, file)
            if known and known.conversation == found.conversation and known.uploaded_by == person.id:
                self.core.attachments.drop(db, file)

        await self.services.database.run(work)

    async def open(self, person: Person, ticket: str, file: str) -> tuple[File, bytes]:
        """A file of that ticket, or of one that was merged into it; each look is in the audit log. Raises UnknownFile."""
        now = self.services.clock()

        def work(db: Connection) -> tuple[File, bytes]:
            found = self.get(db, person, ticket)
            known = self.core.attachments.find(db, file)
            if known is None or known.conversation not in self.core.conversations.calls.list_conversations(db, found.id):
                raise UnknownFile(UnknownFile.__doc__)
            if known.message is None and known.uploaded_by != person.id:
                raise UnknownFile(UnknownFile.__doc__)
            sealed = self.core.attachments.read(db, file)
            detail = {"file": known.id, "media_type": known.media_type}
            self.core.audit.append(db, person.id, "ticket.open_file", now, company=found.company, subject=found.id, detail=detail)
            return known, sealed

        known, sealed = await self.services.database.run(work)
        return known, await asyncio.to_thread(self.core.attachments.unseal, known, sealed)
