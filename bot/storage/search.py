"""The search index: keyed hashes of words, by which tickets are found without their texts standing anywhere in clear."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bot.desk.search_terms import list_terms
from bot.desk.ticket import Ticket

from .cipher import Cipher
from .database import aware
from .passages import Passages
from .tables import search_terms, search_tickets, tickets

#: A term is counted up to here, to begin with the rarest; what more there is makes no difference.
COUNTED = 1000
#: So many terms of a query are looked up; whoever verifies a candidate looks for all of it.
LOOKED_UP = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that the index knows all terms of; whether they stand together is to be seen in its texts."""

    number: int  #: its place: newer tickets have higher ones
    ticket: str


class SearchIndex:
    """Writes the index and looks tickets up in it. Every method belongs to the transaction that changes the texts."""

    def __init__(self, cipher: Cipher, key: bytes = b"", on: bool = True):
        self.passages = Passages(cipher)
        self.key = key
        self.on = on  #: off: nothing is written, and nothing is found that was not written before

    def add(self, db: Connection, ticket: Ticket, *texts: str) -> None:
        """Find the ticket by what stands in these texts, too."""
        if self.on:
            self._write(db, ticket.id, ticket.company, ticket.opened_at.timestamp(), texts)

    def add_all(self, db: Connection, ticket: Ticket) -> None:
        """Find the ticket by all that is kept of it, such as the conversation that it was opened from."""
        if self.on:
            self.add(db, ticket, *(passage.text for passage in self.passages.read(db, [ticket])[ticket.id]))

    def renew(self, db: Connection, ticket: Ticket) -> None:
        """The same after a text was changed or erased: what it was found by only before, finds it no more."""
        if self.on:
            self.drop(db, [ticket.id])
            self.add_all(db, ticket)

    def hear(self, db: Connection, conversation: str, *texts: str) -> None:
        """Find the tickets of a conversation by what was just said in it. One without a ticket need not call this."""
        if self.on:
            for row in db.execute(_OF_CONVERSATION, {"conversation": conversation}).all():
                self._write(db, row.id, row.company, aware(row.opened_at).timestamp(), texts)

    def drop(self, db: Connection, ids: Collection[str]) -> None:
        """Find these tickets by nothing any more; index on or off, since what is erased leaves no trace."""
        numbers = sa.select(search_tickets.c.number).where(search_tickets.c.ticket.in_(ids))
        db.execute(search_terms.delete().where(search_terms.c.number.in_(numbers)))
        db.execute(search_tickets.delete().where(search_tickets.c.ticket.in_(ids)))

    def drop_conversation(self, db: Connection, conversation: str) -> None:
        """The same for all tickets of a conversation whose texts are erased."""
        if ids := [row.id for row in db.execute(_OF_CONVERSATION, {"conversation": conversation})]:
            self.drop(db, ids)

    def clear(self, db: Connection) -> None:
        """Empty the whole index, index on or off."""
        if db.dialect.name == "postgresql":
            db.execute(sa.text(f"truncate {search_terms.name}, {search_tickets.name}"))
            return
        db.execute(search_terms.delete())
        db.execute(search_tickets.delete())

    def find(
        self, db: Connection, companies: Iterable[str], terms: Collection[str], most: int, before: int | None = None
    ) -> list[Candidate]:
        """Tickets of these companies with all terms, newest first, those before that number."""
        found: list[Candidate] = []
        if terms:
            for company in companies:
                found += self._find(db, [self.hash(company, term) for term in sorted(terms)], most, before)
        return sorted(found, key=lambda candidate: candidate.number, reverse=True)[:most]

    def hash(self, company: str, term: str) -> int:
        """The term in that company: what stands in the index. The same word of another company has another hash."""
        digest = hashlib.blake2b(f"{company}\0{term}".encode(errors="surrogatepass"), key=self.key, digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def _find(self, db: Connection, hashes: list[int], most: int, before: int | None) -> list[Candidate]:
        counted = [(count, term) for count, term in zip(self._count(db, hashes), hashes, strict=True)]
        if min(counted)[0] == 0:
            return []
        # The rarest leads: the index gives its tickets newest first, and each is looked up among those of the others.
        rarest, *others = (term for _, term in sorted(counted)[:LOOKED_UP])
        query = (
            sa.select(search_terms.c.number, search_tickets.c.ticket)
            .join(search_tickets, search_tickets.c.number == search_terms.c.number)
            .where(search_terms.c.term == rarest)
            .order_by(search_terms.c.number.desc())
            .limit(most)
        )
        for other in others:
            too = search_terms.alias()
            query = query.where(sa.exists().where(too.c.term == other, too.c.number == search_terms.c.number))
        if before is not None:
            query = query.where(search_terms.c.number < before)
        return [Candidate(row.number, row.ticket) for row in db.execute(query)]

    def _count(self, db: Connection, hashes: list[int]) -> list[int]:
        """How many tickets each term has, as far as they are counted."""
        some = [sa.select(search_terms.c.number).where(search_terms.c.term == term).limit(COUNTED).subquery() for term in hashes]
        counts = [sa.select(sa.func.count()).select_from(one).scalar_subquery() for one in some]
        return list(db.execute(sa.select(*counts)).one())

    def _write(self, db: Connection, ticket: str, company: str, opened: float, texts: Iterable[str]) -> None:
        terms = set().union(*map(list_terms, texts))
        if not terms:
            return
        number = self._number(db, ticket, opened)
        # In one order, so that two who write for the same ticket at once do not wait for each other in a circle.
        rows = [{"term": term, "number": number} for term in sorted(self.hash(company, term) for term in terms)]
        db.execute(_ADD_TERMS[db.dialect.name], rows)

    def _number(self, db: Connection, ticket: str, opened: float) -> int:
        known = db.execute(_NUMBER, {"wanted": ticket}).scalar()
        while known is None:
            # Milliseconds, then chance: tickets of the same moment are many in a test and few at a desk.
            number = (int(opened * 1000) << 20) + secrets.randbits(20)
            db.execute(_ADD_TICKET[db.dialect.name], {"number": number, "ticket": ticket})
            known = db.execute(_NUMBER, {"wanted": ticket}).scalar()
        return known


_DIALECTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_ADD_TERMS = {name: insert(search_terms).on_conflict_do_nothing() for name, insert in _DIALECTS.items()}
_ADD_TICKET = {name: insert(search_tickets).on_conflict_do_nothing() for name, insert in _DIALECTS.items()}
_NUMBER = sa.select(search_tickets.c.number).where(search_tickets.c.ticket == sa.bindparam("wanted"))
_OF_CONVERSATION = sa.select(tickets.c.id, tickets.c.company, tickets.c.opened_at).where(
    tickets.c.conversation == sa.bindparam("conversation")
)
