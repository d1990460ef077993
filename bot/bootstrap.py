"""Wires the parts: settings, knowledge, database. Nothing is opened at import."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from bot.knowledge.library import Library
from bot.knowledge.loader import load_library
from bot.settings import Settings, read_secret, read_settings
from bot.storage.attachments import Attachments
from bot.storage.audit import Audit
from bot.storage.canned import Canned
from bot.storage.case_links import CaseLinks
from bot.storage.cipher import Cipher, derive_key
from bot.storage.codes import Codes
from bot.storage.conversations import Conversations
from bot.storage.credentials import Credentials
from bot.storage.database import Database
from bot.storage.drafts import Drafts
from bot.storage.events import Events
from bot.storage.failed_sign_ins import FailedSignIns
from bot.storage.keyring import Keyring
from bot.storage.links import Links
from bot.storage.looks import Looks
from bot.storage.migrate import migrate
from bot.storage.notes import Notes
from bot.storage.outbox import Outbox
from bot.storage.people import People
from bot.storage.queue import Queue
from bot.storage.registrations import Registrations
from bot.storage.request_cases import RequestCases
from bot.storage.requests import Requests
from bot.storage.search import SearchIndex
from bot.storage.sessions import Sessions
from bot.storage.staff_links import StaffLinks
from bot.storage.staffing import Staffing
from bot.storage.tickets import Tickets
from bot.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Core:
    """What the gateway, the action server and the commands all stand on."""

    settings: Settings
    secret: bytes
    library: Library
    database: Database
    cipher: Cipher
    conversations: Conversations
    tickets: Tickets
    attachments: Attachments
    drafts: Drafts
    search: SearchIndex
    queue: Queue
    events: Events
    staffing: Staffing
    canned: Canned
    notes: Notes
    links: Links
    looks: Looks
    registrations: Registrations
    audit: Audit
    people: People
    sessions: Sessions
    credentials: Credentials
    failed_sign_ins: FailedSignIns
    staff_links: StaffLinks
    outbox: Outbox
    case_links: CaseLinks
    vault: Vault
    requests: Requests
    request_cases: RequestCases
    codes: Codes

    def close(self) -> None:
        self.database.close()


def open_core(settings: Settings | None = None, *, migrated: bool = True) -> Core:
    """The core on this environment's settings, its database at the newest schema."""
    settings = settings or read_settings()
    secret = read_secret(settings)
    database = Database(settings.database)
    if migrated:
        migrate(database)
    return make_core(settings, secret, load_library(), database)


def make_core(settings: Settings, secret: bytes, library: Library, database: Database) -> Core:
    """The core over an opened database: every store with the keys that it needs."""
    cipher = Cipher(secret)
    search = SearchIndex(cipher, derive_key(secret, "search"), settings.search_index)
    audit = Audit(cipher, derive_key(secret, "audit"))
    people, events, staffing = People(cipher), Events(cipher), Staffing(library)
    tickets = Tickets(cipher, staffing, events, people, search)
    vault = Vault(Keyring(settings.master_keys))
    requests = Requests(vault)
    return Core(
        settings=settings,
        secret=secret,
        library=library,
        database=database,
        cipher=cipher,
        conversations=Conversations(cipher, search),
        tickets=tickets,
        attachments=Attachments(cipher),
        drafts=Drafts(cipher),
        search=search,
        queue=Queue(),
        events=events,
        staffing=staffing,
        canned=Canned(),
        notes=Notes(cipher, search),
        links=Links(),
        looks=Looks(audit),
        registrations=Registrations(cipher, tickets),
        audit=audit,
        people=people,
        sessions=Sessions(cipher, people),
        credentials=Credentials(cipher),
        failed_sign_ins=FailedSignIns(cipher),
        staff_links=StaffLinks(cipher),
        outbox=Outbox(cipher),
        case_links=CaseLinks(cipher),
        vault=vault,
        requests=requests,
        request_cases=RequestCases(requests),
        codes=Codes(cipher),
    )


def engine_token(secret: bytes) -> str:
    """What the gateway and the engine know each other by."""
    return _text(derive_key(secret, "engine token"))


def tracker_key(secret: bytes) -> str:
    """The key that the engine's dialogue state is encrypted with, in base64."""
    return base64.b64encode(derive_key(secret, "tracker")).decode()


def engine_settings(settings: Settings, secret: bytes) -> dict[str, str]:
    """What the engine's process is told: the two keys that are its own, never the secret that all derive from."""
    return {
        "DESK_ACTIONS_URL": f"{settings.actions}/webhook",
        "DESK_ENGINE_TOKEN": engine_token(secret),
        "DESK_TRACKER_KEY": tracker_key(secret),
        "DESK_TRACKER_URL": tracker_url(settings),
    }


def tracker_url(settings: Settings) -> str:
    """Where the engine keeps its dialogue state: a file of its own, or the same PostgreSQL."""
    if not settings.database_url:
        return f"sqlite:///{(settings.data_dir / 'engine.db').resolve()}"
    return "postgresql+psycopg2://" + settings.database.partition("://")[2]


def _text(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")
