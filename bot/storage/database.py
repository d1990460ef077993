"""Connections: one address, SQLite in WAL mode or PostgreSQL, and a thread that work is done in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

T = TypeVar("T")


class Database:
    """Runs units of work, each in one transaction.

    The work is synchronous and runs in a thread: one hop for each unit, not one for each statement, costs a
    message a third of what an async driver does.
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
            sa.event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        self._threads = ThreadPoolExecutor(1 if self.sqlite else 8, thread_name_prefix="database")

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction, in this thread."""
        with self.engine.begin() as connection:
            return work(connection)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction, in a database thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.transact, work)

    def close(self) -> None:
        self._threads.shutdown()
        self.engine.dispose()


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
