"""Connections: one address, SQLite in WAL mode or PostgreSQL, and a thread that work is done in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.errors import NoRoom

log = logging.getLogger(__name__)

T = TypeVar("T")
#: A unit of work: it touches nothing but the database, so that it can be done again if that fails.
Work = Callable[[Connection], T]

#: How PostgreSQL calls a deadlock and its like, and how often a unit of work is begun anew because of one.
DEADLOCK_STATES = ("40P01", "40001")
DEADLOCKS = 3


class Database:
    """Runs units of work, each wholly or not at all.

    The work is synchronous and runs in a thread: one hop for each unit, not one for each statement, costs a
    message a third of what an async driver does. SQLite takes one writer at a time and each commit waits for the
    disk, so there the units that come while a transaction runs go into the next one together.
    """

    def __init__(self, url: str):
        self.url = url
        self.sqlite = url.startswith("sqlite")
        if self.sqlite:
            Path(sa.make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
        options = {"connect_args": {"timeout": 30, "check_same_thread": False}} if self.sqlite else {"pool_size": 8}
        self.engine = sa.create_engine(url, pool_pre_ping=not self.sqlite, **options)
        if self.sqlite:
            sa.event.listen(self.engine, "connect", _tune_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        # PostgreSQL gives a reader one state of everything; SQLite does so by itself.
        one_state = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = {"desk_reading": True} if self.sqlite else one_state
        self._threads = ThreadPoolExecutor(1 if self.sqlite else 8, thread_name_prefix="database")
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="database reader")
        self._waiting: list[tuple[Work, asyncio.Future]] = []
        self._writer: asyncio.Task | None = None

    def transact(self, work: Work[T]) -> T:
        """Do `work` in a transaction, in this thread; raises NoRoom where the disk is full."""
        for left in reversed(range(DEADLOCKS)):
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except sa.exc.DBAPIError as error:
                if _is_full(error):
                    log.error("the database's disk is full: make room; until then nothing new is taken")
                    raise NoRoom(NoRoom.__doc__) from None
                # Two units waited for each other in a circle: the server ended this one, and the other goes on.
                if left == 0 or getattr(error.orig, "sqlstate", None) not in DEADLOCK_STATES:
                    raise
        raise AssertionError("the last try returns or raises")

    def look(self, work: Work[T]) -> T:
        """Do `work`, which only reads, in this thread: one state of the database, and nobody who writes waits for it."""
        with self.engine.connect().execution_options(**self._reading) as connection:
            return work(connection)

    async def read(self, work: Work[T]) -> T:
        """Do `work`, which only reads and may take its time, in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.look, work)

    async def run(self, work: Work[T]) -> T:
        """Do `work` in a transaction, in a database thread."""
        loop = asyncio.get_running_loop()
        if not self.sqlite:
            return await loop.run_in_executor(self._threads, self.transact, work)
        done = loop.create_future()
        self._waiting.append((work, done))
        if self._writer is None:
            self._writer = loop.create_task(self._work_off())
        return await done

    async def _work_off(self) -> None:
        """Do what waits, and what comes meanwhile, until nothing waits any more."""
        batch: list[tuple[Work, asyncio.Future]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                works = [work for work, _ in batch]
                outcomes = await asyncio.get_running_loop().run_in_executor(self._threads, self._transact_all, works)
                for (_, done), outcome in zip(batch, outcomes, strict=True):
                    outcome.tell(done)
        finally:
            self._writer = None
            for _, done in batch:
                done.cancel()  # does nothing to one that is told

    def _transact_all(self, works: list[Work]) -> list[Outcome]:
        """Do all in one transaction. One that raises an error of its own leaves no trace and stops no other."""
        if len(works) > 1:
            with contextlib.suppress(sa.exc.DBAPIError), self.engine.begin() as connection:
                return [_do_apart(connection, work) for work in works]
            # The database failed, and nothing is written: each by itself finds out whose fault it was.
        return [self._do_alone(work) for work in works]

    def _do_alone(self, work: Work) -> Outcome:
        try:
            return Outcome(self.transact(work))
        except Exception as error:
            return Outcome(error=error)

    def close(self) -> None:
        self._threads.shutdown()
        self._readers.shutdown()
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a unit of work gave or raised."""

    value: object = None
    error: Exception | None = None

    def tell(self, done: asyncio.Future) -> None:
        """Tell who waits for it, unless nobody does any more."""
        if done.done():
            return
        if self.error is not None:
            done.set_exception(self.error)
        else:
            done.set_result(self.value)


def _is_full(error: sa.exc.DBAPIError) -> bool:
    """SQLITE_FULL, or PostgreSQL's disk_full."""
    cause = error.orig
    return getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(cause, "sqlstate", "") == "53100"


def _do_apart(connection: Connection, work: Work) -> Outcome:
    """Do it so that an error of its own takes back what it did, and nothing else."""
    try:
        with connection.begin_nested():
            return Outcome(work(connection))
    except sa.exc.DBAPIError:
        raise
    except Exception as error:
        return Outcome(error=error)


def _begin_sqlite(connection: Connection) -> None:
    # Who writes takes its turn at once; who only reads sees what was committed, and nobody has to wait.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("desk_reading") else "BEGIN IMMEDIATE")


def _tune_sqlite(connection, _record) -> None:
    connection.isolation_level = None  # SQLAlchemy begins; the driver's own rules get in its way
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # what was acknowledged survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # an erased text is overwritten, not only unlinked
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def aware(moment: datetime) -> datetime:
    """SQLite gives back naive times; all that we store are UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
