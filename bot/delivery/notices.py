"""What the desk tells by mail: to staff of their tickets, to customers who left an address of their case.

Each method is called in the unit of work of the act that it tells of, so that neither is there without the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.desk.mail import Mail, about_customer, is_address
from bot.desk.notices import hear_of_late, wants
from bot.desk.person import Person
from bot.desk.ticket import Ticket
from bot.knowledge.company import localise
from bot.storage.case_links import LIFETIME

#: Customers who are still in the chat after that have seen it there.
CUSTOMER_DELAY = timedelta(minutes=2)
#: Channels whose customers can read an answer behind a link.
LINKED_CHANNELS = frozenset({"web"})


class Notices:
    """Puts mail into the outbox."""

    def __init__(self, core: Core):
        self.core = core
        self.wording = read_wording()

    # To staff -----------------------------------------------------------------------------------------------------

    def assigned(self, db: Connection, ticket: Ticket, by: str | None, now: datetime) -> None:
        """Somebody else (their id; None: the desk itself) gave the ticket to who has it now."""
        if ticket.assignee and ticket.assignee != by:
            cause = f"assigned {ticket.id} {ticket.version}"
            self._tell_staff(db, "assigned", "mail_assigned", ticket, [ticket.assignee], cause, now, by=by)

    def handed_over(self, db: Connection, to: str, count: int, by: str, now: datetime) -> None:
        """So many tickets went to somebody at once, at a shift's end."""
        person = self.core.people.find(db, to)
        if count and to != by and person and self._wants(db, person, "mail_assigned"):
            values = {"count": count, "link": f"{self.core.settings.address}/desk", "by": self._name(db, by, person.locale)}
            subject = self.wording["handed_over_subject"]["one" if count == 1 else "more"][person.locale].format(**values)
            cause = f"handed over {to} {now.timestamp()}"
            self.core.outbox.add(db, cause, self._staff_mail(person, subject, "handed_over", values), now)

    def warned(self, db: Connection, ticket: Ticket, now: datetime) -> None:
        """The ticket is due soon."""
        self._tell_late(db, "warned", ticket, now)

    def escalated(self, db: Connection, ticket: Ticket, now: datetime) -> None:
        """The ticket is late."""
        self._tell_late(db, "escalated", ticket, now)

    def mentioned(self, db: Connection, ticket: Ticket, note: str, people: Iterable[str], by: str, now: datetime) -> None:
        """A note (its id) mentions these people."""
        others = [one for one in people if one != by]
        self._tell_staff(db, "mentioned", "mail_mentioned", ticket, others, f"mentioned {note}", now, by=by)

    def invited(self, db: Connection, person: Person, purpose: str, token: str, days: int, now: datetime) -> None:
        """Somebody got a one-time link (purpose: invite or reset); without a mail server only who made it sees it."""
        if self.core.settings.smtp_host:
            values = {"name": person.name, "link": f"{self.core.settings.address}/desk/welcome/{token}", "days": days}
            text = self.say(purpose, person.locale, **values)
            mail = Mail(person.email, self.say(f"{purpose}_subject", person.locale, **values), text)
            self.core.outbox.add(db, f"{purpose} {person.id} {now.timestamp()}", mail, now)

    # To customers -------------------------------------------------------------------------------------------------

    def answered(self, db: Connection, ticket: Ticket, message: str, now: datetime) -> None:
        """A person's reply (the message's id) was delivered. Of several in a row that nobody was there to see, one mail tells."""
        chat = self._chat(db, ticket)
        address = self._find_address(db, ticket, chat)
        if address and not self.core.outbox.awaits(db, about_customer(chat)):
            self._tell_customer(db, "answered", ticket, chat, address, message, now)

    def closed(self, db: Connection, ticket: Ticket, now: datetime) -> None:
        """The case was closed; that there is an answer need not be told beside it."""
        chat = self._chat(db, ticket)
        if address := self._find_address(db, ticket, chat):
            self.core.outbox.withdraw(db, about_customer(chat))
            self._tell_customer(db, "closed", ticket, chat, address, f"closed {ticket.id} {ticket.version}", now)

    def _find_address(self, db: Connection, ticket: Ticket, chat: str) -> str:
        """Whom a link into that chat may be sent to: the address left in it, not one of a case that was merged with its."""
        own = ticket if chat == ticket.conversation else self.core.tickets.find_own(db, chat)
        known = own is not None and own.channel in LINKED_CHANNELS and is_address(own.contact.email)
        return own.contact.email if own and known else ""

    def _chat(self, db: Connection, ticket: Ticket) -> str:
        """Where the customer wrote last, of all chats that were merged into the case: replies go there."""
        return self.core.conversations.calls.list_conversations(db, ticket.id)[0]

    def _tell_customer(
        self, db: Connection, what: str, ticket: Ticket, chat: str, address: str, cause: str, now: datetime
    ) -> None:
        core, locale = self.core, ticket.language
        token = core.case_links.make(db, chat, now)
        values = {
            "reference": ticket.reference,
            "company": self._company(ticket, locale),
            "link": f"{core.settings.address}/case/{token}",
            "days": LIFETIME.days,
        }
        text = self.say(what, locale, **values) + "\n" + self.say("customer_foot", locale, **values)
        mail = Mail(address, self.say(f"{what}_subject", locale, **values), text, chat)
        core.outbox.add(db, f"{about_customer(chat)} {cause}", mail, now, after=CUSTOMER_DELAY)

    # Both -----------------------------------------------------------------------------------------------------------

    def say(self, key: str, locale: str, **values: object) -> str:
        return localise(self.wording[key], locale).format(**values)

    def _tell_late(self, db: Connection, what: str, ticket: Ticket, now: datetime) -> None:
        people = hear_of_late(ticket, self.core.people.list(db), now, escalated=what == "escalated")
        due = int(ticket.due_at.timestamp()) if ticket.due_at else 0
        cause = f"{what} {ticket.id} {due}"
        self._tell_staff(db, what, "mail_late", ticket, [one.id for one in people], cause, now)

    def _tell_staff(
        self,
        db: Connection,
        what: str,
        preference: str,
        ticket: Ticket,
        people: Iterable[str],
        cause: str,
        now: datetime,
        *,
        by: str | None = None,
    ) -> None:
        for id in dict.fromkeys(people):
            person = self.core.people.find(db, id)
            if person and self._wants(db, person, preference) and person.sees(ticket.company):
                values = self._describe(db, ticket, person, by)
                subject = self.say(f"{what}_subject", person.locale, **values)
                self.core.outbox.add(db, f"{cause} {id}", self._staff_mail(person, subject, what, values), now)

    def _describe(self, db: Connection, ticket: Ticket, person: Person, by: str | None) -> dict[str, object]:
        """What a mail to that person may tell of a ticket."""
        locale = person.locale
        zone = ZoneInfo(self.core.library.company(ticket.company).timezone)
        return {
            "reference": ticket.reference,
            "company": self._company(ticket, locale),
            "kind": self.say(f"kind_{ticket.reason}", locale),
            "link": f"{self.core.settings.address}/desk/tickets/{ticket.reference}",
            "by": self._name(db, by, locale),
            "due": ticket.due_at.astimezone(zone).strftime(localise(self.wording["due"], locale)) if ticket.due_at else "",
            "holder": self._tell_holder(db, ticket, person),
        }

    def _tell_holder(self, db: Connection, ticket: Ticket, person: Person) -> str:
        if ticket.assignee is None:
            return self.say("holder_nobody", person.locale)
        if ticket.assignee == person.id:
            return self.say("holder_yours", person.locale)
        return self.say("holder_other", person.locale, holder=self._name(db, ticket.assignee, person.locale))

    def _staff_mail(self, person: Person, subject: str, what: str, values: dict[str, object]) -> Mail:
        text = self.say(what, person.locale, name=person.name, **values)
        foot = self.say("staff_foot", person.locale, account=f"{self.core.settings.address}/desk/account")
        return Mail(person.email, subject, f"{text}\n{foot}\n")

    def _wants(self, db: Connection, person: Person, preference: str) -> bool:
        return wants(person, self.core.people.preferences(db, person.id), preference)

    def _company(self, ticket: Ticket, locale: str) -> str:
        return localise(self.core.library.company(ticket.company).short, locale)

    def _name(self, db: Connection, person: str | None, locale: str) -> str:
        names = self.core.people.names(db, [person]) if person else {}
        return names.get(person or "") or self.say("the_desk", locale)


@cache
def read_wording() -> dict[str, dict]:
    """All that the mails say, by key and language."""
    return yaml.safe_load((Path(__file__).parent / "mail.yml").read_text(encoding="utf-8"))
