"""Keeps what Rasa must remember of a conversation: one encrypted row, as short as it can be.

A row is AES-256-GCM over JSON, bound to its conversation; the conversation's id stands in the
table only as a keyed hash. Of the past a few turns are kept behind a synthetic session start that
carries each slot's last value, so that turn 1,000 costs what turn 10 costs. While a form is open
nothing is cut. What customers wrote is not kept at all, only what it was understood as.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Iterable, List, Optional, Text, Tuple

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

#: Turns that stay behind the session start.
TURNS_KEPT = 3

_metadata = sa.MetaData()
_table = sa.Table(
    "engine_trackers",
    _metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
#: What the classifier thought is needed while a turn runs, and not after it.
_KEPT_OF_PARSE_DATA = ("intent", "entities", "message_id", "metadata")
#: Stands for what a customer wrote: the gateway keeps that, and no rule looks back at it.
_SAID = "-"
_ADDED_BY_RASA = ("model_id", "assistant_id")


class TrackerKeyError(RuntimeError):
    """The key for the tracker store is missing or no key."""


class TrackerUnreadable(RuntimeError):
    """A stored conversation does not open with this key: it was written with another, or altered."""


class TrackerConflict(RuntimeError):
    """Somebody else saved the conversation while this turn ran."""


class Vault:
    """Seals a conversation's state, and names its row without naming the conversation."""

    def __init__(self, key: bytes) -> None:
        """Two keys are derived from the one: to encrypt, and to name."""
        if len(key) != 32:
            raise TrackerKeyError("The tracker key must be 32 bytes, base64-encoded.")
        self._cipher = AESGCM(hmac.digest(key, b"tracker encryption", hashlib.sha256))
        self._name_key = hmac.digest(key, b"tracker names", hashlib.sha256)

    @classmethod
    def from_text(cls, text: Optional[str]) -> "Vault":
        """A vault from the key as the environment gives it."""
        if not text:
            raise TrackerKeyError("DESK_TRACKER_KEY is not set: 32 random bytes, base64-encoded.")
        try:
            return cls(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise TrackerKeyError("DESK_TRACKER_KEY is not base64.") from error

    def name(self, conversation: str) -> str:
        """The row's name."""
        return hmac.new(self._name_key, conversation.encode(), hashlib.sha256).hexdigest()

    def seal(self, conversation: str, state: Any) -> bytes:
        """The state, unreadable without the key and of no use for another conversation."""
        nonce = os.urandom(12)
        plain = json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
        return nonce + self._cipher.encrypt(nonce, plain, conversation.encode())

    def open(self, conversation: str, body: bytes) -> Any:
        """The state again."""
        try:
            return json.loads(self._cipher.decrypt(body[:12], body[12:], conversation.encode()))
        except InvalidTag as error:
            raise TrackerUnreadable("A stored conversation does not open with this key.") from error


class EncryptedTrackerStore(TrackerStore):
    """Trackers in SQLite or PostgreSQL. Saves that come while another is written go together in one transaction."""

    def __init__(
        self,
        domain: Optional[Domain],
        event_broker: Any = None,
        host: Optional[Text] = None,
        key: Optional[Text] = None,
        turns_kept: int = TURNS_KEPT,
        **kwargs: Any,
    ) -> None:
        """A store at a database's address (`host`, as Rasa calls it)."""
        super().__init__(domain, None)
        self._vault = Vault.from_text(key or os.environ.get("DESK_TRACKER_KEY"))
        self._turns_kept = turns_kept
        self._database = _database(host or "sqlite://")
        _metadata.create_all(self._database)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trackers")
        self._waiting: List[Tuple[Dict[str, Any], "asyncio.Future[None]"]] = []
        self._writing = False

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes a conversation, unless it was written by somebody else since it was read."""
        state = {"events": kept(list(tracker.events), self._turns_kept, tracker.active_loop_name)}
        version = getattr(tracker, "stored_version", 0)
        row = {
            "name": self._vault.name(tracker.sender_id),
            "old": version,
            "new": version + 1,
            "data": self._vault.seal(tracker.sender_id, state),
        }
        loop = asyncio.get_running_loop()
        done: "asyncio.Future[None]" = loop.create_future()
        self._waiting.append((row, done))
        if not self._writing:
            self._writing = True
            # Held, since the loop itself holds a task only weakly.
            self._writer = loop.create_task(self._write_all())
        await done
        tracker.stored_version = version + 1

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """Reads a conversation."""
        row = await self._in_thread(self._read, self._vault.name(sender_id))
        if row is None:
            return None
        state = self._vault.open(sender_id, bytes(row[1]))
        tracker = self.init_tracker(sender_id)
        for parameters in state["events"]:
            event = Event.from_parameters(parameters)
            if event is not None:
                tracker.update(event)
        tracker.stored_version = row[0]
        return tracker

    async def create_tracker(self, sender_id: Text, append_action_listen: bool = True) -> DialogueStateTracker:
        """A new tracker; it is first written when its first turn is done."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def forget(self, conversation: Text) -> None:
        """Removes a conversation."""
        await self._in_thread(self._delete, self._vault.name(conversation))

    async def keys(self) -> Iterable[Text]:
        """Rows do not tell which conversations they are."""
        return []

    def close(self) -> None:
        """Waits for what is being written and lets the database go."""
        self._thread.shutdown(wait=True)
        self._database.dispose()

    async def _write_all(self) -> None:
        """Writes whatever waits, together, until nothing does."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    outcomes = await self._in_thread(self._write, [row for row, _ in batch])
                except Exception as error:
                    outcomes = [error] * len(batch)
                for (_, done), error in zip(batch, outcomes):
                    if not done.done():
                        done.set_exception(error) if error else done.set_result(None)
        finally:
            self._writing = False

    def _write(self, rows: List[Dict[str, Any]]) -> List[Optional[Exception]]:
        outcomes: List[Optional[Exception]] = []
        with self._database.begin() as connection:
            for row in rows:
                written = connection.execute(_INSERT if row["old"] == 0 else _UPDATE, row).rowcount
                outcomes.append(None if written == 1 else TrackerConflict("The conversation was saved by somebody else."))
        return outcomes

    def _read(self, name: str) -> Optional[Tuple[int, bytes]]:
        with self._database.connect() as connection:
            return connection.execute(_SELECT, {"name": name}).first()

    def _delete(self, name: str) -> None:
        with self._database.begin() as connection:
            connection.execute(_DELETE, {"name": name})

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


_SELECT = sa.text("SELECT version, body FROM engine_trackers WHERE id = :name")
_INSERT = sa.text(
    "INSERT INTO engine_trackers (id, version, body) VALUES (:name, :new, :data) ON CONFLICT (id) DO NOTHING"
)
_UPDATE = sa.text("UPDATE engine_trackers SET version = :new, body = :data WHERE id = :name AND version = :old")
_DELETE = sa.text("DELETE FROM engine_trackers WHERE id = :name")


def kept(events: List[Event], turns: int, form: Optional[str] = None) -> List[Dict[str, Any]]:
    """The events worth keeping: all of them, or those of the last turns behind a session start with the slots' values."""
    cut = 0 if form else _start_of_turns(events, turns)
    if cut:
        slots = {event.key: event.value for event in events[:cut] if isinstance(event, SlotSet)}
        moment = events[cut].timestamp
        start: List[Event] = [
            ActionExecuted(ACTION_SESSION_START_NAME, timestamp=moment),
            SessionStarted(timestamp=moment),
            *(SlotSet(name, value, timestamp=moment) for name, value in slots.items()),
            ActionExecuted(ACTION_LISTEN_NAME, timestamp=moment),
        ]
        events = start + events[cut:]
    return [_plain(event) for event in events]


def _start_of_turns(events: List[Event], turns: int) -> int:
    """The place behind the listening that the last so many turns began with; 0 if there are no more."""
    seen = 0
    for place in range(len(events) - 1, -1, -1):
        if isinstance(events[place], UserUttered):
            seen += 1
            if seen > turns:
                break
            first = place
    else:
        return 0
    while first > 0 and not (isinstance(events[first - 1], ActionExecuted) and events[first - 1].action_name == ACTION_LISTEN_NAME):
        first -= 1
    return first


def _plain(event: Event) -> Dict[str, Any]:
    """An event as it is stored."""
    plain = event.as_dict()
    if "parse_data" in plain:
        plain["parse_data"] = {key: plain["parse_data"][key] for key in _KEPT_OF_PARSE_DATA if key in plain["parse_data"]}
        plain["parse_data"]["text"] = plain["text"] = _SAID
    metadata = {key: value for key, value in plain.get("metadata", {}).items() if key not in _ADDED_BY_RASA}
    if metadata:
        plain["metadata"] = metadata
    else:
        plain.pop("metadata", None)
    return plain


def _database(url: str) -> "sa.engine.Engine":
    """SQLite that survives a power cut, or PostgreSQL, whichever driver the address names."""
    if url.startswith("postgres"):
        return sa.create_engine(re.sub(r"^postgres(?:ql)?(?:\+\w+)?://", "postgresql+psycopg2://", url), pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"check_same_thread": False}, poolclass=sa.pool.StaticPool)

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
