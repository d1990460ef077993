"""Fills an empty desk with the week."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.casework import hashing
from bot.desk.canned import CannedReply
from bot.desk.person import Permission, Person, Role
from bot.knowledge.company import localise
from bot.settings import Settings
from bot.storage.tables import conversations, outbox, people, tickets

from .desk import DemoDesk, make_demo_desk
from .errors import NotForDemo
from .stories import Stories, read_stories
from .week import DAYS, live_through, plan_week

#: The same week each time, but for the references, the passwords and the time at which it is made.
SEED = 3
DOMAIN = "desk.example"


def fill(core: Core, now: datetime, tell: Callable[[str], object], seed: int = SEED) -> str:
    """Make people, ready-made replies and a week of cases; what to do next, with the accounts. Raises NotForDemo."""
    refuse_if_in_use(core)
    return asyncio.run(_fill(core, now, tell, seed))


def refuse_other_databases(settings: Settings) -> None:
    """A database of one's own may be anybody's; what is embedded is empty or can be put aside."""
    if settings.database_url:
        raise NotForDemo("The demonstration fills the embedded database only: unset DESK_DATABASE_URL.")


def refuse_if_in_use(core: Core) -> None:
    """Only an empty desk is filled."""
    refuse_other_databases(core.settings)

    def is_used(db: Connection) -> bool:
        some = (sa.select(sa.literal(1)).select_from(table).limit(1) for table in (people, tickets, conversations))
        return any(db.execute(one).first() for one in some)

    if core.database.transact(is_used):
        raise NotForDemo(
            "This desk has people or chats already. Make the demonstration in a folder of its own, by "
            "DESK_DATA_DIR=var/demo make demo, and look at it by DESK_DATA_DIR=var/demo make run."
        )


async def _fill(core: Core, now: datetime, tell: Callable[[str], object], seed: int) -> str:
    chosen, stories = random.Random(seed), read_stories()
    desk = make_demo_desk(core, now - timedelta(days=DAYS, hours=2))
    tell("People and ready-made replies ...")
    accounts = await add_people(desk, stories)
    await add_replies(desk, stories)
    tell("A week at the desk:")
    await live_through(plan_week(desk, stories, now, chosen), now, tell)
    await desk.go_to(now)
    return core.database.transact(lambda db: _finish(core, db, accounts, now))


async def add_people(desk: DemoDesk, stories: Stories) -> list[tuple[Person, str]]:
    """The staff, each with a password of their own."""
    core, keys = desk.core, [company.key for company in desk.core.library.companies()]
    accounts = []
    for row in stories.people:
        everywhere = row["companies"] == "all"
        some = [] if everywhere else keys[row["companies"][0] :: row["companies"][1]]
        email, password = f"{row['key']}@{DOMAIN}", secrets.token_urlsafe(12)
        kept = await hashing.make(password, (row["name"], email))

        def work(db: Connection, row=row, everywhere=everywhere, some=some, email=email, kept=kept) -> Person:
            roles = [Role(role) for role in row["roles"]]
            person = core.people.add(
                db, row["name"], email, roles, desk.clock(), companies=some, all_companies=everywhere, locale=row["locale"]
            )
            core.credentials.set_password(db, person.id, kept)
            core.audit.append(db, "system", "person.demo", desk.clock(), subject=person.id, detail={"roles": row["roles"]})
            return person

        person = core.database.transact(work)
        desk.people[row["key"]] = person
        accounts.append((person, password))
    desk.presence.here = tuple(person for person, _ in accounts if person.may(Permission.WORK_TICKETS))
    return accounts


async def add_replies(desk: DemoDesk, stories: Stories) -> None:
    """Ready-made replies for every company, in each language."""
    keeper = next(person for person in desk.people.values() if person.may(Permission.MANAGE_REPLIES) and person.all_companies)
    for row in stories.replies:
        for locale, body in row["body"].items():
            reply = CannedReply("", None, locale, row["shortcut"], row["title"][locale], body)
            await desk.casework.canned.save(keeper, reply)


def _finish(core: Core, db: Connection, accounts: list[tuple[Person, str]], now: datetime) -> str:
    """What was made, and how to get in."""
    if not core.settings.keeps_mail:  # nobody invented has a letterbox
        db.execute(outbox.delete())
    core.audit.append(db, "system", "desk.demo", now)
    counted = dict(db.execute(sa.select(tickets.c.status, sa.func.count()).group_by(tickets.c.status)).all())
    chats = db.execute(sa.select(sa.func.count()).select_from(conversations)).scalar_one()
    states = ", ".join(f"{count} {status}" for status, count in sorted(counted.items()))
    lines = [
        f"The desk holds {sum(counted.values())} tickets ({states}) and {chats} conversations; all of it is invented.",
        "",
        f"Bring it up with make run, then sign in at {core.settings.address}/desk. The passwords are shown this once:",
        "",
    ]
    width = max(len(person.email) for person, _ in accounts)
    for person, password in accounts:
        where = "all companies" if person.all_companies else ", ".join(sorted(_names(core, person)))
        roles = ", ".join(sorted(role.replace("_", " ") for role in person.roles))
        lines.append(f"  {person.email:{width}}  {password}  {roles}: {where}")
    return "\n".join(lines)


def _names(core: Core, person: Person) -> list[str]:
    return [localise(core.library.company(key).short, "en") for key in person.companies]
