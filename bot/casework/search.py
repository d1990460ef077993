"""The search field: tickets by reference, person, tag and words, of the companies that somebody sees."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.delivery.services import Services
from bot.desk.errors import Forbidden
from bot.desk.person import Permission, Person
from bot.desk.queue import Someone
from bot.desk.search import PAGE_SIZE, Filters, Hit, Hits, Search, read_cursor, read_search, write_cursor
from bot.desk.search_terms import cut_snippet
from bot.desk.tags import tidy_tag
from bot.desk.ticket import Ticket
from bot.storage.finding import Before, Finding, Scope, has_tag
from bot.storage.passages import Passage
from bot.storage.tables import tickets

from .acts import Acts

#: Tickets of the index that are looked at together, in one transaction: a page, and some that may not fit.
BATCH = PAGE_SIZE + 5
#: So many are looked at for one page; what then is left is on the next.
MOST_LOOKED_AT = 400


class Searching(Acts):
    """Searches. Each search is in the audit log: of which kind it was, not for what."""

    def __init__(self, services: Services):
        super().__init__(services)
        self.finding = Finding(self.core.cipher)

    async def search(self, person: Person, typed: str, filters: Filters | None = None, cursor: str | None = None) -> Hits:
        """A page of hits, newest tickets first; `cursor` is the page's before it."""
        person.require(Permission.SEE_TICKETS)
        search, filters = read_search(typed), filters or Filters()
        if filters.company is not None and not person.may(Permission.SEE_TICKETS, filters.company):
            raise Forbidden(Forbidden.__doc__)
        scope = Scope(tuple([filters.company] if filters.company else self.companies(person)), _narrow(search, filters))
        if search.kind == "nothing":
            return Hits("nothing")
        await self.services.database.run(lambda db: self._record(db, person, search, filters))
        if search.kind == "reference" and (found := await self._by_reference(search, scope)):
            return found
        if search.kind == "tag" or (search.kind == "person" and (cursor or "t")[0] == "t"):
            before = read_cursor(cursor, tuple)
            found = await self.services.database.read(lambda db: self._listed(db, search, scope, before))
            # An address may stand in a text, too, where it is nobody's contact.
            if found.hits or search.kind == "tag" or before:
                return found
        return await self._by_words(search, scope, read_cursor(cursor, int))

    def _record(self, db: Connection, person: Person, search: Search, filters: Filters) -> None:
        detail = {"kind": search.kind, "tagged": bool(search.tags)}
        self.core.audit.append(db, person.id, "ticket.search", self.services.clock(), company=filters.company, detail=detail)

    async def _by_reference(self, search: Search, scope: Scope) -> Hits | None:
        def work(db: Connection) -> Hits | None:
            ticket = self.core.tickets.find_by_reference(db, search.text)
            rows = self.finding.by_ids(db, [ticket.id], scope) if ticket else self.finding.by_request(db, search.text, scope)
            return Hits("reference", self._hits(db, rows, "reference")) if rows else None

        return await self.services.database.read(work)

    def _listed(self, db: Connection, search: Search, scope: Scope, before: Before) -> Hits:
        if search.person:
            rows = self.finding.by_person(db, search.person, scope, before, PAGE_SIZE + 1)
        else:
            rows = self.finding.by_tags(db, _tidy(search.tags), scope, before, PAGE_SIZE + 1)
        hits = self._hits(db, rows[:PAGE_SIZE], search.kind)
        more = len(rows) > PAGE_SIZE
        return Hits(search.kind, hits, write_cursor((hits[-1].opened_at, hits[-1].id)) if more else None)

    async def _by_words(self, search: Search, scope: Scope, before: int | None) -> Hits:
        terms = search.query.terms
        if not self.core.search.on:
            return Hits(search.kind, trouble="off")
        if not terms:
            return Hits(search.kind, trouble="too_short")
        found: list[tuple[int, Hit]] = []
        looked_at, left = 0, True
        while left and len(found) <= PAGE_SIZE and looked_at < MOST_LOOKED_AT:
            some, before, left = await self.services.database.read(lambda db, at=before: self._look(db, search, scope, at))
            found += some
            looked_at += BATCH
        hits = tuple(hit for _, hit in found[:PAGE_SIZE])
        if len(found) > PAGE_SIZE:
            return Hits(search.kind, hits, write_cursor(found[PAGE_SIZE - 1][0]))
        return Hits(search.kind, hits, write_cursor(before) if left and before is not None else None)

    def _look(
        self, db: Connection, search: Search, scope: Scope, before: int | None
    ) -> tuple[list[tuple[int, Hit]], int | None, bool]:
        """Some tickets of the index, verified by their texts; the number of the last, and whether there are more."""
        candidates = self.core.search.find(db, scope.companies, search.query.terms, BATCH, before)
        if not candidates:
            return [], before, False
        rows = {row.id: row for row in self.finding.by_ids(db, [one.ticket for one in candidates], scope)}
        known = [(one.number, self.core.tickets.read(rows[one.ticket])) for one in candidates if one.ticket in rows]
        passages = self.core.search.passages.read(db, [ticket for _, ticket in known])
        right = [(number, ticket) for number, ticket in known if search.query.occurs_in(p.text for p in passages[ticket.id])]
        names = self.names(db, [ticket.assignee for _, ticket in right])
        found = [(number, self._found(ticket, names, search, passages[ticket.id])) for number, ticket in right]
        return found, candidates[-1].number, len(candidates) == BATCH

    def _found(self, ticket: Ticket, names: dict[str, str], search: Search, passages: list[Passage]) -> Hit:
        # The subject stands in the line anyway, so that a message or note tells more.
        for passage in sorted(passages, key=lambda passage: passage.kind == "subject"):
            if snippet := cut_snippet(passage.text, search.query):
                return _hit(ticket, names, passage.kind, sender=passage.sender, at=passage.at, snippet=snippet)
        return _hit(ticket, names, "subject")

    def _hits(self, db: Connection, rows: Sequence[Row], found_in: str) -> tuple[Hit, ...]:
        known = [self.core.tickets.read(row) for row in rows]
        names = self.names(db, [ticket.assignee for ticket in known])
        return tuple(_hit(ticket, names, found_in) for ticket in known)


def _narrow(search: Search, filters: Filters) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on the tickets, beside what they are searched by."""
    conditions = [tickets.c.status == filters.status] if filters.status else []
    tags = _tidy(search.tags) if search.kind != "tag" else []
    return (*conditions, *map(has_tag, [*tags, *_tidy([filters.tag] if filters.tag else [])]))


def _tidy(tags: Sequence[str]) -> list[str]:
    return [tidy_tag(tag) for tag in tags]


def _hit(ticket: Ticket, names: dict[str, str], found_in: str, **more) -> Hit:
    return Hit(
        id=ticket.id,
        reference=ticket.reference,
        subject=ticket.subject,
        company=ticket.company,
        status=ticket.status,
        priority=ticket.priority,
        assignee=Someone(ticket.assignee, names.get(ticket.assignee, "")) if ticket.assignee else None,
        opened_at=ticket.opened_at,
        updated_at=ticket.updated_at,
        found_in=found_in,
        **more,
    )
