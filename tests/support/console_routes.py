"""What may be done at each address of the console, and by whom: one line for each route, by its name.

A new route belongs in RULES; tests/integration/test_console_permissions.py fails until it stands there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.bootstrap import Core
from bot.casework.casework import CASEWORK, Casework
from bot.desk.canned import CannedReply
from bot.desk.person import Permission, Person, Role
from bot.desk.reply import Draft
from bot.desk.ticket import Contact, Ticket
from bot.storage.tables import attachments

from .chat import Gateway
from .staff import ALL, staff

#: Everybody, signed in or not.
PUBLIC = "public"
#: Whoever is signed in, for themselves alone.
STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Wish:
    """One request: what stands in the address, and what is sent."""

    match: dict[str, str] = field(default_factory=dict)
    form: Any = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """A gateway, somebody who may do everything and makes what the requests are about, and tickets in every company."""

    gateway: Gateway
    chief: Person
    walker: Person | None = None  #: who is going to ask
    count: int = 0

    @property
    def core(self) -> Core:
        return self.gateway.core

    @property
    def casework(self) -> Casework:
        return self.gateway._runner.app[CASEWORK]

    async def ticket(self, company: str) -> Ticket:
        """A customer of that company wrote, and wants a person; what they wrote names the company in a way of its own."""
        self.count += 1
        number, now = self.count, self.gateway.clock()

        def work(db) -> Ticket:
            chat, _ = self.core.conversations.open(db, company, "en", "web", now)
            accepted = self.core.conversations.accept(db, chat, f"{secret_of(company)}, please help", f"m{number}", now)
            contact = Contact(name=secret_of(company), email=f"{secret_of(company)}@customer.example")
            return self.core.tickets.open(db, chat, accepted.message.id, "asked", now, contact=contact)[0]

        return await self.core.database.run(work)

    async def colleague(self, company: str) -> Person:
        """Somebody who works for that company alone."""
        return (await staff(self.gateway, Role.AGENT, companies=[company], name=secret_of(company))).person


def secret_of(company: str) -> str:
    """A word that stands in everything of that company's cases and nowhere else."""
    return f"secret{company}word"


async def make_world(gateway: Gateway) -> World:
    chief = await staff(gateway, *Role, companies=ALL, name="Chief")
    return World(gateway, chief.person)


#: Makes a request about something of that company.
Prepare = Callable[[World, str], Awaitable[Wish]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may, and what a request looks like that they would send."""

    who: Permission | str
    prepare: Prepare
    bound: bool = False  #: to a company: whoever does not see it gets 404 or 403, whatever their roles
    refusal: int = 403  #: what somebody gets who may not
    shown: int = 200  #: what a page answers to whoever may
    ends: bool = False  #: it ends the session that it comes from


def plain(form: dict | None = None, query: dict | None = None, **match: str) -> Prepare:
    async def prepare(world: World, company: str) -> Wish:
        return Wish(match, form or {}, query or {})

    return prepare


def ticket(form: dict | None = None, query: dict | None = None) -> Prepare:
    async def prepare(world: World, company: str) -> Wish:
        return Wish({"reference": (await world.ticket(company)).reference}, form or {}, query or {})

    return prepare


def person(**form: Any) -> Prepare:
    async def prepare(world: World, company: str) -> Wish:
        one = await world.colleague(company)
        whole = {"name": one.name, "email": one.email, "role": "agent", "company": company, "locale": "en", **form}
        return Wish({"person": one.id}, whole)

    return prepare


def company(path: bool, **form: str) -> Prepare:
    """About a company as such, named in the address or in the form."""

    async def prepare(world: World, company: str) -> Wish:
        return Wish({"company": company} if path else {}, {"company": company, **form})

    return prepare


async def by_id(world: World, company: str) -> Wish:
    return Wish({"id": (await world.ticket(company)).id})


async def closed(world: World, company: str) -> Wish:
    one = await world.ticket(company)
    await world.casework.closing.close(world.chief, one.id)
    return Wish({"reference": one.reference})


async def beside_another(world: World, company: str) -> Wish:
    one, other = await world.ticket(company), await world.ticket(company)
    return Wish({"reference": one.reference}, {"reference": other.reference})


async def linked(world: World, company: str) -> Wish:
    one, other = await world.ticket(company), await world.ticket(company)
    await world.casework.links.link(world.chief, one.id, other.id)
    return Wish({"reference": one.reference}, {"other": other.id})


async def to_colleague(world: World, company: str) -> Wish:
    one = await world.ticket(company)
    return Wish({"reference": one.reference}, {"to": (await world.colleague(company)).id})


async def held(world: World, company: str) -> Wish:
    one = await world.ticket(company)
    # Only who sent a reply may take it back.
    sender = world.walker if world.walker and world.walker.may(WORK, company) else world.chief
    reply = await world.casework.replies.send(sender, one.id, Draft("Good day"), f"form{world.count}")
    return Wish({"reference": one.reference}, {"reply": reply.id})


async def with_upload(world: World, company: str) -> Wish:
    form = aiohttp.FormData()
    form.add_field("file", b"%PDF-1.4\n%%EOF\n", filename="scan.pdf", content_type="application/pdf")
    return Wish({"reference": (await world.ticket(company)).reference}, form)


async def with_file(world: World, company: str) -> Wish:
    one = await world.ticket(company)
    file = await world.casework.files.upload(world.chief, one.id, "note.pdf", f"%PDF-1.4 {secret_of(company)}".encode())
    of_customer = attachments.update().where(attachments.c.id == file.id)
    await world.core.database.run(lambda db: db.execute(of_customer.values(message="of the customer", uploaded_by=None)))
    return Wish({"reference": one.reference, "file": file.id})


async def make_canned(world: World, company: str) -> CannedReply:
    world.count += 1
    secret = secret_of(company)
    return await world.casework.canned.save(world.chief, CannedReply("", company, "en", f"hello{world.count}", secret, secret))


def canned(*, with_ticket: bool = False, **form: str) -> Prepare:
    async def prepare(world: World, company: str) -> Wish:
        reply = await make_canned(world, company)
        match = {"reply": reply.id, "id": reply.id}
        if with_ticket:
            match["reference"] = (await world.ticket(company)).reference
        return Wish(match, {"version": str(reply.version), "company": company, **form} if form else {})

    return prepare


async def asset(world: World, company: str) -> Wish:
    return Wish({"version": "any", "name": "console.css"})


REPLY = {"locale": "en", "shortcut": "good-day", "title": "Good day", "body": "Good day, {customer_name}"}
CASE = {"channel": "letter", "received_at": "2026-11-24T09:00", "text": "A letter", "language": "en", "reason": "registered"}
CASE["form"] = "one"
SEE, WORK, STATISTICS = Permission.SEE_TICKETS, Permission.WORK_TICKETS, Permission.SEE_STATISTICS
REPLIES, STAFFING, PEOPLE, AUDIT = (
    Permission.MANAGE_REPLIES,
    Permission.MANAGE_STAFFING,
    Permission.MANAGE_PEOPLE,
    Permission.READ_AUDIT,
)

RULES: dict[str, Rule] = {
    # Getting in and out
    "console-asset": Rule(PUBLIC, asset),
    "sign_in": Rule(PUBLIC, plain()),
    "sign_in_by_password": Rule(PUBLIC, plain({"email": "nobody@desk.example", "password": "wrong"})),
    "second_step": Rule(PUBLIC, plain()),
    "second_step_by_code": Rule(PUBLIC, plain({"code": "000000"})),
    "sign_out": Rule(PUBLIC, plain(), ends=True),
    "language": Rule(PUBLIC, plain({"locale": "en", "back": "/desk/account"})),
    "welcome": Rule(PUBLIC, plain(token="of-nobody")),
    "welcome_taken_up": Rule(PUBLIC, plain(token="of-nobody")),
    "provider_asked": Rule(PUBLIC, plain()),
    "provider_answered": Rule(PUBLIC, plain()),
    # One's own account
    "account": Rule(STAFF, plain()),
    "account_password": Rule(STAFF, plain({"present": "wrong"})),
    "account_absence": Rule(STAFF, plain()),
    "account_mail": Rule(STAFF, plain()),
    "account_sessions_end": Rule(STAFF, plain()),
    "second_factor": Rule(STAFF, plain()),
    "second_factor_set": Rule(STAFF, plain({"code": "000000"})),
    "second_factor_removed": Rule(STAFF, plain()),
    "recovery_codes": Rule(STAFF, plain()),
    # People
    "people": Rule(PEOPLE, plain()),
    "person_new": Rule(PEOPLE, plain()),
    "person_invite": Rule(PEOPLE, company(False, name="Kenji", email="kenji@desk.example", role="agent"), bound=True),
    "person": Rule(PEOPLE, person(), bound=True),
    "person_change": Rule(PEOPLE, person(name="Another"), bound=True),
    "person_disable": Rule(PEOPLE, person(), bound=True),
    "person_enable": Rule(PEOPLE, person(), bound=True),
    "person_link": Rule(PEOPLE, person(), bound=True),
    "person_sessions_end": Rule(PEOPLE, person(), bound=True),
    "person_factor_reset": Rule(PEOPLE, person(), bound=True),
    "person_absence": Rule(STAFFING, person(), bound=True),
    # The queue and what stands beside it; who sees no tickets is led to a page of theirs
    "queue": Rule(SEE, plain(), refusal=302),
    "queue-too": Rule(SEE, plain(), refusal=302),
    "queue-rows": Rule(SEE, plain()),
    "events": Rule(SEE, plain()),
    "search": Rule(SEE, plain()),
    "search-hits": Rule(SEE, plain({"q": "please help"})),
    "register": Rule(WORK, plain()),
    "register-do": Rule(WORK, company(False, **CASE), bound=True),
    "shift-form": Rule(WORK, plain()),
    "shift": Rule(WORK, plain()),
    # A ticket, to be looked at
    "ticket": Rule(SEE, ticket(), bound=True),
    "ticket-by-id": Rule(SEE, by_id, bound=True, shown=302),
    "ticket-story": Rule(SEE, ticket(), bound=True),
    "ticket-case": Rule(SEE, ticket(), bound=True),
    "ticket-lookers": Rule(SEE, ticket(), bound=True),
    "ticket-contact": Rule(SEE, ticket(), bound=True),
    "ticket-file": Rule(SEE, with_file, bound=True),
    "ticket-policy": Rule(SEE, ticket(), bound=True),
    "ticket-policy-search": Rule(SEE, ticket({"q": "fee"}), bound=True),
    "tags": Rule(SEE, ticket(), bound=True),
    "unsent": Rule(SEE, ticket(), bound=True),
    # A ticket, to be worked on
    "take": Rule(WORK, ticket(), bound=True),
    "release": Rule(WORK, ticket(), bound=True),
    "assign-form": Rule(SEE, ticket(), bound=True),
    "assign": Rule(Permission.ASSIGN_OTHERS, to_colleague, bound=True),
    "close": Rule(WORK, ticket(), bound=True),
    "reopen": Rule(WORK, closed, bound=True),
    "wait": Rule(WORK, ticket(), bound=True),
    "resume": Rule(WORK, ticket(), bound=True),
    "link": Rule(WORK, beside_another, bound=True),
    "unlink": Rule(WORK, linked, bound=True),
    "merge": Rule(WORK, beside_another, bound=True),
    "priority": Rule(WORK, ticket({"priority": "2"}), bound=True),
    "reason": Rule(WORK, ticket({"reason": "complaint"}), bound=True),
    "due": Rule(WORK, ticket({"due": "2026-12-01T09:00"}), bound=True),
    "subject": Rule(WORK, ticket({"subject": "A fee"}), bound=True),
    "contact": Rule(WORK, ticket({"name": "Hana"}), bound=True),
    "tag": Rule(WORK, ticket({"tag": "fee"}), bound=True),
    "untag": Rule(WORK, ticket({"tag": "fee"}), bound=True),
    "reply": Rule(WORK, ticket({"text": "Good day", "form": "one"}), bound=True),
    "draft": Rule(WORK, ticket({"text": "Good"}), bound=True),
    "take-back": Rule(WORK, held, bound=True),
    "send-now": Rule(WORK, held, bound=True),
    "hand_back": Rule(WORK, ticket(), bound=True),
    "attach": Rule(WORK, with_upload, bound=True),
    "mentionable": Rule(SEE, ticket(), bound=True),
    "canned": Rule(WORK, ticket(), bound=True),
    "canned-filled": Rule(WORK, canned(with_ticket=True), bound=True),
    # Supervision, settings, audit
    "supervision": Rule(STATISTICS, plain()),
    "supervision-export": Rule(STATISTICS, plain(query={"table": "company"})),
    "canned_replies": Rule(REPLIES, plain()),
    "canned_reply_new": Rule(REPLIES, plain()),
    "canned_reply_add": Rule(REPLIES, company(False, **REPLY), bound=True),
    "canned_reply": Rule(REPLIES, canned(), bound=True),
    "canned_reply_change": Rule(REPLIES, canned(**REPLY), bound=True),
    "canned_reply_delete": Rule(REPLIES, canned(**REPLY), bound=True),
    "hours": Rule(STAFFING, plain()),
    "desk_hours": Rule(STAFFING, company(True), bound=True),
    "desk_hours_change": Rule(STAFFING, company(True), bound=True),
    "desk_clocks": Rule(STAFFING, company(True), bound=True),
    "desk_clocks_change": Rule(STAFFING, company(True), bound=True),
    "absence": Rule(STAFFING, plain()),
    "absence_change": Rule(STAFFING, person(), bound=True),
    "audit": Rule(AUDIT, plain()),
    "audit-export": Rule(AUDIT, plain()),
    "audit-verify": Rule(AUDIT, plain()),
}
