"""Brings a database to the newest schema, by Alembic; safe to call at every start and from two processes."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from .database import Database

_LOCK = 0x6465736B  # "desk": one migration at a time on PostgreSQL


def migrate(database: Database) -> None:
    """Upgrade to the newest revision."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with database.engine.begin() as connection:
        if not database.sqlite:
            connection.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
