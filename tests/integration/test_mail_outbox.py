"""Mail waits in the outbox until it has left: through repeats, failures, restarts; and is then erased."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.delivery import post
from bot.delivery.post import PAUSES, Post
from bot.delivery.streams import Streams
from bot.desk.mail import Mail, MailDelayed, MailRefused, MailServerAway, about_customer
from bot.storage.outbox import KEPT, LEASE, REMEMBERED, Letter
from bot.storage.tables import case_links, conversation_keys, outbox
from tests.support.waiting import until

SECRET = "You are late, Kenji"


def mail(to: str = "kenji@desk.example", **fields) -> Mail:
    return Mail(to, "A ticket", SECRET, **fields)


class Postman:
    """Notes what he was given; `troubles` are what happens to him in turn, None a delivery."""

    def __init__(self, *troubles: Exception | None):
        self.troubles = list(troubles)
        self.delivered: list[Letter] = []
        self.tried: list[str] = []
        self.hold: asyncio.Event | None = None
        self.busy = self.most_busy = 0

    async def deliver(self, letter: Letter) -> None:
        self.tried.append(letter.mail.to)
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            if self.hold:
                await self.hold.wait()
            if self.troubles and (trouble := self.troubles.pop(0)):
                raise trouble
            self.delivered.append(letter)
        finally:
            self.busy -= 1


@pytest.fixture
def make_post(core, clock):
    """A worker as of a gateway that has just been started."""
    streams = Streams()
    return lambda postman: Post(core, streams, clock, postman, random.Random(1))


@pytest.fixture
def add(core, clock):
    def add_one(cause: str = "late 1", one: Mail | None = None, **options) -> bool:
        return core.database.transact(lambda db: core.outbox.add(db, cause, one or mail(), clock(), **options))

    return add_one


@pytest.fixture
def rows(core):
    return lambda: core.database.transact(lambda db: db.execute(outbox.select().order_by(outbox.c.created_at)).all())


# The outbox --------------------------------------------------------------------------------------------------------


def test_the_same_thing_is_told_once(add, rows):
    assert add("late 1")
    assert not add("late 1", mail("other@desk.example"))
    assert add("late 2")
    assert len(rows()) == 2


def test_what_a_mail_says_and_whom_it_is_for_stands_nowhere_in_clear(add, rows):
    add()
    [row] = rows()
    assert b"Kenji" not in row.sealed_mail
    assert b"kenji" not in row.sealed_mail
    assert "kenji" not in str([value for value in row if not isinstance(value, bytes)])


def test_a_mail_of_an_act_that_came_to_nothing_is_not_there(core, clock, rows):
    def work(db):
        core.outbox.add(db, "late 1", mail(), clock())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        core.database.transact(work)
    assert rows() == []


def test_a_mail_belongs_to_whoever_took_it_for_as_long_as_the_lease(core, clock, add):
    add()
    take = lambda: core.database.transact(lambda db: core.outbox.take(db, clock()))  # noqa: E731
    letter = take()
    assert letter.mail == mail()
    assert take() is None
    clock.advance(seconds=LEASE.total_seconds())
    assert take().id == letter.id


def test_mail_leaves_in_the_order_in_which_it_is_due(core, clock, add):
    add("one", mail("one@desk.example"), after=timedelta(minutes=2))
    add("two", mail("two@desk.example"))
    take = lambda: core.database.transact(lambda db: core.outbox.take(db, clock()))  # noqa: E731
    assert take().mail.to == "two@desk.example"
    assert take() is None
    clock.advance(minutes=2)
    assert take().mail.to == "one@desk.example"


def test_mail_that_is_not_wanted_any_more_is_withdrawn_and_no_other(core, clock, add, rows):
    add(f"{about_customer('a_b')} 1")
    add(f"{about_customer('aXb')} 1")
    assert core.database.transact(lambda db: core.outbox.awaits(db, about_customer("a_b")))
    core.database.transact(lambda db: core.outbox.withdraw(db, about_customer("a_b")))
    assert not core.database.transact(lambda db: core.outbox.awaits(db, about_customer("a_b")))
    assert core.database.transact(lambda db: core.outbox.awaits(db, about_customer("aXb")))
    assert sorted(row.sealed_mail is None for row in rows()) == [False, True]


# Sending -----------------------------------------------------------------------------------------------------------


async def test_what_is_due_is_sent_once_and_erased(make_post, add, rows, clock):
    add()
    postman = Postman()
    worker = make_post(postman)
    assert await worker.send_due() == 1
    assert await worker.send_due() == 0
    [letter] = postman.delivered
    assert letter.mail == mail()
    [row] = rows()
    assert row.sealed_mail is None
    assert row.sent_at is not None
    assert row.next_try_at is None
    assert not add()  # it is still known that this was told


async def test_what_the_server_does_not_take_now_is_tried_again_later_and_not_before(make_post, add, clock, rows, caplog):
    add()
    postman = Postman(MailDelayed("not now, 451"))
    worker = make_post(postman)
    assert await worker.send_due() == 0
    clock.advance(seconds=40)
    assert await worker.send_due() == 0
    assert len(postman.tried) == 1
    clock.advance(seconds=40)
    assert await worker.send_due() == 1
    assert caplog.messages == ["a mail waits: not now, 451"]
    assert rows()[0].trouble is None


async def test_what_the_server_refuses_for_good_is_given_up_at_once(make_post, add, clock, rows, caplog):
    add()
    postman = Postman(MailRefused("refused, 550"))
    worker = make_post(postman)
    await worker.send_due()
    clock.advance(days=1)
    await worker.send_due()
    assert len(postman.tried) == 1
    [row] = rows()
    assert (row.sealed_mail, row.sent_at, row.next_try_at, row.trouble) == (None, None, None, "refused, 550")
    assert caplog.messages == ["a mail was given up: refused, 550"]


async def test_a_mail_that_nobody_takes_for_two_days_is_given_up_and_its_contents_erased(make_post, add, clock, rows):
    add()
    worker = make_post(Postman(*[MailDelayed("not now, 451")] * 1000))
    for _ in range(2 * 24 * 60 + 120):
        await worker.send_due()
        if rows()[0].next_try_at is None:
            break
        clock.advance(minutes=1)
    [row] = rows()
    assert row.sealed_mail is None
    assert row.trouble == "not now, 451"
    assert 10 <= row.tries <= 20


async def test_one_bad_mail_does_not_hold_up_the_others(make_post, add, clock):
    add("1", mail("nobody@desk.example"))
    clock.advance(seconds=1)
    add("2")
    postman = Postman(MailDelayed("timed out"))
    assert await make_post(postman).send_due() == 1
    assert [letter.mail.to for letter in postman.delivered] == ["kenji@desk.example"]


async def test_a_server_that_is_away_is_asked_ever_more_seldom_and_then_gets_everything(make_post, add, clock, rows, caplog):
    for number in range(3):
        add(f"{number}")
        clock.advance(seconds=1)
    postman = Postman(*[MailServerAway("no connection")] * 5)
    worker = make_post(postman)
    for pause in PAUSES:
        before = len(postman.tried)
        await worker.send_due()
        assert len(postman.tried) == before + 1  # one is enough to find out
        clock.advance(seconds=pause.total_seconds() - 1)
        await worker.send_due()
        assert len(postman.tried) == before + 1
        clock.advance(seconds=1)
    assert all(row.tries == 0 for row in rows())
    assert await worker.send_due() == 3
    assert caplog.messages == ["no mail can be sent: no connection"] * 5


async def test_a_gateway_that_died_while_it_sent_a_mail_sends_it_after_the_lease(make_post, add, core, clock):
    add()
    first = core.database.transact(lambda db: core.outbox.take(db, clock()))
    postman = Postman()
    worker = make_post(postman)  # the gateway is back
    assert await worker.send_due() == 0
    clock.advance(seconds=LEASE.total_seconds())
    assert await worker.send_due() == 1
    assert postman.delivered[0].id == first.id  # and so the same Message-ID


async def test_two_workers_never_send_one_mail_at_the_same_time(make_post, add, clock):
    for number in range(8):
        add(f"{number}", mail(f"{number}@desk.example"))
    postman = Postman()
    postman.hold = asyncio.Event()
    both = [asyncio.create_task(make_post(postman).send_due()) for _ in range(2)]
    await until(lambda: postman.busy == 2)
    postman.hold.set()
    assert sum(await asyncio.gather(*both)) == 8
    assert sorted(postman.tried) == sorted(f"{number}@desk.example" for number in range(8))


async def test_a_stop_waits_for_the_mail_that_is_on_its_way(make_post, add, rows, monkeypatch):
    monkeypatch.setattr(post, "LOOK_SECONDS", 0.01)
    add()
    postman = Postman()
    postman.hold = asyncio.Event()
    worker = make_post(postman)
    worker.start()
    await until(lambda: postman.busy)
    closing = asyncio.create_task(worker.close())
    await asyncio.sleep(0)
    postman.hold.set()
    await closing
    assert rows()[0].sent_at is not None


async def test_a_stop_does_not_wait_for_ever(make_post, add, rows, monkeypatch):
    monkeypatch.setattr(post, "GRACE_SECONDS", 0.05)
    add()
    postman = Postman()
    postman.hold = asyncio.Event()
    worker = make_post(postman)
    worker.start()
    await until(lambda: postman.busy)
    await worker.close()
    assert rows()[0].next_try_at is not None


async def test_the_worker_goes_on_after_the_database_was_away(make_post, add, rows, core, monkeypatch, caplog):
    monkeypatch.setattr(post, "LOOK_SECONDS", 0.01)
    whole, broken = core.outbox.take, [sa.exc.OperationalError(SECRET, {}, Exception(SECRET))]
    monkeypatch.setattr(type(core.outbox), "take", lambda self, db, now: _raise(broken.pop()) if broken else whole(db, now))
    add()
    postman = Postman()
    worker = make_post(postman)
    worker.start()
    await until(lambda: postman.delivered)
    await worker.close()
    assert caplog.messages == ["the outbox could not be read: OperationalError; tried again"]


def _raise(error: Exception):
    raise error


# Customers ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def chat(core, clock) -> str:
    return core.database.transact(lambda db: core.conversations.open(db, "jcom", "en", "web", clock()))[0].id


@pytest.fixture
def running(make_post, clock):
    """A worker that has been there for long enough to know who has left."""

    def start(postman: Postman) -> Post:
        worker = make_post(postman)
        clock.advance(minutes=1)
        return worker

    return start


async def test_a_customer_who_has_the_chat_open_gets_no_mail_of_it(running, add, rows, chat):
    postman = Postman()
    worker = running(postman)
    add("answer", mail("hana@example.com", conversation=chat))
    with worker.streams.listen(chat):
        await worker.send_due()
    assert postman.tried == []
    assert (rows()[0].sealed_mail, rows()[0].trouble) == (None, "seen in the chat")


async def test_a_customer_who_left_gets_it(running, add, chat):
    worker = running(Postman())
    add("answer", mail("hana@example.com", conversation=chat))
    with worker.streams.listen("another's chat"):
        assert await worker.send_due() == 1


async def test_after_a_start_customers_have_a_minute_to_come_back(make_post, add, clock, chat):
    add("answer", mail("hana@example.com", conversation=chat))
    postman = Postman()
    worker = make_post(postman)
    assert await worker.send_due() == 0
    clock.advance(seconds=59)
    assert await worker.send_due() == 0
    clock.advance(seconds=1)
    assert await worker.send_due() == 1


async def test_a_customer_who_has_written_since_gets_no_mail_of_it(core, clock, running, add, chat):
    def say(db):
        core.conversations.accept(db, core.conversations.find(db, chat), "Thanks!", clock().isoformat(), clock())

    core.database.transact(say)
    postman = Postman()
    worker = running(postman)
    add("answer", mail("hana@example.com", conversation=chat))
    clock.advance(seconds=1)
    core.database.transact(say)
    await worker.send_due()
    assert postman.tried == []


async def test_what_a_customer_wrote_before_the_answer_does_not_count(core, clock, running, add, chat):
    def say(db):
        core.conversations.accept(db, core.conversations.find(db, chat), "Hello?", clock().isoformat(), clock())

    core.database.transact(say)
    worker = running(Postman())
    add("answer", mail("hana@example.com", conversation=chat))
    assert await worker.send_due() == 1


async def test_a_forgotten_chat_is_not_written_about(core, clock, running, add, rows, chat):
    postman = Postman()
    worker = running(postman)
    add(f"{about_customer(chat)} 1", mail("hana@example.com", conversation=chat))
    add("of another kind", mail("hana@example.com", conversation=chat))
    core.database.transact(lambda db: core.case_links.make(db, chat, clock()))
    core.database.transact(lambda db: core.conversations.forget(db, chat, clock()))
    assert len(rows()) == 1
    await worker.send_due()
    assert postman.tried == []
    for table in (case_links, conversation_keys):
        assert core.database.transact(lambda db, table=table: db.execute(table.select()).all()) == []


# Keeping house -------------------------------------------------------------------------------------------------------


async def test_without_a_server_mail_waits_for_two_days_for_one_to_be_set(make_post, add, rows, core, clock, monkeypatch, caplog):
    monkeypatch.setattr(type(core.settings), "keeps_mail", False)
    worker = make_post(None)
    add()
    assert await worker.send_due() == 0
    clock.advance(days=1)
    assert await make_post(Postman()).send_due() == 1
    add("late 2")
    await worker.send_due()
    clock.advance(days=2, hours=2)
    await worker.send_due()
    assert [row.sealed_mail for row in rows()] == [None, None]
    assert caplog.messages == ["no mail can be sent: DESK_SMTP_HOST is not set", "mails were given up: 1, after two days"]


async def test_that_something_was_told_is_forgotten_after_a_season(make_post, add, rows, clock):
    add()
    worker = make_post(Postman())
    await worker.send_due()
    clock.advance(days=REMEMBERED.days + 1)
    await worker.send_due()
    assert rows() == []


async def test_in_the_local_mailbox_mail_is_kept_for_a_day(make_post, add, core, clock, rows, monkeypatch):
    monkeypatch.setattr(type(core.settings), "keeps_mail", True)
    worker = make_post(None)
    add()
    assert await worker.send_due() == 1
    kept = lambda: core.database.transact(lambda db: core.outbox.list_kept(db, clock()))  # noqa: E731
    [letter] = kept()
    assert letter.mail == mail()
    assert core.database.transact(lambda db: core.outbox.find_kept(db, letter.id, clock())) == letter
    clock.advance(seconds=KEPT.total_seconds())
    assert kept() == []
    assert core.database.transact(lambda db: core.outbox.find_kept(db, letter.id, clock())) is None
    await worker.send_due()
    assert rows()[0].sealed_mail is None
