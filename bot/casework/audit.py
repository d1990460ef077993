"""The audit log for privacy officers: read, filtered, exported, verified. That is recorded in it, too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.delivery.audit_heads import write_head
from bot.delivery.services import Services
from bot.desk.audit import Entry, Fault, Filter, Verdict
from bot.desk.person import Permission, Person
from bot.desk.ticket import is_reference
from bot.storage.audit_check import AuditCheck
from bot.storage.audit_heads import HeadFile
from bot.storage.audit_pages import AuditPages, Scope

log = logging.getLogger(__name__)

PAGE_SIZE = 50
EXPORT_BATCH = 1000


def check_log(core: Core, tell: Callable[[int, int], None] = lambda done, of: None) -> Verdict:
    """Verify the whole log against the heads outside, in this thread; `tell` hears how far it is."""
    heads = HeadFile(core.settings.audit_heads).read()
    return AuditCheck(core.audit, core.database.look, heads, tell=tell).run()


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as people read it."""

    entry: Entry
    actor: str  #: name of the person; customer or system as they are
    subject: str | None  #: a ticket's reference, a person's name; None for anything else


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines of the log, newest first."""

    lines: tuple[Line, ...]
    before: int | None  #: where the next page goes on; None: there is none
    actors: dict[str, str]  #: everybody that it can be narrowed to, by id
    actions: list[str]


@dataclass(frozen=True, slots=True)
class Verification:
    """The last one that was asked for in the console."""

    at: datetime
    by: str  #: name
    verdict: Verdict


@dataclass(slots=True)
class Progress:
    """A verification that runs."""

    done: int = 0
    of: int = 0

    def tell(self, done: int, of: int) -> None:
        self.done, self.of = done, of


class AuditLog:
    """Reads and verifies the log."""

    def __init__(self, services: Services):
        self.services = services
        self.core = services.core
        self.pages = AuditPages(services.core.audit)
        self.progress: Progress | None = None
        self._running: asyncio.Task[Verification] | None = None
        self._last: Verification | None = None

    async def page(self, person: Person, wanted: Filter, before: int | None = None) -> LogPage:
        """A page of what the person may see. Its first page is recorded as a look at the log, with what it was narrowed to."""
        person.require(Permission.READ_AUDIT)

        def look(db: Connection) -> LogPage:
            found, scope = self._find(db, wanted), self._scope(db, person)
            entries = self.pages.list(db, found, scope, before, PAGE_SIZE + 1) if found else []
            people = self.core.people.list(db)
            shown = entries[:PAGE_SIZE]
            return LogPage(
                lines=tuple(self._lines(db, shown)),
                before=shown[-1].number if len(entries) > PAGE_SIZE else None,
                actors={one.id: one.name for one in people if scope is None or one.id in scope.people},
                actions=self.pages.actions(db),
            )

        page = await self.core.database.read(look)
        if before is None:
            await self.core.database.run(lambda db: self._record(db, person, "audit.read", wanted.described()))
        return page

    async def export(self, person: Person, wanted: Filter) -> AsyncIterator[list[Line]]:
        """All that the person may see of what is wanted, newest first, some at a time; recorded before the first leaves."""
        person.require(Permission.READ_AUDIT)

        def begin(db: Connection) -> tuple[int, Filter | None, Scope | None]:
            found, scope = self._find(db, wanted), self._scope(db, person)
            return self._record(db, person, "audit.export", wanted.described()).number, found, scope

        before, found, scope = await self.core.database.run(begin)

        def read(db: Connection) -> list[Line]:
            assert found is not None
            return self._lines(db, self.pages.list(db, found, scope, before, EXPORT_BATCH))

        while found and (lines := await self.core.database.read(read)):
            yield lines
            before = lines[-1].entry.number

    async def last_verification(self, person: Person) -> Verification | None:
        """When the log was verified last from the console, and what was found."""
        person.require(Permission.READ_AUDIT)
        if self._last:
            return self._last

        def work(db: Connection) -> Verification | None:
            entry = self.pages.last(db, "audit.verify")
            if entry is None:
                return None
            detail = entry.detail
            fault = Fault(**detail["fault"]) if detail["fault"] else None
            verdict = Verdict(detail["entries"], detail["heads"], fault, tuple(detail["unreadable"]))
            return Verification(entry.moment, self._names(db, {entry.actor}).get(entry.actor, entry.actor), verdict)

        return await self.core.database.read(work)

    async def verify(self, person: Person, patience: float) -> Verification | None:
        """Verify the log; None where that takes longer than one wants to wait, and then it goes on by itself."""
        person.require(Permission.READ_AUDIT)
        if self._running is None:
            self._running = asyncio.create_task(self._verify(person))
        running = self._running
        done, _ = await asyncio.wait({running}, timeout=patience)
        return running.result() if done else None

    async def _verify(self, person: Person) -> Verification:
        self.progress = Progress()
        try:
            await write_head(self.services)  # what is there now is vouched for from now on
            verdict = await asyncio.to_thread(check_log, self.core, self.progress.tell)
            found = Verification(self.services.clock(), person.name, verdict)
            self._last = found
            fault = verdict.fault and {"kind": verdict.fault.kind, "first": verdict.fault.first, "last": verdict.fault.last}
            detail = {"entries": verdict.entries, "heads": verdict.heads, "fault": fault, "unreadable": list(verdict.unreadable)}
            try:
                await self.core.database.run(lambda db: self._record(db, person, "audit.verify", detail))
            except Exception as error:
                # A log whose end is broken takes no more entries; what was found is shown all the same.
                log.error("a verification of the audit log could not be recorded: %s", type(error).__name__)
            return found
        finally:
            self.progress = self._running = None

    def _record(self, db: Connection, person: Person, action: str, detail: dict) -> Entry:
        return self.core.audit.append(db, person.id, action, self.services.clock(), detail=detail)

    def _find(self, db: Connection, wanted: Filter) -> Filter | None:
        """The filter with a ticket's id in place of its reference; None if there is no such ticket."""
        if wanted.subject is None or not is_reference(wanted.subject):
            return wanted
        ticket = self.core.tickets.find_by_reference(db, wanted.subject)
        return replace(wanted, subject=ticket.id) if ticket else None

    def _scope(self, db: Connection, person: Person) -> Scope | None:
        """The person's companies, and everybody who works for one of them; None for who sees all."""
        if person.all_companies:
            return None
        mine = {company.key for company in self.core.library.companies() if person.sees(company.key)}
        near = [one.id for one in self.core.people.list(db) if one.all_companies or one.companies & mine]
        return Scope(sorted(mine), sorted({person.id, *near}))

    def _lines(self, db: Connection, entries: list[Entry]) -> list[Line]:
        subjects = {entry.subject for entry in entries if entry.subject}
        names = self._names(db, {entry.actor for entry in entries} | subjects)
        known = {**names, **self.pages.references(db, subjects)}
        return [Line(entry, names.get(entry.actor, entry.actor), known.get(entry.subject or "")) for entry in entries]

    def _names(self, db: Connection, ids: set[str]) -> dict[str, str]:
        return self.core.people.names(db, ids) if ids else {}
