"""The console's section of README.md."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field

from .desk_live import Heard, Survived
from .desk_pages import Timed
from .report import describe_code, describe_load, describe_machine, make_table, today, wrap

#: What is promised: median of every page, and the 95th percentile of a message's way to the desk; milliseconds.
PAGE = 150.0
MESSAGE = 300.0
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


@dataclass
class Figures:
    """What was measured over one database."""

    kind: str
    pages: list[Timed] = field(default_factory=list)
    live: Heard | None = None
    kill: Survived | None = None


def requirements(figures: Figures) -> list[tuple[str, bool, str]]:
    """What is required of this database, whether it is met, and what was measured."""
    name, rows = NAMES[figures.kind], []
    if figures.pages:
        for what in ("queue", "search", "ticket"):
            worst = max((page for page in figures.pages if page.name.startswith(what)), key=lambda page: page.median)
            wanted = f"{name}: {what}: median under {PAGE:.0f} ms"
            rows.append((wanted, worst.median < PAGE, f"{worst.median:.0f} ms ({worst.name})"))
    if live := figures.live:
        wanted = f"{name}: a customer's message at the desk with {live.conversations} live chats: p95 under {MESSAGE:.0f} ms"
        measured = f"{live.event(0.95):.0f} ms, shown {live.screen(0.95):.0f} ms"
        rows.append((wanted, live.event(0.95) < MESSAGE and not live.unheard, measured))
    if kill := figures.kill:
        wanted = f"{name}: gateway killed with {kill.conversations} live chats: nothing lost, all back"
        rows.append((wanted, not kill.faults, f"{sum(kill.faults.values())} faults"))
    return rows


def tell(figures: list[Figures], options: argparse.Namespace) -> str:
    """The section."""
    about = (
        f"`.venv/bin/python -m benchmarks.desk --write`, {today()}, {describe_code()}, {describe_machine()}, {describe_load()} "
        f"at the end. {options.tickets:,} tickets and {options.messages:,} messages, encrypted and indexed for search as the "
        f"product does it; the whole product, its clients and the databases on this machine; each page {options.times} times, "
        "all kinds in turns, asked for by one member of staff."
    )
    met = [(what, "yes" if good else "**no**", how) for one in figures for what, good, how in requirements(one)]
    lines = ["## The desk's console", "", wrap(about), "", make_table(["required", "met", "measured"], met), ""]
    if any(one.pages for one in figures):
        heads = ["page, milliseconds", *(f"{NAMES[one.kind]}: {what}" for one in figures for what in ("median", "p95"))]
        rows = zip(*(one.pages for one in figures), strict=True)
        table = [[row[0].name, *(f"{value:.0f}" for page in row for value in (page.median, page.p95))] for row in rows]
        lines += [make_table(heads, table), ""]
    for one in figures:
        name = NAMES[one.kind]
        lines += [wrap(text) + "\n" for text in (_tell_live(name, one.live), _tell_kill(name, one.kill)) if text]
    return "\n".join(lines)


def _tell_live(name: str, live: Heard | None) -> str:
    if live is None:
        return ""
    return (
        f"**Live, {name}**: {live.conversations} chats that {live.agents} agents have, each with its ticket's page open at the "
        f"agent and its stream at the customer; {live.messages:,} messages in {live.seconds:.0f} s. From the sending to the event "
        f"at the agent's page: median {live.event(0.5):.0f} ms, p95 {live.event(0.95):.0f} ms, p99 {live.event(0.99):.0f} ms; "
        f"until the page has fetched the message: median {live.screen(0.5):.0f} ms, p95 {live.screen(0.95):.0f} ms. "
        f"Not heard: {live.unheard}."
    )


def _tell_kill(name: str, kill: Survived | None) -> str:
    if kill is None:
        return ""
    faults = "; ".join(f"{count} times: {fault}" for fault, count in kill.faults.items()) or "none"
    return (
        f"**Killed, {name}**: the gateway with -9 among {kill.conversations} live chats, half of them with people; ready again "
        f"after {kill.ready:.1f} s. {kill.messages:,} messages were said, and sent again {kill.again:,} times by their clients. "
        f"Streams of customers that brought everything once: {kill.customers_back} of {kill.conversations}. Consoles that came "
        f"back by themselves: {len(kill.consoles_back)} of {kill.consoles}, the last after "
        f"{max(kill.consoles_back, default=float('nan')):.1f} s. Faults: {faults}."
    )
