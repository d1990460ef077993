"""How fast the desk answers, against the stock assistant: same questions, same training data, one machine, one run.

    .venv/bin/python -m benchmarks.answers [--write]

Ours is the whole product through its public chat API. The stock is what `rasa init` gives, bare, through Rasa's REST
channel (bare_rasa.py). Both are up all the time and are asked in turns, so that what else the machine does meets both;
the first training of the stock takes very long and is kept below var/.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.knowledge.library import Library
from bot.knowledge.loader import load_library
from bot.supervisor.run import engine_python
from engine.fingerprint import model_name

from . import anatomy, bare_rasa, processes
from .bare_rasa import BareRasa, RestChannel, Training
from .load import Assistant, ChatApi, Measured, NoAnswer, ask_all, connect, read_questions
from .product import KEPT, ROOT, Product, stop_in_order
from .report import describe_code, describe_load, describe_machine, make_table, today, wrap, write_section

#: Turns that one round asks, by the number of clients.
TURNS = {1: 124, 8: 496, 32: 496}
LONG = 1000
#: Turn n and turn n + PERIOD of the long conversation ask the same, so that early and late turns compare.
PERIOD = 985
EARLY, LATE = range(5, 16), range(990, 1001)
#: Seconds that the stock's long conversation may take.
PATIENCE = 180.0


@dataclass
class Side:
    """One of the two that are compared."""

    assistant: Assistant
    parts: Callable[[], dict[str, int]]
    rounds: dict[int, list[Measured]] = field(default_factory=dict)
    cpu: dict[int, dict[str, float]] = field(default_factory=dict)  #: seconds by clients and part

    def all(self, clients: int) -> Measured:
        return sum(self.rounds[clients], Measured())


@dataclass
class Figures:
    """All that was measured."""

    ours: Side = field(init=False)
    stock: Side = field(init=False)
    our_training: Training | None = None
    stock_training: Training | None = None
    our_start: float = 0.0
    stock_start: float = 0.0
    our_memory: dict[str, int] = field(default_factory=dict)
    stock_memory: dict[str, int] = field(default_factory=dict)
    our_long: list[float] = field(default_factory=list)
    stock_long: list[float] = field(default_factory=list)
    costs: list[anatomy.Cost] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


def main() -> int:
    options = read_options()
    stop_in_order()
    library = load_library()
    figures = Figures()
    print("Training ours ...", flush=True)
    if not options.no_training:
        figures.our_training = train_ours()
    if options.stock_model:
        stock_model = options.stock_model
    else:
        print("Training the stock, unless it was trained before ...", flush=True)
        stock_model, figures.stock_training = bare_rasa.train(options.stock_epochs)
    product, bare = Product(), BareRasa(stock_model)
    try:
        print("Starting ...", flush=True)
        figures.our_start = product.start().seconds_to_ready
        figures.stock_start = bare.start().seconds_to_ready
        asyncio.run(measure(figures, product, bare, library, options.rounds))
    finally:
        product.stop()
        bare.stop()
    text = tell(figures, options)
    print(text)
    if options.write:
        write_section("answers", text)
    return 0 if all(ok for _, ok, _ in judge(figures)) else 1


def train_ours() -> Training:
    """Train our model anew, whether it is there or not."""
    folder = KEPT / "models"
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(engine_python()), "-m", "engine.train", "--config", "config.yml", "--out", str(folder), "--force"]
    return bare_rasa.run_training(command, ROOT, folder / f"{model_name('config.yml')}.log")


async def measure(figures: Figures, product: Product, bare: BareRasa, library: Library, rounds: int) -> None:
    """All that needs both running."""
    questions = read_questions()
    companies = [company.key for company in library.companies()]
    async with connect() as session:
        figures.ours = Side(ChatApi(session, product.address), product.parts)
        figures.stock = Side(RestChannel(session, bare.address, library), bare.parts)
        sides = [figures.ours, figures.stock]
        for side in sides:  # whatever is loaded on first use is loaded now
            await ask_all(side.assistant, 4, len(questions), questions, companies)
        for number in range(rounds):
            for clients, turns in TURNS.items():
                for side in sides if number % 2 == 0 else sides[::-1]:
                    await measure_round(side, clients, turns, questions, companies)
                ours, stock = (side.rounds[clients][-1] for side in sides)
                print(
                    f"round {number + 1}, {clients:2} clients: ours {ours.a_second:.1f} turns a second, median "
                    f"{ours.median:.1f} ms; stock {stock.a_second:.1f}, {stock.median:.1f} ms; {describe_load()}",
                    flush=True,
                )
            figures.loads.append(describe_load())
        figures.our_memory = {part: processes.read_resident(process) for part, process in product.parts().items()}
        figures.stock_memory = {part: processes.read_resident(process) for part, process in bare.parts().items()}
        print("One long conversation ...", flush=True)
        figures.our_long = await ask_long(figures.ours.assistant, questions, companies[0], float("inf"))
        figures.stock_long = await ask_long(figures.stock.assistant, questions, companies[0], PATIENCE)
        print("The parts of a turn ...", flush=True)
        figures.costs = await anatomy.measure(session, product, library, questions)


async def measure_round(side: Side, clients: int, turns: int, questions: list[str], companies: list[str]) -> None:
    """One round of one side, and the processor time that each of its processes took for it."""
    parts = side.parts()
    before = {part: processes.read_cpu(process) for part, process in parts.items()}
    side.rounds.setdefault(clients, []).append(await ask_all(side.assistant, clients, turns, questions, companies))
    used = side.cpu.setdefault(clients, {})
    for part, process in parts.items():
        used[part] = used.get(part, 0.0) + processes.read_cpu(process) - before[part]


async def ask_long(assistant: Assistant, questions: list[str], company: str, patience: float) -> list[float]:
    """The seconds of each turn of one long conversation, as far as patience goes."""
    conversation = await assistant.open(company)
    seconds, deadline = [], time.monotonic() + patience
    for turn in range(1, LONG + 1):
        began = time.perf_counter()
        with contextlib.suppress(NoAnswer):  # silence, too, has taken its time
            await assistant.say(conversation, questions[turn % PERIOD % len(questions)])
        seconds.append(time.perf_counter() - began)
        if time.monotonic() > deadline:
            break
    return seconds


def median_of(seconds: list[float], turns: range) -> float:
    """The median of those turns, in milliseconds."""
    return 1000 * statistics.median(seconds[turn - 1] for turn in turns)


def judge(figures: Figures, epochs: int | None = None) -> list[tuple[str, bool, str]]:
    """Each requirement, whether it is met, and by what."""
    ours, stock = figures.ours, figures.stock
    faster = ours.all(8).a_second / stock.all(8).a_second
    shorter = ours.all(1).median / stock.all(1).median
    early, late = median_of(figures.our_long, EARLY), median_of(figures.our_long, LATE)
    memory = sum(figures.our_memory.values()) / 1e9
    rows = [
        ("turns a second at 8 clients: at least 4 times the stock's", faster >= 4, f"{faster:.1f} times"),
        ("median latency at one client: at most a third of the stock's", shorter <= 1 / 3, f"{shorter:.2f} of it"),
        (
            "median of turns 990-1,000: at most 1.5 times that of turns 5-15",
            late / early <= 1.5,
            f"{late / early:.2f} times ({late:.1f} ms, {early:.1f} ms)",
        ),
        ("all processes together: at most 1.2 GB resident", memory <= 1.2, f"{memory:.2f} GB"),
        ("start to ready with a trained model: at most 20 s", figures.our_start <= 20, f"{figures.our_start:.1f} s"),
    ]
    if training := figures.our_training:
        rows.append(("training: at most 60 s", training.seconds <= 60, f"{training.seconds:.0f} s"))
        if figures.stock_training:
            share = training.cpu_seconds / figures.stock_training.cpu_seconds
            wall = training.seconds / figures.stock_training.seconds
            rows.append(
                (
                    "training: at most a fifth of the stock's",
                    max(share, wall) <= 0.2,
                    f"{wall:.3f} of its seconds, {share:.3f} of its processor time"
                    + (f" after {epochs} of its 100 epochs" if epochs else ""),
                )
            )
    return rows


def tell(figures: Figures, options: argparse.Namespace) -> str:
    """The section for the README."""
    ours, stock = figures.ours, figures.stock
    early = f" --stock-epochs {options.stock_epochs}" if options.stock_epochs else ""
    lines = [
        "## Speed, against the stock assistant",
        "",
        wrap(
            f"`.venv/bin/python -m benchmarks.answers --rounds {options.rounds}{early} --write`, {today()}, {describe_code()}, "
            f"{describe_machine()}. Clients, servers and databases share the cores; {options.rounds} rounds, both sides "
            f"in turns. Behind the rounds: {', '.join(figures.loads)}; what was running beside the benchmark is in it."
        ),
        "",
        make_table(
            ["required", "met", "measured"],
            [(what, "yes" if ok else "**no**", value) for what, ok, value in judge(figures, options.stock_epochs)],
        ),
        "",
        make_table(["", "ours", "stock", "ratio"], compare(figures)),
        "",
        "A turn's time by its conversation's length (median, milliseconds):",
        "",
        make_table(["turns", "ours", "stock"], grow(figures)),
        "",
        "Processor time of a turn, in milliseconds, by process (the clients' own not counted):",
        "",
        make_table(["", "one client", "8 clients", "32 clients"], spend(ours, "ours") + spend(stock, "stock")),
        "",
        anatomy.tell(figures.costs),
        "",
        _DIFFERENCES,
    ]
    if options.stock_epochs:
        lines += [_ENDED_EARLY.format(epochs=options.stock_epochs)]
    if unanswered := sum(stock.all(clients).unanswered for clients in TURNS):
        turns = sum(TURNS.values()) * options.rounds
        lines += ["", f"The stock left {unanswered} of {turns} turns without a reply; they count as no turn."]
    if unanswered := sum(ours.all(clients).unanswered for clients in TURNS):
        lines += ["", f"**Ours left {unanswered} turns without a reply.**"]
    return "\n".join(lines)


def compare(figures: Figures) -> list[tuple[str, str, str, str]]:
    """Rows of the table that sets one beside the other."""
    rows = []

    def add(what: str, ours: float, stock: float, unit: str, digits: int = 1) -> None:
        ratio = f"{ours / stock:.2f}" if stock else ""
        rows.append((what, f"{ours:,.{digits}f} {unit}", f"{stock:,.{digits}f} {unit}" if stock else "", ratio))

    for clients in TURNS:
        name = "one client" if clients == 1 else f"{clients} clients"
        ours, stock = figures.ours.all(clients), figures.stock.all(clients)
        add(f"{name}: turns a second", ours.a_second, stock.a_second, "")
        add(f"{name}: median", ours.median, stock.median, "ms")
        add(f"{name}: p99", ours.p99, stock.p99, "ms")
    add("start to ready", figures.our_start, figures.stock_start, "s")
    our_memory, stock_memory = (sum(memory.values()) / 1e6 for memory in (figures.our_memory, figures.stock_memory))
    add("resident after all rounds", our_memory, stock_memory, "MB", 0)
    if mine := figures.our_training:
        other = figures.stock_training
        add("training", mine.seconds, other.seconds if other else 0, "s")
        add("training, processor time", mine.cpu_seconds, other.cpu_seconds if other else 0, "s")
        add("training, most memory", mine.peak / 1e6, other.peak / 1e6 if other else 0, "MB", 0)
        if other:
            rows.append(("trained on", f"{mine.on}, {mine.load}", f"{other.on}, {other.load}", ""))
    for part, size in figures.our_memory.items():
        rows.append((f"resident: {part}", f"{size / 1e6:,.0f} MB", "", ""))
    for part, size in figures.stock_memory.items():
        rows.append((f"resident: {part} (stock's)", "", f"{size / 1e6:,.0f} MB", ""))
    return rows


def grow(figures: Figures) -> list[tuple[str, str, str]]:
    """Rows of the long conversation."""
    spans = [EARLY, range(50, 61), range(100, 111), range(200, 211), range(300, 311), range(500, 511), LATE]
    rows = []
    for span in spans:
        cells = [
            f"{median_of(long, span):.1f}" if len(long) >= span.stop - 1 else "not reached"
            for long in (figures.our_long, figures.stock_long)
        ]
        rows.append((f"{span.start}-{span.stop - 1}", *cells))
    if len(figures.stock_long) < LONG:
        rows.append(("given up after", "", f"{len(figures.stock_long)} turns, {PATIENCE:.0f} s"))
    return rows


def spend(side: Side, name: str) -> list[tuple[str, ...]]:
    """Rows of processor time."""
    rows = []
    turns = {clients: sum(len(m.latencies) + m.unanswered for m in side.rounds[clients]) for clients in TURNS}
    for part in next(iter(side.cpu.values())):
        rows.append((f"{name}: {part}", *(f"{1000 * side.cpu[c].get(part, 0) / turns[c]:.1f}" for c in TURNS)))
    rows.append((f"{name}: all", *(f"{1000 * sum(side.cpu[c].values()) / turns[c]:.1f}" for c in TURNS)))
    return rows


_DIFFERENCES = """\
What the two have in common: training examples, domain, rules, the action server's code, SQLite with a write-ahead log
flushed at every commit, questions, clients and their conversations of ten turns. What had to differ for the stock:

- `stock/config.yml` is the file of `rasa init` (3.6.21), unchanged; it leaves pipeline and policies to Rasa's default
  (DIET, ResponseSelector, UnexpecTED, TED).
- The desk's dialogue is rules only. Rasa trains TED and UnexpecTED on stories, so here they cost the stock nothing.
- Company, language and the message's id reach the action as the REST channel's `metadata`. The slots of the same names
  stay empty, so the stock's own phrases name no company.
- The tables of `nlu_data/lookups` and `nlu_data/concepts` are lookup tables, which the stock reads as features, as
  Rasa does; the examples mark no entities, so it finds none.
- The stock does not split a message, encrypts nothing, and repeats a turn if a message is sent twice."""

_ENDED_EARLY = """\
- The stock's training was ended after {epochs} of its 100 epochs (`--stock-epochs`), since the whole takes more than an hour on
  these data. A turn costs the same, as the model is of the same size; the training's figures are a lower bound of the stock's."""


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each load, both sides in turns")
    parser.add_argument("--write", action="store_true", help="write the section of README.md")
    parser.add_argument("--no-training", action="store_true", help="take our model as it is, if it is there")
    parser.add_argument("--stock-epochs", type=int, help="end the stock's training (100 epochs) after so many")
    parser.add_argument("--stock-model", type=Path, help="a stock model trained elsewhere; its training is not shown")
    return parser.parse_args()


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
