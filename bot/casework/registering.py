"""Registering letters, faxes, calls, visits and mails."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.engine import Connection

from bot.desk.errors import BadRegistration
from bot.desk.masking import mask
from bot.desk.person import Permission, Person
from bot.desk.registration import Registration, check
from bot.desk.ticket import Ticket

from .acts import Acts


class Registering(Acts):
    """Makes tickets of what did not come by chat."""

    async def register(self, person: Person, registration: Registration) -> Ticket:
        """Conversation, message, scan and ticket, in one transaction; the same form again gives the same ticket.

        Raises UnknownCompany, Forbidden, BadRegistration, FileNotTaken or FileTooLarge.
        """
        person.require(Permission.WORK_TICKETS)
        self.core.library.company(registration.company)
        person.require(Permission.WORK_TICKETS, registration.company)
        now = self.services.clock()
        check(registration, now)
        if registration.topic and registration.topic not in self.core.library.topics:
            raise BadRegistration("topic")
        store = self.core.registrations
        conversation = store.conversation_of(person.id, registration.form)
        scan = registration.scan and self.core.attachments.seal(
            conversation, registration.scan.name, registration.scan.content, now, uploaded_by=person.id
        )
        contact = registration.contact.tidied()
        tidy = replace(registration, text=mask(registration.text).text, subject=mask(registration.subject).text, contact=contact)

        def work(db: Connection) -> tuple[Ticket, bool]:
            ticket, new = store.add(db, conversation, tidy, person.id, now, scan)
            if new:
                detail = {"channel": ticket.channel, "scan": scan is not None}
                self.core.audit.append(
                    db, person.id, "ticket.register", now, company=ticket.company, subject=ticket.id, detail=detail
                )
            return ticket, new

        ticket, new = await self.services.database.run(work)
        if new:
            self.tell(ticket, "registered", person.id)
        return ticket
