"""How long the console's pages take on a desk of 100,000 tickets, asked for by one member of staff, one after another."""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass, field

import aiohttp
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.desk.queue import VIEWS
from bot.storage.tables import conversations, tickets

from .desk_agents import Console, list_people
from .desk_texts import THINGS, TOWNS

#: What is searched for by words; each is another one each time.
WORDS = (
    ("a frequent word", lambda r: r.choice(THINGS["en"])),
    ("two words", lambda r: f"{r.choice(THINGS['en'])} {r.choice(TOWNS['en'])}"),
    ("a rare number", lambda r: str(r.randrange(10**7, 10**8))),
    ("Japanese", lambda r: r.choice(("手数料", "第三者に提供", "個人情報", "本人確認書類", "引っ越した"))),
    ("Japanese and a town", lambda r: f"{r.choice(THINGS['ja'])} {r.choice(TOWNS['ja'])}"),
)


@dataclass
class Timed:
    """A kind of page, and how long each took."""

    name: str
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Milliseconds."""
        return 1000 * statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


@dataclass(frozen=True)
class Some:
    """Tickets to look at."""

    references: list[str]
    emails: list[str]
    long: list[str]  #: references of long conversations


async def measure_pages(session: aiohttp.ClientSession, address: str, core: Core, times: int) -> list[Timed]:
    """Each kind of page so often, all kinds in turns."""
    chosen = random.Random(7)
    some = core.database.transact(lambda db: _choose(core, db, chosen))
    agent = next(person for person in list_people(core) if person.all_companies)
    console = Console.open(session, address, core, agent)
    company = chosen.choice([company.key for company in core.library.companies()])
    views = [(f"queue: {view}", f"view={view}") for view in VIEWS]
    views += [("queue: closed", "view=all&status=closed"), ("queue: a tag", "view=all&tag=refund")]
    views += [("queue: one company by priority", f"view=all&sort=priority&company={company}")]
    kinds = [(name, lambda query=query: console.show(f"/desk?{query}")) for name, query in views]
    kinds += [(f"search: {name}", lambda make=make: console.send("/desk/search", q=make(chosen))) for name, make in WORDS]
    kinds += [
        ("search: a tag", lambda: console.send("/desk/search", q=f"tag:{chosen.choice(('moved', 'refund', '返送'))}")),
        ("search: a reference", lambda: console.send("/desk/search", q=chosen.choice(some.references))),
        ("search: a person's e-mail address", lambda: console.send("/desk/search", q=chosen.choice(some.emails))),
        ("ticket", lambda: console.show(f"/desk/tickets/{chosen.choice(some.references)}")),
        ("ticket of a long conversation", lambda: console.show(f"/desk/tickets/{chosen.choice(some.long)}")),
    ]
    timed = [Timed(name) for name, _ in kinds]
    for time_number in range(times + 1):
        for kind, (_, ask) in zip(timed, kinds, strict=True):
            began = time.perf_counter()
            await ask()
            if time_number:  # the first of each opens what is cold
                kind.seconds.append(time.perf_counter() - began)
    return timed


def _choose(core: Core, db: Connection, chosen: random.Random) -> Some:
    """By chance, from all over the two years."""
    spread = sa.select(tickets).where(tickets.c.priority == 1, tickets.c.status == "closed", tickets.c.reason != "leak")
    rows = db.execute(spread.order_by(tickets.c.id).limit(300)).all()
    emails = [contact.email for row in rows if (contact := core.tickets.read(row).contact).email]
    long = (
        sa.select(tickets.c.reference)
        .join(conversations, conversations.c.id == tickets.c.conversation)
        .where(conversations.c.last_sequence >= 14)
        .order_by(tickets.c.id)
        .limit(100)
    )
    return Some([row.reference for row in rows], emails, list(db.execute(long).scalars()))
