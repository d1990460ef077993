"""A desk of some years: 100,000 tickets and 1,000,000 messages, encrypted as the product does, on SQLite and PostgreSQL.

    .venv/bin/python -m benchmarks.desk_data [--tickets N] [--messages N]

Both databases get the same rows, written past the queries (which would take hours), under a secret of their own. They
are kept below var/benchmarks and made anew when the tables or this file have changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sqlite3
import sys
import time
import uuid
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.bootstrap import Core, make_core
from bot.desk.person import Role
from bot.desk.search_terms import list_terms
from bot.desk.ticket import Contact, Ticket, make_reference
from bot.knowledge.citing import cite_by_id, list_facts
from bot.knowledge.loader import load_library
from bot.settings import Settings, read_secret
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.tables import metadata
from tests.support.postgres import SERVER

from .desk_texts import Writer
from .product import KEPT, ROOT

SEED = 20261122
AGENTS = 40
CHUNK = 1000  #: tickets that are written together
#: What the data depend on, beside the tables.
SOURCES = ("bot/storage/passages.py", "bot/desk/search_terms.py", "benchmarks/desk_data.py", "benchmarks/desk_texts.py")
TAGS = ("refund", "moved", "family", "angry", "by-post", "id-copy", "返送", "至急", "vip", "duplicate")
CHANNELS = ("web",) * 16 + ("letter", "letter", "phone", "email", "fax", "visit")
REASONS = ("asked",) * 5 + ("complaint",) * 2 + ("leak", "status", "status", "unanswered", "unanswered", "unanswered", "request")


@dataclass(frozen=True)
class Data:
    """Where the kept databases lie."""

    folder: Path  #: holds secret.key and desk.db
    postgres: str | None  #: address; None where there is no server

    def settings(self, kind: str, data_dir: Path | None = None) -> Settings:
        """Settings of a product over one of the two."""
        return Settings(data_dir=data_dir or self.folder, database_url=(self.postgres or "") if kind == "postgres" else "")


def provide(tickets: int = 100_000, messages: int = 1_000_000) -> Data:
    """The kept data, made first where they are missing or stale."""
    name = f"{tickets}_{_fingerprint(tickets, messages)}"
    folder = KEPT / "desk" / name
    address = _postgres(f"desk_bench_{name}")
    data = Data(folder, address)
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(data)
        _make(data, tickets, messages)
        (folder / "done").touch()
    return data


def _fingerprint(*parts: object) -> str:
    tables = [str(CreateTable(table)) for table in metadata.sorted_tables]
    indexes = sorted(str(CreateIndex(index)) for table in metadata.sorted_tables for index in table.indexes)
    digest = hashlib.sha256(repr((parts, tables, indexes)).encode())
    for source in SOURCES:
        digest.update((ROOT / source).read_bytes())
    return digest.hexdigest()[:10]


def _remove_stale(data: Data) -> None:
    """What was made of the same size for other tables or by other code; it is large."""
    for folder in data.folder.parent.iterdir():
        if folder != data.folder and folder.name.startswith(data.folder.name.partition("_")[0] + "_"):
            shutil.rmtree(folder)
            if data.postgres:
                with psycopg.connect(SERVER, autocommit=True) as db:
                    db.execute(f"drop database if exists desk_bench_{folder.name}")


def _postgres(name: str) -> str | None:
    """The address of a database of that name, made if it is missing."""
    server = sa.make_url(SERVER)
    try:
        with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True, connect_timeout=5) as db:
            if not db.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                db.execute(f"create database {name}")
    except psycopg.OperationalError:
        print("No PostgreSQL server answers: SQLite alone.", flush=True)
        return None
    return server.set(database=name).render_as_string(hide_password=False)


def _make(data: Data, tickets: int, messages: int) -> None:
    began = time.monotonic()
    secret, library = read_secret(data.settings("sqlite")), load_library()
    stores = []
    for kind in ("sqlite", "postgres") if data.postgres else ("sqlite",):
        settings = data.settings(kind)
        if kind == "sqlite":
            for leftover in data.folder.glob("desk.db*"):
                leftover.unlink()
        database = Database(settings.database)
        if kind == "postgres":
            database.transact(lambda db: db.execute(sa.text("drop schema public cascade; create schema public")))
        migrate(database)
        core = make_core(settings, secret, library, database)
        database.close()
        stores.append(Sqlite(data.folder / "desk.db") if kind == "sqlite" else Postgres(data.postgres or ""))
    desk = Desk(core)
    written = 0
    for rows in desk.cases(tickets, messages):
        for store in stores:
            store.write(rows)
        written += len(rows["tickets"])
        print(f"\r{written:,} of {tickets:,} tickets, {time.monotonic() - began:.0f} s", end="", flush=True)
    print(f"\nsorting {len(desk.terms):,} terms ...", flush=True)
    columns = desk.sorted_terms()
    for store in stores:
        store.write_terms(*columns)
        store.close()
    print(f"Made in {time.monotonic() - began:.0f} s, {data.folder / 'desk.db'}: {_size(data.folder / 'desk.db')}", flush=True)


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 2**20:,.0f} MB"


class Desk:
    """Makes the rows."""

    def __init__(self, core: Core):
        self.core = core
        self.cipher = core.cipher
        self.random = random.Random(SEED)
        self.writer = Writer(SEED)
        self.companies = [company.key for company in core.library.companies()]
        self.answers = {key: self._answers(key) for key in self.companies}
        self.agents: list[str] = []
        self.references: set[str] = set()
        self.terms, self.numbers = array("q"), array("q")
        self._hashes: dict[tuple[str, str], int] = {}
        self.now = datetime.now(UTC).replace(microsecond=0)

    def cases(self, tickets: int, messages: int) -> Iterator[dict[str, list[dict]]]:
        """Rows by table, some cases at a time."""
        yield {**self._people(), "tickets": []}
        alone = tickets // 4  # chats that needed nobody
        each = (messages - alone * 4) / tickets
        made = 0.0
        for first in range(0, tickets, CHUNK):
            rows: dict[str, list[dict]] = defaultdict(list)
            for place in range(first, min(first + CHUNK, tickets)):
                # Every moment of two years has its tickets, the newest last.
                opened = self.now - timedelta(days=730) * (1 - place / tickets) + timedelta(seconds=self.random.randrange(600))
                made += each
                count = int(made)
                made -= count
                # A few long ones and many short ones.
                spread = self.random.choice((0.4, 0.7, 0.9, 1.0, 1.0, 1.2, 1.8))
                said = max(round(count * spread), 3)
                made += count - said
                self._ticket(rows, opened, said)
                if place % 4 == 0:
                    self._chat(rows, self.random.choice(self.companies), opened, 4)
            yield rows

    def _people(self) -> dict[str, list[dict]]:
        rows: dict[str, list[dict]] = {"people": [], "people_companies": []}
        for place in range(AGENTS + 3):
            role = Role.AGENT if place < AGENTS else Role.SUPERVISOR
            identity, email = uuid.uuid4().hex, f"{role}{place}@desk.example"
            profile = {"name": f"{self.writer.name('en')} {self.writer.name('en')}", "email": email, "preferences": {}}
            rows["people"].append(
                {
                    "id": identity,
                    "login_hash": self.core.people.login_hash(email),
                    "sealed_profile": self._seal(json.dumps(profile), f"person {identity}"),
                    "roles": role.value,
                    "all_companies": place % 2 == 0 or role is Role.SUPERVISOR,
                    "locale": "en",
                    "created_at": self.now - timedelta(days=800),
                }
            )
            if place % 2:
                pair = self.random.sample(self.companies, 2)
                rows["people_companies"] += [{"person": identity, "company": company} for company in pair]
            if role is Role.AGENT:
                self.agents.append(identity)
        return rows

    def _chat(self, rows: dict, company: str, opened: datetime, said: int, registered: str = "") -> tuple[str, str, str, list[str]]:
        """A conversation; its id, locale, the message that asked for a person, and what people wrote."""
        locale = "ja" if self.random.random() < 0.25 else "en"
        conversation, asking, texts, moment = uuid.uuid4().hex[:22], "", [], opened
        for sequence in range(1, said + 1):
            identity, body = uuid.uuid4().hex, {"text": "", "citations": [], "quick_replies": [], "choice": None}
            row = {"id": identity, "conversation": conversation, "sequence": sequence, "sent_at": moment}
            if sequence % 2:
                sender, body["text"] = "customer", self.writer.ask(locale)
                row |= {"client_hash": self.random.randbytes(32), "author": None, "in_reply_to": None}
            elif sequence > 4 or registered:
                sender, body["text"] = "staff", self.writer.reply(locale)
                row |= {"client_hash": None, "author": self.random.choice(self.agents), "in_reply_to": None}
            else:
                sender = "bot"
                body["text"], body["citations"], topic = self.random.choice(self.answers[company])
                row |= {"client_hash": None, "author": None, "in_reply_to": asking}
                rows["outcomes"].append(
                    {
                        "message": asking,
                        "conversation": conversation,
                        "company": company,
                        "channel": "web",
                        "locale": locale,
                        "topic": topic,
                        "kind": self.random.choice(("answered", "answered", "answered", "not_stated", "nearest", "missed")),
                        "at": moment,
                    }
                )
            if sender != "bot":
                texts.append(body["text"])
            if sequence % 2 and sequence <= 3:
                asking = identity
            row |= {"sender": sender, "sealed_body": self._seal(json.dumps(body, ensure_ascii=False), f"message {identity}")}
            rows["messages"].append(row)
            moment += timedelta(seconds=self.random.randrange(20, 4000))
        rows["conversations"].append(
            {
                "id": conversation,
                "company": company,
                "locale": locale,
                "channel": registered or "web",
                "token_hash": self.random.randbytes(32),
                "mode": "bot",
                "last_sequence": said,
                "created_at": opened,
                "updated_at": moment,
            }
        )
        return conversation, locale, asking, texts

    def _ticket(self, rows: dict, opened: datetime, said: int) -> None:
        company, channel = self.random.choice(self.companies), self.random.choice(CHANNELS)
        conversation, locale, asking, texts = self._chat(rows, company, opened, said, "" if channel == "web" else channel)
        age = self.now - opened
        closing = 0.98 if age > timedelta(days=60) else 0.8 if age > timedelta(days=7) else 0.3
        chance = self.random.random()
        status = "closed" if chance < closing else "waiting" if self.random.random() < 0.35 else "open"
        assignee = self.random.choice(self.agents) if status == "closed" or self.random.random() < 0.6 else None
        contact = Contact()
        if self.random.random() < 0.4:
            name = self.writer.name(locale)
            contact = Contact(name=name, email=f"customer{self.random.randrange(60_000)}@mail.example")
        updated = min(opened + timedelta(hours=self.random.randrange(1, 200)), self.now)
        reason = self.random.choice(REASONS) if channel == "web" else "registered"
        due = self.now + timedelta(minutes=self.random.randrange(-3000, 9000)) if status == "open" else None
        late = due is not None and due < self.now + timedelta(hours=2)  # and was told already
        ticket = Ticket(
            id=uuid.uuid4().hex,
            reference=self._reference(),
            company=company,
            conversation=conversation,
            reason=reason,
            priority=3 if reason == "leak" else self.random.choice((0, 1, 1, 1, 1, 2)),
            status=status,
            language=locale,
            channel=channel,
            opened_at=opened,
            updated_at=updated,
            subject=texts[0][:80],
            topic=self.random.choice(self.answers[company])[2],
            contact=contact,
            assignee=assignee,
            replied_at=updated if assignee else None,
            closed_at=updated if status == "closed" else None,
            clock_from=opened,
            due_at=due,
            warned_at=updated if late else None,
            escalated_at=updated if late else None,
            paused_at=updated if status == "waiting" else None,
            rating=self.random.choice((None, None, 1, 1, -1)) if status == "closed" else None,
        )
        seen = said if status == "closed" else max(said - self.random.choice((0, 0, 1, 3)), 0)
        rows["tickets"].append({"message": asking, "seen_sequence": seen, **self.core.tickets.seal(ticket)})
        tags = self.random.sample(TAGS, self.random.choice((0, 0, 1, 1, 2)))
        rows["ticket_tags"] += [{"ticket": ticket.id, "tag": tag} for tag in tags]
        notes = [self.writer.note(locale) for _ in range(self.random.choice((0, 0, 0, 1, 2)))]
        for note in notes:
            identity = uuid.uuid4().hex
            sealed = self._seal(note, f"note {identity}")
            person = assignee or self.agents[0]
            rows["notes"].append({"id": identity, "ticket": ticket.id, "person": person, "sealed_body": sealed, "at": updated})
        happened = ("opened", "taken", "closed")[: 3 if status == "closed" else 2 if assignee else 1]
        for place, kind in enumerate(happened, 1):
            identity = uuid.uuid4().hex
            rows["ticket_events"].append(
                {
                    "id": identity,
                    "ticket": ticket.id,
                    "number": place,
                    "person": None if kind == "opened" else assignee,
                    "kind": kind,
                    "sealed_detail": self._seal("{}", f"event {identity}"),
                    "at": opened if kind == "opened" else updated,
                }
            )
        self._index(rows, ticket, [*texts, *notes, ticket.subject, contact.name, contact.email])

    def _reference(self) -> str:
        while (reference := make_reference()) in self.references:
            pass
        self.references.add(reference)
        return reference

    def _index(self, rows: dict, ticket: Ticket, texts: Iterable[str]) -> None:
        number = (int(ticket.opened_at.timestamp() * 1000) << 20) + self.random.getrandbits(20)
        rows["search_tickets"].append({"number": number, "ticket": ticket.id})
        for term in set().union(*map(list_terms, texts)):
            key = (ticket.company, term)
            if key not in self._hashes:
                self._hashes[key] = self.core.search.hash(*key)
            self.terms.append(self._hashes[key])
            self.numbers.append(number)

    def sorted_terms(self) -> tuple[list[int], list[int]]:
        """The index's rows in the order of its primary key."""
        terms, numbers = np.frombuffer(self.terms, dtype="q"), np.frombuffer(self.numbers, dtype="q")
        order = np.lexsort((numbers, terms))
        return terms[order].tolist(), numbers[order].tolist()

    def _answers(self, company: str) -> list[tuple[str, list[dict], str]]:
        """Text, citations and topic of what the assistant may have said."""
        known = self.core.library.company(company)
        facts = [fact for fact in list_facts(self.core.library, known, "en") if fact.answer]
        return [(fact.answer, [one.as_dict() for one in cite_by_id(known, [fact.id], "en")], fact.topic or "") for fact in facts]

    def _seal(self, text: str, place: str) -> bytes:
        return self.cipher.encrypt(text, place)


class Sqlite:
    """Writes past the product's own connection: nothing is flushed before the end."""

    def __init__(self, file: Path):
        self.db = sqlite3.connect(file, isolation_level=None)
        for setting in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
            self.db.execute(f"PRAGMA {setting}")
        self.db.execute("begin")

    def write(self, rows: dict[str, list[dict]]) -> None:
        for table, some in rows.items():
            if some:
                names = list(some[0])
                query = f"insert into {table} ({', '.join(names)}) values ({', '.join('?' * len(names))})"
                self.db.executemany(query, ([_plain(row[name]) for name in names] for row in some))

    def write_terms(self, terms: list[int], numbers: list[int]) -> None:
        index = self.db.execute("select sql from sqlite_master where name = 'ix_search_terms_number'").fetchone()[0]
        self.db.execute("drop index ix_search_terms_number")
        self.db.executemany("insert into search_terms (term, number) values (?, ?)", zip(terms, numbers, strict=True))
        self.db.execute(index)

    def close(self) -> None:
        self.db.execute("commit")
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.close()


class Postgres:
    """Copies rows in."""

    def __init__(self, address: str):
        self.db = psycopg.connect(address)
        self.db.execute("set synchronous_commit = off")
        self.db.execute("set session_replication_role = replica")  # no look-ups of foreign keys

    def write(self, rows: dict[str, list[dict]]) -> None:
        for table, some in rows.items():
            if some:
                names = list(some[0])
                with self.db.cursor() as cursor, cursor.copy(f"copy {table} ({', '.join(names)}) from stdin") as copy:
                    for row in some:
                        copy.write_row([row[name] for name in names])
        self.db.commit()

    def write_terms(self, terms: list[int], numbers: list[int]) -> None:
        with self.db.cursor() as cursor, cursor.copy("copy search_terms (term, number) from stdin (format binary)") as copy:
            copy.set_types(["int8", "int8"])
            for pair in zip(terms, numbers, strict=True):
                copy.write_row(pair)
        self.db.commit()

    def close(self) -> None:
        self.db.autocommit = True
        self.db.execute("vacuum analyze")  # as the server does by itself in time
        self.db.close()


def _plain(value: object) -> object:
    """As SQLAlchemy stores it in SQLite."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    return value


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk_data", description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    options = parser.parse_args()
    data = provide(options.tickets, options.messages)
    print(f"SQLite:     {data.folder / 'desk.db'}\nPostgreSQL: {data.postgres or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
