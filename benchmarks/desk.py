"""The staff's console on a desk of 100,000 tickets: its pages, its live chats, and a gateway that is killed.

    .venv/bin/python -m benchmarks.desk [--write]

The whole product runs as `make run` starts it, over a copy of the kept data (see desk_data.py), on SQLite and then on
PostgreSQL. Pages are asked for over HTTP by a member of staff who is signed in.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import sqlalchemy as sa

from bot.bootstrap import Core, open_core
from tests.support.postgres import SERVER

from .desk_data import Data, provide
from .desk_live import Case, measure_kill, measure_live, open_cases
from .desk_pages import measure_pages
from .desk_report import NAMES, Figures, requirements, tell
from .load import connect
from .product import KEPT, Product, stop_in_order
from .report import write_section

#: The kept data reach back two years, and are not to be forgotten while they are measured.
KEPT_LONG = {"DESK_KEEP_CHATS_DAYS": "3650"}


def main() -> int:
    options = read_options()
    stop_in_order()
    data = provide(options.tickets, options.messages)
    kinds = [kind for kind in options.databases.split(",") if kind == "sqlite" or data.postgres]
    figures = [measure(data, kind, options) for kind in kinds]
    text = tell(figures, options)
    print(text)
    if options.write:
        write_section("desk", text)
    return 0 if all(met for one in figures for _, met, _ in requirements(one)) else 1


def measure(data: Data, kind: str, options: argparse.Namespace) -> Figures:
    """All parts that are wanted, over a copy of the kept data."""
    figures = Figures(kind)
    with copied(data, kind) as (folder, environ):
        product = Product(folder, **environ)
        core = open_core(product.settings)
        try:
            cases = open_cases(core, options.live) if "live" in options.parts else []
            struck = open_cases(core, options.struck) if "kill" in options.parts else []
            with product:
                print(f"{NAMES[kind]}: ready after {product.seconds_to_ready:.1f} s", flush=True)
                asyncio.run(measure_all(product, core, figures, cases, struck, options))
        finally:
            core.close()
    return figures


async def measure_all(
    product: Product, core: Core, figures: Figures, cases: list[Case], struck: list[Case], options: argparse.Namespace
) -> None:
    async with connect() as session:
        if "pages" in options.parts:
            figures.pages = await measure_pages(session, product.address, core, options.times)
            for kind in figures.pages:
                print(f"  {kind.name}: {kind.median:.1f} ms, p95 {kind.p95:.1f} ms", flush=True)
        if cases:
            figures.live = await measure_live(session, product.address, core, cases, options.seconds)
            event, shown = figures.live.event(0.95), figures.live.screen(0.95)
            print(f"  live: event p95 {event:.1f} ms, shown p95 {shown:.1f} ms, {figures.live.unheard} not heard", flush=True)
        if struck:
            figures.kill = await measure_kill(session, product, core, struck, options.struck)
            print(f"  kill: {dict(figures.kill.faults) or 'no faults'}", flush=True)


@contextlib.contextmanager
def copied(data: Data, kind: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder for a product over a copy, so that the kept data stay as they are; and its settings."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="desk-run-", dir=KEPT))
    (folder / "data").mkdir()
    shutil.copy(data.folder / "secret.key", folder / "data" / "secret.key")
    try:
        if kind == "sqlite":
            print("copying the database ...", flush=True)
            shutil.copy(data.folder / "desk.db", folder / "data" / "desk.db")
            yield folder, dict(KEPT_LONG)
        else:
            with copied_database(data.postgres or "") as address:
                yield folder, {"DESK_DATABASE_URL": address, **KEPT_LONG}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def copied_database(address: str) -> Iterator[str]:
    """The same on the server."""
    server, kept = sa.make_url(SERVER), sa.make_url(address).database
    name = f"{kept}_run"
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as db:
        db.execute(f"drop database if exists {name} with (force)")
        print("copying the database ...", flush=True)
        db.execute(f"create database {name} template {kept}")
        with psycopg.connect(server.set(database=name).render_as_string(hide_password=False), autocommit=True) as copy:
            copy.execute("analyze")
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            db.execute(f"drop database if exists {name} with (force)")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--parts", default="pages,live,kill")
    parser.add_argument("--times", type=int, default=40, help="how often each page is asked for")
    parser.add_argument("--live", type=int, default=200, help="live chats")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long their customers write")
    parser.add_argument("--struck", type=int, default=25, help="chats with people, and as many with the bot, at the kill")
    parser.add_argument("--write", action="store_true", help="write the section of README.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
