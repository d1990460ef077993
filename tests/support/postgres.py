"""A PostgreSQL database of this run's own: made for it, dropped after it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

SERVER = os.environ.get("DESK_TESTS_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


class NoPostgres(Exception):
    """There is no server; the message says which was tried."""


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of a new, empty database, as DESK_DATABASE_URL takes it; raises NoPostgres."""
    server = sa.make_url(SERVER)
    name = f"desk_tests_{os.getpid()}_{secrets.token_hex(3)}"
    admin = sa.create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(sa.text(f"create database {name}"))
            # No test pulls the server's plug, so none has to wait for its disk.
            connection.execute(sa.text(f"alter database {name} set synchronous_commit = off"))
    except sa.exc.OperationalError as error:
        shown = server.render_as_string(hide_password=True)
        raise NoPostgres(f"no PostgreSQL server answers at {shown}: {str(error.orig).splitlines()[0]}") from None
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"drop database {name} with (force)"))
        admin.dispose()
