"""Tickets by tag and by person, newest first, and those that a search has found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from .cipher import Cipher
from .tables import requests, ticket_tags, tickets

#: A tag with fewer tickets than this is read from the tag's side, one with more from the side of the newest tickets.
FEW = 1000

#: The time and id of the last ticket of the page before.
Before = tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Among which tickets is searched."""

    companies: tuple[str, ...]
    conditions: tuple[sa.ColumnElement[bool], ...] = ()


class Finding:
    """Queries of the search field that need no index of words."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def by_ids(self, db: Connection, ids: Collection[str], scope: Scope) -> list[Row]:
        """Those of the tickets that are among these."""
        return list(db.execute(tickets.select().where(tickets.c.id.in_(ids), *_among(scope))))

    def by_request(self, db: Connection, reference: str, scope: Scope) -> list[Row]:
        """The ticket of the request that has this reference, as it stands on the customer's letter."""
        its = sa.select(requests.c.ticket).where(requests.c.reference == reference)
        return list(db.execute(tickets.select().where(tickets.c.id.in_(its), *_among(scope))))

    def by_person(self, db: Connection, person: str, scope: Scope, before: Before, most: int) -> list[Row]:
        """A person's tickets; `person` is what bot.desk.contacts makes of an address or number."""
        its = tickets.c.person_hash == self.cipher.hash(person)
        return self._newest(db, [its, *_among(scope)], before, most)

    def by_tags(self, db: Connection, tags: Sequence[str], scope: Scope, before: Before, most: int) -> list[Row]:
        """Tickets that have all these tags."""
        few = self._list_few(db, tags)
        if few is not None:
            return self._newest(db, [tickets.c.id.in_(few), *_among(scope)], before, most) if few else []
        # One company at a time, so that each comes sorted out of its index and is left as soon as there are enough.
        found = []
        for company in scope.companies:
            found += self._newest(db, [tickets.c.company == company, *map(has_tag, tags), *scope.conditions], before, most)
        return sorted(found, key=lambda row: (row.opened_at, row.id), reverse=True)[:most]

    def _list_few(self, db: Connection, tags: Sequence[str]) -> list[str] | None:
        """All tickets of a rare tag; None if none of the tags is rare."""
        for tag in tags:
            ids = db.execute(sa.select(ticket_tags.c.ticket).where(ticket_tags.c.tag == tag).limit(FEW)).scalars().all()
            if len(ids) < FEW:
                others = [set(db.execute(_TAGGED, {"ids": ids, "other": other}).scalars()) for other in tags if other != tag]
                return [id for id in ids if all(id in some for some in others)]
        return None

    def _newest(self, db: Connection, conditions: Sequence[sa.ColumnElement], before: Before, most: int) -> list[Row]:
        query = tickets.select().where(*conditions).order_by(tickets.c.opened_at.desc(), tickets.c.id.desc()).limit(most)
        if before:
            moment, ticket = sa.literal(before[0], tickets.c.opened_at.type), sa.literal(before[1])
            query = query.where(sa.tuple_(tickets.c.opened_at, tickets.c.id) < sa.tuple_(moment, ticket))
        return list(db.execute(query))


def _among(scope: Scope) -> list[sa.ColumnElement[bool]]:
    # Joined with nothing, the company is no column of an index: SQLite would read all tickets of all companies by it.
    return [(tickets.c.company + "").in_(scope.companies), *scope.conditions]


def has_tag(tag: str) -> sa.ColumnElement[bool]:
    """Whether a ticket has that tag."""
    return sa.exists().where(ticket_tags.c.ticket == tickets.c.id, ticket_tags.c.tag == tag)


_TAGGED = sa.select(ticket_tags.c.ticket).where(
    ticket_tags.c.tag == sa.bindparam("other"), ticket_tags.c.ticket.in_(sa.bindparam("ids", expanding=True))
)
