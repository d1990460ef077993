"""References that nothing else has: of some hundred thousand cases two would meet now and then by chance."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.ticket import make_reference

from .tables import requests, tickets


def free_reference(db: Connection, make: Callable[[], str] = make_reference) -> str:
    """A reference that no ticket and no request has. Two that are made in the same instant are told apart by their table."""
    while True:
        reference = make()
        taken = sa.union_all(
            sa.select(tickets.c.id).where(tickets.c.reference == reference),
            sa.select(requests.c.id).where(requests.c.reference == reference),
        )
        if db.execute(taken).first() is None:
            return reference
