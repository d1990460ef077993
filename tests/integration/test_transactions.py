"""What customers write at the same moment is stored together, and what is wrong with one stays with that one."""

from __future__ import annotations

import asyncio
import threading

import pytest
import sqlalchemy as sa

from bot.desk.errors import UnknownToken
from bot.storage.cipher import Cipher
from bot.storage.conversations import Conversations
from bot.storage.tables import conversations

from .conftest import SECRET


@pytest.fixture
def chats() -> Conversations:
    return Conversations(Cipher(SECRET))


@pytest.fixture
def commits(database) -> list:
    """Grows by one with each commit."""
    seen: list = []
    sa.event.listen(database.engine, "commit", seen.append)
    return seen


def opening(chats, clock, locale="en"):
    return lambda db: chats.open(db, "jcom", locale, "web", clock())[0]


def count_chats(database) -> int:
    return database.transact(lambda db: db.execute(sa.select(sa.func.count()).select_from(conversations)).scalar_one())


async def test_twenty_customers_who_come_at_once_all_get_a_chat_of_their_own(database, chats, clock):
    opened = await asyncio.gather(*(database.run(opening(chats, clock)) for _ in range(20)))
    assert len({chat.id for chat in opened}) == count_chats(database) == 20


async def test_customers_who_come_at_once_wait_for_one_flush_of_the_embedded_database(database, chats, clock, commits):
    await asyncio.gather(*(database.run(opening(chats, clock)) for _ in range(20)))
    assert len(commits) <= 3 if database.sqlite else len(commits) == 20


async def test_one_without_a_key_is_turned_away_and_the_others_are_served(database, chats, clock):
    def intrude(db):
        chats.open(db, "jcom", "en", "web", clock())
        return chats.authenticate(db, "somebody's", "a wrong key")

    works = [opening(chats, clock), opening(chats, clock), intrude, opening(chats, clock)]
    told = await asyncio.gather(*map(database.run, works), return_exceptions=True)
    assert isinstance(told[2], UnknownToken)
    assert count_chats(database) == 3  # nor is what the intruder did before that kept


async def test_what_the_database_refuses_one_customer_does_not_harm_the_others(database, chats, clock):
    def refuse(db):
        db.execute(sa.text("insert into conversations (id) values ('no company')"))

    works = [opening(chats, clock), opening(chats, clock), refuse, opening(chats, clock)]
    told = await asyncio.gather(*map(database.run, works), return_exceptions=True)
    assert isinstance(told[2], sa.exc.IntegrityError)
    assert count_chats(database) == 3


async def test_one_who_goes_away_meanwhile_leaves_the_others_served(database, chats, clock):
    calls = [asyncio.create_task(database.run(opening(chats, clock))) for _ in range(5)]
    await asyncio.sleep(0)
    calls[2].cancel()
    told = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in told] == [False, False, True, False, False]


async def test_the_database_serves_on_after_it_has_refused_something(database, chats, clock):
    with pytest.raises(sa.exc.DBAPIError):
        await database.run(lambda db: db.execute(sa.text("select * from nowhere")))
    await database.run(opening(chats, clock))
    assert count_chats(database) == 1


async def test_who_only_reads_waits_for_nobody_who_writes_and_sees_one_state(database, chats, clock):
    await database.run(opening(chats, clock))
    with database.engine.begin() as writer:
        opening(chats, clock)(writer)
        assert await database.read(lambda db: db.execute(sa.select(sa.func.count()).select_from(conversations)).scalar()) == 1

    def count_twice(db) -> tuple[int, int]:
        query = sa.select(sa.func.count()).select_from(conversations)
        first = db.execute(query).scalar_one()
        database.transact(opening(chats, clock))
        return first, db.execute(query).scalar_one()

    assert await database.read(count_twice) == (2, 2)
    assert count_chats(database) == 3


async def test_two_units_that_wait_for_each_other_in_a_circle_are_both_done(database, chats, clock):
    """On PostgreSQL the server ends one of them, and it is begun anew; SQLite lets one write at a time."""
    one, two = (database.transact(lambda db: chats.open(db, "jcom", "en", "web", clock())[0].id) for _ in range(2))
    both_hold, runs = threading.Barrier(2), []

    def work(first, second):
        def lock(db):
            runs.append(first)
            db.execute(conversations.update().where(conversations.c.id == first).values(offers=first))
            if not database.sqlite and len(runs) <= 2:
                both_hold.wait(10)
            db.execute(conversations.update().where(conversations.c.id == second).values(offers=first))
            return first

        return database.run(lock)

    assert await asyncio.gather(work(one, two), work(two, one)) == [one, two]
    assert len(runs) == (2 if database.sqlite else 3)
