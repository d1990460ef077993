"""What Hana writes is stored once, in order, encrypted, and gone when she asks for that; on both databases."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.desk.conversation import Conversation
from bot.desk.errors import ForeignConversation, UnknownToken
from bot.settings import Settings
from bot.storage.cipher import Cipher, WrongKey
from bot.storage.conversations import Conversations
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.tables import conversations, messages, metadata, tickets
from tests.support.postgres import NoPostgres, fresh_database

from .conftest import KINDS, SECRET

OPENING = {"quick_replies": [{"title": "Yes", "choice": {"intent": "affirm"}}]}


@pytest.fixture
def do(database):
    """Does a unit of work in a transaction of its own."""
    return database.transact


@pytest.fixture
def chats() -> Conversations:
    return Conversations(Cipher(SECRET))


@pytest.fixture
def hana(do, chats, clock) -> Conversation:
    """Hana's chat with JCOM."""
    return do(lambda db: chats.open(db, "jcom", "en", "web", clock()))[0]


@pytest.fixture
def say(do, chats, hana, clock):
    """Hana says something."""

    def say(text: str, client_message_id: str | None = None, **options):
        return do(lambda db: chats.accept(db, hana, text, client_message_id or text, clock(), **options))

    return say


@pytest.fixture
def answer(do, chats, clock):
    """The desk answers one of her messages."""

    def answer(message, *replies: dict, offers=()):
        return do(lambda db: chats.finish(db, message, replies, offers, clock()))

    return answer


# The schema ------------------------------------------------------------------------------------------------------


def test_the_migrations_make_the_schema_that_the_code_has(database):
    with database.engine.connect() as connection:
        # Alembic takes SQLite's default '' for another one than ''.
        options = {"compare_type": True, "compare_server_default": not database.sqlite}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_that_start_at_once_migrate_an_empty_database_once(kind, tmp_path):
    def start(settings: Settings) -> None:
        database = Database(settings.database)
        try:
            migrate(database)
        finally:
            database.close()

    def both(settings: Settings) -> None:
        with ThreadPoolExecutor(1) as other:
            running = other.submit(start, settings)
            start(settings)
            running.result()
        start(settings)
        database = Database(settings.database)
        try:
            revisions = database.transact(lambda db: db.exec_driver_sql("select version_num from alembic_version").all())
            assert len(revisions) == 1
            assert set(metadata.tables) <= set(sa.inspect(database.engine).get_table_names())
        finally:
            database.close()

    if kind == "sqlite":
        both(Settings(data_dir=tmp_path))
        return
    try:
        with fresh_database() as address:
            both(Settings(data_dir=tmp_path, database_url=address))
    except NoPostgres as error:
        pytest.skip(str(error))


def test_sqlite_keeps_what_it_acknowledged_and_overwrites_what_is_erased(tmp_path):
    database = Database(Settings(data_dir=tmp_path).database)
    try:
        with database.engine.connect() as connection:

            def pragma(name: str):
                return connection.exec_driver_sql(f"pragma {name}").scalar()

            assert pragma("journal_mode") == "wal"
            assert pragma("synchronous") == 2  # full
            assert pragma("secure_delete") == 1
            assert pragma("foreign_keys") == 1
    finally:
        database.close()


# Tokens ----------------------------------------------------------------------------------------------------------


def test_hana_reads_her_chat_with_her_token_and_nobody_without(do, chats, clock):
    hana, token = do(lambda db: chats.open(db, "jcom", "en", "web", clock()))
    kenji, kenjis_token = do(lambda db: chats.open(db, "coocom", "en", "web", clock()))
    assert do(lambda db: chats.authenticate(db, hana.id, token)) == hana
    with pytest.raises(ForeignConversation):
        do(lambda db: chats.authenticate(db, hana.id, kenjis_token))
    for wrong in ("", token[:-1], token + "x", kenji.id):
        with pytest.raises(UnknownToken):
            do(lambda db, wrong=wrong: chats.authenticate(db, hana.id, wrong))


def test_a_token_is_stored_only_as_a_keyed_hash(do, chats, clock):
    _, token = do(lambda db: chats.open(db, "jcom", "en", "web", clock()))
    stored = do(lambda db: db.execute(sa.select(conversations.c.token_hash)).scalar_one())
    assert len(stored) == 32
    assert token.encode() not in stored
    assert stored == Cipher(SECRET).hash(token)
    assert stored != Cipher(bytes(32)).hash(token)


# Accepting and finishing -----------------------------------------------------------------------------------------


def test_the_same_message_sent_again_is_stored_once_and_gives_the_same_answer(say, answer, do, chats, hana):
    first = say("fee?", "m1")
    again = say("fee?", "m1")
    assert (again.message, again.answered) == (first.message, False)
    turn = answer(first.message, {"text": "1,100 yen."})
    late = say("fee?", "m1")
    assert late.answered
    assert late.replies == turn.messages
    assert [m.text for m in do(lambda db: chats.list_messages(db, hana.id))] == ["fee?", "1,100 yen."]


def test_another_text_under_a_known_id_changes_nothing(say):
    first = say("fee?", "m1")
    assert say("FEE!", "m1").message == first.message


def test_the_same_id_in_two_chats_is_two_messages(do, chats, say, clock):
    mine = say("fee?", "m1")
    kenji, _ = do(lambda db: chats.open(db, "coocom", "en", "web", clock()))
    his = do(lambda db: chats.accept(db, kenji, "fee?", "m1", clock()))
    assert his.message.id != mine.message.id


def test_a_turn_that_ends_twice_is_stored_once(say, answer, do, chats, hana):
    message = say("fee?").message
    first = answer(message, {"text": "1,100 yen."}, offers=["handoff"])
    second = answer(message, {"text": "Something else."})
    assert second == first
    assert second.conversation.offers == ("handoff",)


def test_offers_are_those_of_the_last_reply_and_nothing_else(say, answer):
    assert answer(say("fax?").message, {"text": "Not stated."}, offers=["handoff"]).conversation.offers == ("handoff",)
    assert answer(say("fee?").message, {"text": "1,100 yen."}).conversation.offers == ()


def test_a_notice_is_part_of_what_came_of_a_message(say, answer):
    accepted = say("4111...", notices=["Masked."])
    assert [m.sender for m in accepted.replies] == ["system"]
    turn = answer(accepted.message, {"text": "All right."})
    assert [(m.sender, m.text) for m in turn.messages] == [("system", "Masked."), ("bot", "All right.")]
    assert [m.text for m in say("4111...").replies] == ["Masked.", "All right."]


def test_what_waits_is_found_again_in_the_order_in_which_it_came(say, answer, do, chats, clock):
    texts = ["one", "two", "three"]
    waiting = []
    for text in texts:
        waiting.append(say(text).message)
        clock.advance(seconds=1)
    answer(waiting[1], {"text": "done"})
    assert do(chats.list_waiting) == [waiting[0], waiting[2]]


def test_times_come_back_as_they_were_written(say, do, chats, hana, clock):
    say("fee?")
    (message,) = do(lambda db: chats.list_messages(db, hana.id))
    assert message.sent_at == clock()
    assert message.sent_at.utcoffset() == timedelta(0)


def test_any_text_comes_back_as_it_was_typed(say, do, chats, hana):
    texts = ["手数料は？ 🙂", "<b>bold</b>", "a\x00b", "'; drop table messages; --", "\n\n", "x" * 4000, "é\u0301"]
    for text in texts:
        say(text)
    assert [m.text for m in do(lambda db: chats.list_messages(db, hana.id))] == texts


def test_reading_resumes_after_a_sequence(say, do, chats, hana):
    for text in ("one", "two", "three"):
        say(text)
    assert [m.text for m in do(lambda db: chats.list_messages(db, hana.id, 1))] == ["two", "three"]
    assert do(lambda db: chats.list_messages(db, hana.id, 3)) == ()


# Many at once ----------------------------------------------------------------------------------------------------


def at_once(count: int, work) -> list:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(work, range(count)))


def test_twenty_writers_at_once_leave_no_gap_and_no_double(do, chats, hana, clock):
    def write(n: int) -> None:
        for m in range(5):
            do(lambda db, m=m: chats.accept(db, hana, f"{n}-{m}", f"{n}-{m}", clock()))

    at_once(20, write)
    stored = do(lambda db: chats.list_messages(db, hana.id))
    assert [message.sequence for message in stored] == list(range(1, 101))
    for n in range(20):  # each writer's own messages stand in its own order
        assert [m.text for m in stored if m.text.startswith(f"{n}-")] == [f"{n}-{m}" for m in range(5)]


def test_the_same_message_sent_by_twenty_at_once_is_stored_once(do, chats, hana, clock):
    accepted = at_once(20, lambda _: do(lambda db: chats.accept(db, hana, "fee?", "m1", clock())))
    assert len({one.message.id for one in accepted}) == 1
    assert len(do(lambda db: chats.list_messages(db, hana.id))) == 1


def test_a_turn_that_ends_twenty_times_at_once_is_stored_once(do, chats, hana, say, clock):
    message = say("fee?").message
    turns = at_once(20, lambda n: do(lambda db: chats.finish(db, message, [{"text": f"answer {n}"}], (), clock())))
    assert len({turn.messages for turn in turns}) == 1
    assert len(do(lambda db: chats.list_messages(db, hana.id))) == 2


# Buttons ---------------------------------------------------------------------------------------------------------


def press(do, chats, conversation: Conversation, payload: str):
    return do(lambda db: chats.messages.find_choice(db, conversation.id, payload))


def test_a_button_of_the_last_answer_means_what_it_says(say, answer, do, chats, hana):
    turn = answer(say("fax?").message, {"text": "Not stated.", **OPENING})
    payload = turn.messages[0].quick_replies[0]["payload"]
    assert press(do, chats, hana, payload) == {"intent": "affirm"}
    for wrong in ("", "affirm", "/affirm", payload[:-1], payload + "x", "ü"):
        assert press(do, chats, hana, wrong) is None


def test_a_button_of_an_earlier_answer_means_nothing_any_more(say, answer, do, chats, hana):
    turn = answer(say("fax?").message, {"text": "Not stated.", **OPENING})
    payload = turn.messages[0].quick_replies[0]["payload"]
    answer(say("fee?").message, {"text": "1,100 yen."})
    assert press(do, chats, hana, payload) is None


def test_a_button_still_works_while_a_later_message_waits(say, answer, do, chats, hana):
    turn = answer(say("fax?").message, {"text": "Not stated.", **OPENING}, {"text": "One moment."})
    say("hello? my card is ●●●●", notices=["Masked."])
    assert press(do, chats, hana, turn.messages[0].quick_replies[0]["payload"]) == {"intent": "affirm"}


def test_kenji_cannot_press_hanas_button(say, answer, do, chats, clock):
    turn = answer(say("fax?").message, {"text": "Not stated.", **OPENING})
    kenji, _ = do(lambda db: chats.open(db, "coocom", "en", "web", clock()))
    assert press(do, chats, kenji, turn.messages[0].quick_replies[0]["payload"]) is None


def test_every_answer_has_payloads_of_its_own(say, answer):
    payloads = [answer(say(str(n)).message, {"text": "-", **OPENING}).messages[0].quick_replies for n in range(3)]
    assert len({buttons[0]["payload"] for buttons in payloads}) == 3


# Tickets ---------------------------------------------------------------------------------------------------------


def test_a_message_opens_one_ticket_however_often_its_action_runs(do, core, hana, say, clock):
    message = say("a person please").message.id
    first, new = do(lambda db: core.tickets.open(db, hana, message, "asked", clock()))
    again, still_new = do(lambda db: core.tickets.open(db, hana, message, "asked", clock()))
    assert (again, new, still_new) == (first, True, True)
    assert [t.reference for t in do(core.tickets.list)] == [first.reference]
    state = do(lambda db: core.conversations.find(db, hana.id))
    assert (state.ticket["reference"], state.ticket["status"]) == (first.reference, "open")


def test_a_second_wish_for_a_person_finds_the_open_ticket(do, core, hana, say, clock):
    one, two = say("a person").message.id, say("a person!").message.id
    first, _ = do(lambda db: core.tickets.open(db, hana, one, "asked", clock()))
    second, new = do(lambda db: core.tickets.open(db, hana, two, "complaint", clock()))
    assert (second, new) == (first, False)


def test_one_message_opens_one_ticket_though_its_action_runs_ten_times_at_once(do, core, hana, say, clock):
    message = say("a person please").message.id
    opened = at_once(10, lambda _: do(lambda db: core.tickets.open(db, hana, message, "asked", clock())))
    assert len({ticket.reference for ticket, _ in opened}) == 1


def test_the_list_has_urgent_tickets_first_then_the_oldest_and_one_companys_alone(do, core, clock):
    def opens(company: str, reason: str) -> str:
        clock.advance(minutes=1)
        chat, _ = do(lambda db: core.conversations.open(db, company, "en", "web", clock()))
        return do(lambda db: core.tickets.open(db, chat, f"message of {chat.id}"[:32], reason, clock()))[0].reference

    first, second, leak = opens("jcom", "asked"), opens("coocom", "complaint"), opens("jcom", "leak")
    assert [t.reference for t in do(core.tickets.list)] == [leak, first, second]
    assert [t.reference for t in do(lambda db: core.tickets.list(db, "jcom"))] == [leak, first]


# Forgetting ------------------------------------------------------------------------------------------------------


def test_a_forgotten_chat_has_no_texts_and_no_key_any_more(do, chats, clock):
    hana, token = do(lambda db: chats.open(db, "jcom", "en", "web", clock()))
    message = do(lambda db: chats.accept(db, hana, "my secret", "m1", clock())).message
    do(lambda db: chats.finish(db, message, [{"text": "ok"}], ["handoff"], clock()))
    assert do(lambda db: chats.forget(db, hana.id, clock())) is True
    with pytest.raises(UnknownToken):
        do(lambda db: chats.authenticate(db, hana.id, token))
    assert do(lambda db: db.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one()) == 0
    assert do(lambda db: chats.list_messages(db, hana.id)) == ()
    assert do(lambda db: chats.find(db, hana.id)).offers == ()


def test_an_open_tickets_texts_are_kept_for_the_person_who_works_on_it(do, core, hana, say, clock):
    message = say("please call me back").message
    do(lambda db: core.tickets.open(db, hana, message.id, "asked", clock()))
    assert do(lambda db: core.conversations.forget(db, hana.id, clock())) is False
    assert [m.text for m in do(lambda db: core.conversations.list_messages(db, hana.id))] == ["please call me back"]


def test_a_closed_ticket_keeps_nothing(do, core, hana, say, clock):
    message = say("please call me back").message
    do(lambda db: core.tickets.open(db, hana, message.id, "asked", clock()))
    do(lambda db: db.execute(tickets.update().values(status="closed")))
    assert do(lambda db: core.conversations.forget(db, hana.id, clock())) is True
    assert do(lambda db: core.conversations.list_messages(db, hana.id)) == ()


def test_a_message_that_comes_as_the_chat_is_forgotten_is_not_stored(do, chats, hana, clock):
    """It was let in a moment before; nothing may be written into a chat that is gone."""
    do(lambda db: chats.forget(db, hana.id, clock()))
    with pytest.raises(UnknownToken):
        do(lambda db: chats.accept(db, hana, "wait", "m9", clock()))


def test_an_answer_to_a_forgotten_message_is_not_stored(do, chats, hana, say, answer, clock):
    message = say("my secret").message
    do(lambda db: chats.forget(db, hana.id, clock()))
    assert answer(message, {"text": "about your secret"}).messages == ()
    assert do(lambda db: chats.list_messages(db, hana.id)) == ()


def test_the_engine_is_told_once_that_a_chat_is_forgotten(do, chats, hana, clock):
    do(lambda db: chats.forget(db, hana.id, clock()))
    assert do(chats.list_unforgotten) == [hana.id]
    do(lambda db: chats.mark_engine_forgot(db, hana.id))
    assert do(chats.list_unforgotten) == []


# At rest ---------------------------------------------------------------------------------------------------------

SENTENCE = "My neighbour Otsuka read my letters in Setagaya"


def encodings(text: str) -> list[bytes]:
    plain = text.encode()
    inside = [base64.b64encode(plain[n:])[4:-4] for n in range(3)]
    return [plain, text.encode("utf-16-le"), text.encode("utf-16-be"), *inside]


def test_no_sentence_stands_in_clear_in_the_database_or_its_journal(do, database, chats, hana, say, answer, tmp_path):
    turn = answer(say(SENTENCE, SENTENCE).message, {"text": f"I read: {SENTENCE}", "citations": [{"quote": SENTENCE}]})
    assert SENTENCE in turn.messages[0].text
    if database.sqlite:
        files = sorted(tmp_path.glob("desk.db*"))
        assert [file.name for file in files] == ["desk.db", "desk.db-shm", "desk.db-wal"]
        stored = [file.read_bytes() for file in files]
    else:
        columns = [sa.cast(c, sa.LargeBinary) if isinstance(c.type, sa.String) else c for c in messages.c]
        rows = do(lambda db: db.execute(sa.select(*columns)).all())
        stored = [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for row in rows for v in row]
    assert stored
    for clear in encodings(SENTENCE):
        assert not any(clear in piece for piece in stored)


def test_the_desks_key_is_needed_to_read_and_the_error_names_it(do, hana, say):
    say("fee?")
    with pytest.raises(WrongKey, match="DESK_SECRET_KEY"):
        do(lambda db: Conversations(Cipher(bytes(32))).list_messages(db, hana.id))
