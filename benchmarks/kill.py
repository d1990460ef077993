"""A thousand conversations while each part of the product is killed with -9: nothing lost, nothing done twice.

    .venv/bin/python -m benchmarks.kill [--write]

32 clients talk through the public chat API while the action server, then the engine, then the gateway are killed once
each; the supervisor brings them back. Clients do what the widget does: they send a message again, under the same
client_message_id, until they have its answer. Afterwards every conversation is read back and compared with what was
said, with what the same conversation is answered in peace, and with the rows of the database.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa

from bot.bootstrap import open_core
from bot.knowledge.loader import load_library
from bot.settings import Settings
from bot.storage.tables import messages, tickets

from .customers import Customer, Progress, Step, Talk, read_scripts
from .load import connect
from .product import Product, stop_in_order
from .report import describe_code, describe_load, describe_machine, make_table, today, wrap, write_section

#: Who dies, and after which share of all messages.
KILLS = (("action server", 0.2), ("engine", 0.45), ("gateway", 0.7))
#: One conversation of so many is followed over its stream, too.
WATCHED = 10
_REFERENCE = re.compile(r"\b[2-9A-Z]{3}-[2-9A-Z]{4}\b")


@dataclass
class Storm:
    """What befell the product."""

    seconds: float = 0.0
    back: dict[str, float] = field(default_factory=dict)  #: seconds from a part's death until everything was ready


def main() -> int:
    options = read_options()
    stop_in_order()
    scripts, companies = read_scripts(), [company.key for company in load_library().companies()]
    peace = [Talk(script, company) for script in range(len(scripts)) for company in companies]
    talks = [
        Talk(number % len(scripts), companies[number // len(scripts) % len(companies)], watched=number % WATCHED == 0)
        for number in range(options.conversations)
    ]
    with Product() as product:
        print(f"Ready after {product.seconds_to_ready:.1f} s. {len(peace)} conversations in peace ...", flush=True)
        asyncio.run(hold(product, peace, scripts, 8, ()))
        print(f"{len(talks)} conversations at {options.clients} clients, with kills ...", flush=True)
        storm, histories = asyncio.run(hold(product, talks, scripts, options.clients, KILLS))
        rows = count_rows(product.settings)
    faults = find_faults(talks, histories, peace, rows)
    text = tell(talks, storm, rows, faults, options)
    print(text)
    if options.write:
        write_section("kill", text)
    return 1 if faults else 0


async def hold(
    product: Product, talks: list[Talk], scripts: list[list[Step]], clients: int, kills: tuple[tuple[str, float], ...]
) -> tuple[Storm, list[list[dict]]]:
    """Hold all conversations while parts are killed; gives each one's messages as they are read back at the end."""
    storm, progress, waiting = Storm(), Progress(), iter(talks)
    total = sum(len(scripts[talk.script]) for talk in talks)
    began = time.monotonic()
    async with connect() as session:
        customer = Customer(session, product.address, progress)

        async def run_client() -> None:
            for talk in waiting:
                await customer.talk(talk, scripts[talk.script])

        async def kill() -> None:
            for part, share in kills:
                await progress.reach(int(share * total))
                await asyncio.to_thread(product.kill, part)
                print(f"  killed: {part}", flush=True)
                died = time.monotonic()
                await asyncio.to_thread(product.wait_until_ready)
                storm.back[part] = time.monotonic() - died
                print(f"  everything is ready again after {storm.back[part]:.1f} s", flush=True)

        await asyncio.gather(kill(), *(run_client() for _ in range(clients)))
        storm.seconds = time.monotonic() - began
        histories = [(await customer.history(talk.chat))["messages"] if talk.chat else [] for talk in talks]
    return storm, histories


@dataclass(frozen=True)
class Rows:
    """What the database holds at the end."""

    waiting: int  #: messages without an answer
    replies: dict[str, int]  #: replies of the assistant by the customer's message
    unanswered: int  #: customers' messages that no reply belongs to
    tickets: dict[str, int]  #: by conversation


def count_rows(settings: Settings) -> Rows:
    """Count without the API, which could hide a row."""
    core = open_core(settings, migrated=False)
    try:
        return core.database.transact(_count)
    finally:
        core.close()


def _count(db: sa.Connection) -> Rows:
    waiting = db.execute(sa.select(sa.func.count()).where(messages.c.waiting)).scalar_one()
    replies = sa.select(messages.c.in_reply_to, sa.func.count()).where(messages.c.sender == "bot")
    by_message = {row[0]: row[1] for row in db.execute(replies.group_by(messages.c.in_reply_to))}
    asked = db.execute(sa.select(messages.c.id).where(messages.c.sender == "customer")).scalars()
    by_conversation = db.execute(sa.select(tickets.c.conversation, sa.func.count()).group_by(tickets.c.conversation))
    return Rows(
        waiting,
        by_message,
        sum(message not in by_message for message in asked),
        {row[0]: row[1] for row in by_conversation},
    )


def find_faults(talks: list[Talk], histories: list[list[dict]], peace: list[Talk], rows: Rows) -> Counter[str]:
    """Everything that is not as it should be, by kind."""
    faults: Counter[str] = Counter()
    expected = {(talk.script, talk.company): _texts(talk) for talk in peace}
    for talk, history in zip(talks, histories, strict=True):
        if talk.lost:
            faults[f"lost: {talk.lost}"] += 1
            continue
        said = [message["text"] for message in history if message["sender"] == "customer"]
        if said != talk.said:
            faults["the customer's messages are not stored once each, in order"] += 1
        if [message["sender"] for message in history] != ["customer", "bot"] * len(talk.said):
            faults["not exactly one answer behind each message"] += 1
        answered = [message["id"] for answer in talk.answers for message in answer]
        if answered != [message["id"] for message in history if message["sender"] != "customer"]:
            faults["other answers were given than are stored"] += 1
        if [message["sequence"] for message in history] != list(range(1, len(history) + 1)):
            faults["a sequence has a gap or a double"] += 1
        if _texts(talk) != expected[talk.script, talk.company]:
            faults["answered differently than in peace"] += 1
        if talk.watched and talk.seen != [message["sequence"] for message in history]:
            faults["the stream lost or doubled a message"] += 1
        held = rows.tickets.get(talk.chat.id, 0)
        if held != (1 if talk.ticket else 0):
            faults["a ticket is missing or doubled"] += 1
    if rows.waiting:
        faults["messages still waiting in the database"] = rows.waiting
    if rows.unanswered:
        faults["messages without an answer in the database"] = rows.unanswered
    if doubled := sum(count > 1 for count in rows.replies.values()):
        faults["messages with two answers in the database"] = doubled
    return faults


def _texts(talk: Talk) -> list[str]:
    """What was answered; a ticket's reference is another each time."""
    return [_REFERENCE.sub("REFERENCE", message["text"]) for answer in talk.answers for message in answer]


def tell(talks: list[Talk], storm: Storm, rows: Rows, faults: Counter[str], options: argparse.Namespace) -> str:
    """The section for the README."""
    said, answers = sum(len(talk.said) for talk in talks), sum(len(a) for talk in talks for a in talk.answers)
    watched = [talk for talk in talks if talk.watched]
    table = [
        ("conversations", f"{len(talks):,}"),
        ("messages said", f"{said:,}"),
        ("answers given", f"{answers:,}"),
        ("messages lost", sum(bool(talk.lost) for talk in talks)),
        ("messages answered twice", sum(count > 1 for count in rows.replies.values())),
        ("messages sent again by their clients", f"{sum(talk.tries for talk in talks):,} times"),
        ("conversations that were sent something again", f"{sum(talk.tries > 0 for talk in talks):,}"),
        ("tickets opened / conversations that accepted a person",
         f"{sum(rows.tickets.get(talk.chat.id, 0) for talk in talks if talk.chat):,} / "
         f"{sum(talk.ticket is not None for talk in talks):,}"),
        ("conversations followed over the stream / messages it brought",
         f"{len(watched):,} / {sum(len(talk.seen) for talk in watched):,}"),
        ("duration", f"{storm.seconds:.0f} s"),
    ]  # fmt: skip
    table += [(f"{part} killed: everything ready again after", f"{back:.1f} s") for part, back in storm.back.items()]
    lines = [
        "## Kills under load",
        "",
        wrap(
            f"`.venv/bin/python -m benchmarks.kill --conversations {options.conversations} --clients {options.clients} "
            f"--write`, {today()}, {describe_code()}, {describe_machine()}, {describe_load()} at the end."
        ),
        "",
        make_table(["", "measured"], table),
        "",
        wrap(
            "Every conversation was read back: each message stored once and in order, exactly one answer behind it, the "
            "same answer as the same conversation gets when nothing is killed, no sequence skipped, no ticket twice."
        ),
        "",
    ]
    lines += [f"- **{count} times: {fault}**" for fault, count in faults.items()] or ["Faults: none."]
    return "\n".join(lines)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--write", action="store_true", help="write the section of README.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
