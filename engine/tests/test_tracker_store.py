"""What is kept of a conversation, and how."""

import asyncio
import base64
import os

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.slots import TextSlot

from engine.tracker_store import (
    EncryptedTrackerStore,
    TrackerConflict,
    TrackerKeyError,
    TrackerUnreadable,
    Vault,
    kept,
)

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.b64encode(bytes(32)).decode()
POSTGRES = os.environ.get("DESK_TESTS_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
SECRET = "My card is 4111 and I am Hana Sato"


def domain():
    empty = Domain.empty()
    empty.slots.append(TextSlot("last_topic", mappings=[{"type": "custom"}]))
    return empty


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/trackers.db"
        return
    server = sa.create_engine(POSTGRES.replace("postgresql://", "postgresql+psycopg2://"), isolation_level="AUTOCOMMIT")
    name = f"engine_tests_{os.getpid()}"
    try:
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
    except sa.exc.OperationalError:
        if os.environ.get("DESK_TESTS_SKIP_NOTHING") == "1":
            raise
        pytest.skip(f"no PostgreSQL server answers at {sa.engine.make_url(POSTGRES).host}")
    yield str(POSTGRES).rsplit("/", 1)[0] + f"/{name}"
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def stores(url):
    opened = []

    def open_store(key=KEY):
        store = EncryptedTrackerStore(domain(), host=url, key=key)
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        store.close()


def turn(tracker, number, text="hello"):
    tracker.update(UserUttered(text, {"name": "greet"}, message_id=f"m{number}"))
    tracker.update(ActionExecuted("utter_greet"))
    tracker.update(SlotSet("last_topic", f"topic {number}"))
    tracker.update(BotUttered(f"answer {number}"))
    tracker.update(ActionExecuted("action_listen"))


async def talk(store, conversation, turns):
    for number in range(turns):
        tracker = await store.get_or_create_tracker(conversation)
        turn(tracker, number)
        await store.save(tracker)
    return await store.retrieve(conversation)


async def test_hana_comes_back_after_days_and_the_desk_remembers(stores):
    await talk(stores(), "hana", 2)
    tracker = await stores().retrieve("hana")
    assert tracker.get_slot("last_topic") == "topic 1"
    assert [event.message_id for event in tracker.events if isinstance(event, UserUttered)] == ["m0", "m1"]


async def test_turn_forty_keeps_no_more_than_turn_ten(stores):
    store = stores()
    ten = await talk(store, "hana", 10)
    forty = await talk(store, "kenji", 40)
    assert len(forty.events) == len(ten.events)
    assert forty.get_slot("last_topic") == "topic 39"
    assert forty.latest_message.message_id == "m39"


def test_nothing_is_cut_while_a_form_is_open(stores):
    store = stores()
    tracker = asyncio.run(store.get_or_create_tracker("hana"))
    tracker.update(ActiveLoop("request_form"))
    for number in range(20):
        turn(tracker, number)
    plain = kept(list(tracker.events), 3, form="request_form")
    assert len(plain) == len(tracker.events)


async def test_what_the_classifier_thought_is_not_kept(stores):
    store = stores()
    tracker = await store.get_or_create_tracker("hana")
    parse = {"text": "hello", "intent": {"name": "greet"}, "entities": [], "segments": [{"text": "hello"}], "intent_ranking": [1]}
    tracker.update(UserUttered("hello", {"name": "greet"}, [], parse, message_id="1"))
    await store.save(tracker)
    again = (await store.retrieve("hana")).latest_message
    assert set(again.parse_data) <= {"text", "intent", "entities", "message_id", "metadata"}


async def test_neither_words_nor_names_stand_in_the_database(stores, url):
    store = stores()
    tracker = await store.get_or_create_tracker("conversation-of-hana")
    turn(tracker, 1, SECRET)
    await store.save(tracker)
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id, version, body FROM engine_trackers")).all()
    engine.dispose()
    whole = b"".join(str(row[0]).encode() + bytes(row[2]) for row in rows)
    assert len(rows) == 1
    for word in (SECRET, "Hana", "4111", "conversation-of-hana", "greet"):
        assert word.encode() not in whole


async def test_another_key_opens_nothing(stores):
    await talk(stores(), "hana", 1)
    assert await stores(OTHER_KEY).retrieve("hana") is None


def test_a_row_put_under_another_conversation_does_not_open():
    vault = Vault.from_text(KEY)
    sealed = vault.seal("hana", {"events": []})
    assert vault.open("hana", sealed) == {"events": []}
    with pytest.raises(TrackerUnreadable):
        vault.open("kenji", sealed)


async def test_a_turn_on_an_old_reading_is_not_saved_over_a_newer_one(stores):
    await talk(stores(), "hana", 1)
    first, second = stores(), stores()
    one, two = await first.retrieve("hana"), await second.retrieve("hana")
    turn(one, 1)
    await first.save(one)
    turn(two, 2)
    with pytest.raises(TrackerConflict):
        await second.save(two)


async def test_kenjis_turn_is_saved_though_hanas_clashes_at_the_same_moment(stores):
    store = stores()
    await talk(store, "hana", 1)
    old, newer = await store.retrieve("hana"), await store.retrieve("hana")
    turn(newer, 1)
    await store.save(newer)
    turn(old, 2)
    kenji = await store.get_or_create_tracker("kenji")
    turn(kenji, 0)
    clash, saved = await asyncio.gather(store.save(old), store.save(kenji), return_exceptions=True)
    assert isinstance(clash, TrackerConflict) and saved is None
    assert (await store.retrieve("kenji")).latest_message.message_id == "m0"


async def test_a_forgotten_conversation_is_gone(stores):
    store = stores()
    await talk(store, "hana", 1)
    await store.forget("hana")
    assert await store.retrieve("hana") is None


async def test_an_unfinished_first_turn_leaves_no_row(stores):
    store = stores()
    await store.get_or_create_tracker("hana")
    assert await store.retrieve("hana") is None


@pytest.mark.parametrize("key", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_is_refused_with_a_sentence(key):
    with pytest.raises(TrackerKeyError):
        Vault.from_text(key)


def test_what_hana_wrote_is_not_kept_only_what_it_was_understood_as():
    parsed = {"text": SECRET, "intent": {"name": "give_name", "confidence": 0.9}, "segments": [{"text": SECRET}], "entities": []}
    (plain,) = kept([UserUttered(SECRET, {"name": "give_name"}, parse_data=parsed)], 3)
    assert "Hana" not in str(plain)
    assert plain["parse_data"]["intent"]["name"] == "give_name"
