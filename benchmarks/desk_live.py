"""Live chats that people answer: how soon a customer's message is at the desk, and what a killed gateway costs."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import quote

import aiohttp
from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.desk.clock import now
from bot.desk.person import Person

from .customers import Customer, Lost, Progress, Talk
from .desk_agents import Console, list_people
from .desk_texts import Writer
from .load import Chat
from .product import Product

#: Live conversations that one agent has.
EACH = 5
#: Seconds between two messages of one customer.
PAUSE = 15.0


@dataclass
class Case:
    """A conversation that a person has, and the agent at its page."""

    chat: Chat
    ticket: str
    reference: str
    agent: Person
    said: list[str] = field(default_factory=list)
    sent: dict[str, float] = field(default_factory=dict)  #: when a message was sent, by its text
    heard: list[float] = field(default_factory=list)  #: seconds until the event was there
    shown: list[float] = field(default_factory=list)  #: seconds until the page had fetched what was said


def open_cases(core: Core, count: int) -> list[Case]:
    """Conversations of all companies, each taken by an agent; made in the database, as a turn of the bot would."""
    agents = [person for person in list_people(core) if person.all_companies]
    companies, writer = [company.key for company in core.library.companies()], Writer(99)

    def work(db: Connection) -> list[Case]:
        cases = []
        for number in range(count):
            moment, agent = now(), agents[number // EACH % len(agents)]
            company = companies[number % len(companies)]
            conversation, token = core.conversations.open(db, company, "en", "web", moment)
            accepted = core.conversations.accept(db, conversation, writer.ask("en"), f"first {number}", moment)
            ticket, _ = core.tickets.open(db, conversation, accepted.message.id, "asked", moment)
            core.conversations.finish(db, accepted.message, [{"text": "I have passed this on."}], (), moment)
            core.tickets.save(db, replace(ticket, assignee=agent.id), moment)
            core.conversations.set_mode(db, conversation.id, "human", moment)
            cases.append(Case(Chat(conversation.id, token, company), ticket.id, ticket.reference, agent))
        return cases

    return core.database.transact(work)


@dataclass
class Heard:
    """What was measured of the live chats."""

    conversations: int
    agents: int
    messages: int
    seconds: float
    heard: list[float]  #: seconds until a message's event was at the agent's open page
    shown: list[float]  #: seconds until the page had fetched the message itself

    @property
    def unheard(self) -> int:
        return self.messages - len(self.shown)

    def event(self, share: float) -> float:
        """Milliseconds within which that share of the messages was heard of."""
        return _share(self.heard, share)

    def screen(self, share: float) -> float:
        """The same until they were shown."""
        return _share(self.shown, share)


async def measure_live(session: aiohttp.ClientSession, address: str, core: Core, cases: list[Case], seconds: float) -> Heard:
    """Customers write for so long; every agent has a page open for each of their conversations."""
    customer = Customer(session, address, Progress())
    consoles = {case.agent.id: Console.open(session, address, core, case.agent) for case in cases}
    listening = [asyncio.create_task(_watch(consoles[case.agent.id], case)) for case in cases]
    talks = [Talk(0, case.chat.company, chat=case.chat, watched=True) for case in cases]
    streams = [asyncio.create_task(customer._watch(talk)) for talk in talks]
    await asyncio.sleep(3.0)  # all are there before the first message
    writer, began = Writer(5), time.monotonic()

    async def write(case: Case) -> None:
        await asyncio.sleep(random.uniform(0, PAUSE))
        while time.monotonic() - began < seconds:
            text = f"{writer.ask('en')} ({len(case.said)} of {case.reference})"
            case.said.append(text)
            case.sent[text] = time.perf_counter()
            await customer.send(case.chat, text, text)
            await asyncio.sleep(random.uniform(0.5, 1.5) * PAUSE)

    await asyncio.gather(*(write(case) for case in cases))
    await asyncio.sleep(1.0)
    for task in (*listening, *streams):
        task.cancel()
    await asyncio.gather(*listening, *streams, return_exceptions=True)
    said = sum(len(case.said) for case in cases)
    heard = [one for case in cases for one in case.heard]
    shown = [one for case in cases for one in case.shown]
    return Heard(len(cases), len(consoles), said, time.monotonic() - began, heard, shown)


def _share(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


async def _watch(console: Console, case: Case) -> None:
    """A ticket's page: hears of messages and fetches what is new."""
    wake = asyncio.Event()

    def hear(kind: str, data: dict) -> None:
        if kind == "message" and data["ticket"] == case.ticket and data.get("sender") == "customer":
            # They come in order, so that this one is the next that was not heard of.
            case.heard.append(time.perf_counter() - case.sent[case.said[len(case.heard)]])
            wake.set()

    async def fetch() -> None:
        while True:
            await wake.wait()
            wake.clear()
            since = (now() - timedelta(seconds=60)).isoformat()  # as story.js asks
            page = await console.show(f"/desk/tickets/{case.reference}/story?after={quote(since)}")
            here = time.perf_counter()
            for text in case.said[len(case.shown) :]:
                if f"({text.rpartition('(')[2]}" not in page:
                    break
                case.shown.append(here - case.sent[text])

    fetching = asyncio.create_task(fetch())
    try:
        await console.listen(hear, ticket=case.reference)
    finally:
        fetching.cancel()


@dataclass
class Survived:
    """What a kill of the gateway left."""

    conversations: int
    messages: int
    again: int  #: times that something was sent again
    ready: float  #: seconds until the gateway was ready
    customers_back: int  #: customers' streams that brought everything
    consoles: int
    consoles_back: list[float] = field(default_factory=list)  #: seconds each was without events
    faults: Counter[str] = field(default_factory=Counter)


async def measure_kill(session: aiohttp.ClientSession, product: Product, core: Core, cases: list[Case], with_bot: int) -> Survived:
    """Chats with people and chats with the bot go on while the gateway is killed with -9."""
    customer = Customer(session, product.address, Progress())
    companies = [company.key for company in core.library.companies()]
    human = [Talk(0, case.chat.company, chat=case.chat, watched=True) for case in cases]
    bot = [Talk(1, companies[number % len(companies)], watched=True) for number in range(with_bot)]
    for talk in bot:
        talk.chat = await customer._insist(talk, lambda talk=talk: customer.open(talk.company))
    consoles = {case.agent.id: Console.open(session, product.address, core, case.agent) for case in cases}
    heard: dict[str, set[str]] = {person: set() for person in consoles}
    tasks = [asyncio.create_task(customer._watch(talk)) for talk in (*human, *bot)]
    for person, console in consoles.items():
        hear = heard[person]
        tasks.append(
            asyncio.create_task(console.listen(lambda kind, data, hear=hear: hear.add(data.get("message", "")), lambda: None))
        )
    await asyncio.sleep(2.0)
    stop = asyncio.Event()

    async def go_on(talk: Talk) -> None:
        while not stop.is_set():
            await customer._say(talk, f"What does a disclosure cost? ({len(talk.said)} of {talk.chat.id[:8]})")
            await asyncio.sleep(random.uniform(0.5, 2.0))

    talking = [asyncio.create_task(go_on(talk)) for talk in (*human, *bot)]
    await asyncio.sleep(5.0)
    died = time.monotonic()
    await asyncio.to_thread(product.kill, "gateway")
    await asyncio.to_thread(product.wait_until_ready)
    ready = time.monotonic() - died
    await asyncio.sleep(10.0)
    stop.set()
    faults: Counter[str] = Counter()
    for outcome in await asyncio.gather(*talking, return_exceptions=True):
        if isinstance(outcome, Lost):
            faults[f"lost: {outcome}"] += 1
        elif isinstance(outcome, BaseException):
            raise outcome
    back = await _judge(customer, consoles, cases, human, bot, faults)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    waited = [seconds for console in consoles.values() for seconds in console.came_back]
    if missing := sum(not console.came_back for console in consoles.values()):
        faults["a console did not come back"] = missing
    everything = [*human, *bot]
    return Survived(
        len(everything),
        sum(len(talk.said) for talk in everything),
        sum(talk.tries for talk in everything),
        ready,
        back,
        len(consoles),
        waited,
        faults,
    )


async def _judge(
    customer: Customer, consoles: dict[str, Console], cases: list[Case], human: list[Talk], bot: list[Talk], faults: Counter[str]
) -> int:
    """Read everything back; how many customers' streams brought all that their conversation holds."""
    back = 0
    for talk in (*human, *bot):
        history = (await customer.history(talk.chat))["messages"]
        said = [message["text"] for message in history if message["sender"] == "customer"]
        first = 1 if talk.script == 0 else 0  # what opened the ticket
        if said[first:] != talk.said:
            faults["the customer's messages are not stored once each, in order"] += 1
        if talk.script == 0 and any(message["sender"] == "bot" for message in history[2:]):
            faults["the bot spoke although a person had the conversation"] += 1
        if talk.script == 1 and [m["sender"] for m in history] != ["customer", "bot"] * len(talk.said):
            faults["not exactly one answer of the bot behind each message"] += 1
        sequences = [message["sequence"] for message in history]
        for _ in range(100):
            if set(sequences) <= set(talk.seen):
                break
            await asyncio.sleep(0.1)
        if sorted(talk.seen) == sequences:
            back += 1
        else:
            faults["a customer's stream lost or doubled a message"] += 1
    for case, talk in zip(cases, human, strict=True):
        page = await consoles[case.agent.id].show(f"/desk/tickets/{case.reference}/story")
        shown = [int(number) for number in re.findall(rf"\((\d+) of {re.escape(talk.chat.id[:8])}\)", page)]
        if shown != list(range(len(talk.said))):
            faults["a ticket's page does not show each message once, in order"] += 1
    return back
