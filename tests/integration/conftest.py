"""The database in both kinds, the core over it, the gateway over a scripted engine."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from bot.bootstrap import Core, make_core
from bot.delivery import turns
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.tables import metadata
from tests.support.chat import Gateway
from tests.support.postgres import NoPostgres, fresh_database
from tests.support.scripted_engine import ScriptedEngine

SECRET = bytes(range(32))

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
#: For modules whose subject is told before the database is asked: one kind is enough.
EITHER_KIND = pytest.mark.parametrize("database_settings", ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of this run's PostgreSQL database, at the newest schema."""
    try:
        with fresh_database() as address:
            database = Database(Settings(database_url=address).database)
            migrate(database)
            database.close()
            yield address
    except NoPostgres as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    """A file at the newest schema, to be copied: migrating anew for each test would take most of its time."""
    file = tmp_path_factory.mktemp("sqlite") / "desk.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    return file


@pytest.fixture(params=KINDS)
def database_settings(request, tmp_path) -> Settings:
    """Settings with an empty database of each kind."""
    if request.param == "postgres":
        address = request.getfixturevalue("postgres")
        settings = Settings(data_dir=tmp_path, database_url=address)
        database = Database(settings.database)
        database.transact(empty)
        database.close()
        return settings
    shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "desk.db")
    return Settings(data_dir=tmp_path)


def empty(db: Connection) -> None:
    """Remove every row. Most tables are empty already, and truncating them all would take most of a test's time."""
    names = [table.name for table in metadata.sorted_tables]
    filled = db.exec_driver_sql(" union all ".join(f"select '{name}' where exists (select 1 from {name})" for name in names))
    rows = filled.scalars().all()
    db.exec_driver_sql("set local session_replication_role = replica")  # neither keys nor the audit log's guard object
    for name in rows:
        db.exec_driver_sql(f"delete from {name}")


@pytest.fixture
def database(database_settings) -> Iterator[Database]:
    database = Database(database_settings.database)
    yield database
    database.close()


@pytest.fixture
def core(database_settings, database, library) -> Core:
    """What gateway and actions stand on, over the empty database."""
    return make_core(database_settings, SECRET, library, database)


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    """A double of the dialogue engine, up and answering."""
    engine = ScriptedEngine(SECRET)
    await engine.up()
    yield engine
    await engine.down()


@pytest.fixture
def patience() -> float:
    """Seconds after which a customer hears of a delay; a module about delays says fewer."""
    return 20.0


@pytest.fixture
async def gateway(core, engine, clock, monkeypatch, patience) -> AsyncIterator[Gateway]:
    """The gateway over the scripted engine."""
    monkeypatch.setattr(turns, "RETRIES", (0.02,))
    gateway = Gateway(core, clock, engine_url=engine.url, actions_url=engine.url, patience=patience)
    await gateway.start()
    yield gateway
    await gateway.stop()
