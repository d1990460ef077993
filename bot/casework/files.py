"""Files that came with a ticket, opened by staff."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from bot.desk.errors import UnknownFile
from bot.desk.files import File
from bot.desk.person import Person

from .acts import Acts


class Files(Acts):
    """Opens files."""

    async def open(self, person: Person, ticket: str, file: str) -> tuple[File, bytes]:
        """A file of that ticket, or of one that was merged into it; each look is in the audit log. Raises UnknownFile."""
        now = self.services.clock()

        def work(db: Connection) -> tuple[File, bytes]:
            found = self.get(db, person, ticket)
            merged = self.core.tickets.find_many(db, self.core.links.merged_here(db, found.id))
            chats = {found.conversation, *(one.conversation for one in merged.values())}
            known = self.core.attachments.find(db, file)
            if known is None or known.conversation not in chats:
                raise UnknownFile(UnknownFile.__doc__)
            detail = {"file": known.id, "media_type": known.media_type}
            self.core.audit.append(db, person.id, "ticket.open_file", now, company=found.company, subject=found.id, detail=detail)
            return known, self.core.attachments.read(db, file)

        known, sealed = await self.services.database.run(work)
        return known, self.core.attachments.unseal(known, sealed)
