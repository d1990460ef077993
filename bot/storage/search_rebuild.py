"""Makes the search index anew from all that is kept, some tickets at a time, while the desk works."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.engine import Connection

from .database import Database
from .search import SearchIndex
from .tables import tickets
from .tickets import Tickets

#: Tickets of one transaction: nobody who writes has to wait long.
BATCH = 50


def rebuild_index(database: Database, store: Tickets, search: SearchIndex, tell: Callable[[int], object] | None = None) -> int:
    """Index every ticket anew; how many they were. Stopped halfway, it leaves an index that is right as far as it got."""
    done, last = 0, ""

    def work(db: Connection) -> list[str]:
        rows = db.execute(tickets.select().where(tickets.c.id > last).order_by(tickets.c.id).limit(BATCH)).all()
        search.drop(db, [row.id for row in rows])
        known = [store.read(row) for row in rows]
        passages = search.passages.read(db, known)
        for ticket in known:
            search.add(db, ticket, *(passage.text for passage in passages[ticket.id]))
        return [row.id for row in rows]

    while ids := database.transact(work):
        done, last = done + len(ids), ids[-1]
        if tell:
            tell(done)
    return done
