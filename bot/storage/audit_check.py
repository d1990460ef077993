"""Verifies the audit log: recomputes every code from the first entry on, and names the first place that does not hold."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlalchemy.engine import Connection, Row

from bot.desk.audit import BEGINNING, Fault, Head, Verdict, chain

from .audit import Audit, place_of
from .audit_heads import Heads
from .cipher import WrongKey

T = TypeVar("T")
Transact = Callable[[Callable[[Connection], T]], T]


class AuditCheck:
    """One verification. The log may grow meanwhile: what is added is verified, too."""

    def __init__(self, audit: Audit, transact: Transact, heads: Heads, *, tell: Callable[[int, int], None] = lambda done, of: None):
        self.audit = audit
        self.transact = transact
        self.heads = heads
        self.tell = tell
        self._agreed = 0
        self._count = 0
        self._head: Head | None = None

    def run(self) -> Verdict:
        """Read the whole log, some rows at a time, so that nobody who writes has to wait."""
        outside: dict[int, list[bytes]] = {}
        for head in self.heads.heads:
            outside.setdefault(head.number, []).append(head.mac)
        number, mac = 0, BEGINNING
        for row in self._walk():
            if fault := self._look(row, number + 1, mac):
                return self._verdict(number, fault)
            number, mac = row.number, bytes(row.mac)
            known = outside.get(number, [])
            if any(not hmac.compare_digest(mac, one) for one in known):
                return self._verdict(self._agreed, Fault("replaced", self._agreed + 1, number))
            if known:
                self._agreed, self._count = number, self._count + len(known)
        return self._verdict(number, self._look_at_end(Head(number, mac)))

    def _walk(self) -> Iterator[Row]:
        """Every row in order, those included that are added before the last was reached."""
        after = None
        while True:
            rows = self.transact(lambda db, after=after: self.audit.rows(db, after))
            yield from rows
            head, highest = self.transact(self.audit.end)
            if rows:
                after = rows[-1].number
                self.tell(after, max(after, highest))
            elif highest <= (after or 0):
                self._head = head
                return

    def _look(self, row: Row, number: int, before: bytes) -> Fault | None:
        """What is wrong with the row that should be entry `number`."""
        if row.number == number and self._fits(row, before):
            return None
        if row.number < 1:
            return Fault("inserted", row.number, row.number)
        if row.number > number:
            # The number itself may have been changed, of this row or of one behind it.
            moved = self._opens(row, number) or self._find(number, row.number) is not None
            return Fault("order", number, number) if moved else Fault("removed", number, row.number - 1)
        if self._opens(row, number):
            return Fault("edited", number, number)
        # Each row's detail opens only under the number that it was written with: that tells where a row comes from.
        origin = self._origin(row)
        if self._find(number, number) is not None:
            elsewhere = origin is not None and (origin < number or self._find(origin, number) is not None)
            return Fault("order" if origin is not None and not elsewhere else "inserted", number, number)
        if origin is not None and origin > number:
            return Fault("removed", number, number)
        head, _ = self.transact(self.audit.end)
        return Fault("inserted" if head and head.number < number else "edited", number, number)

    def _look_at_end(self, last: Head) -> Fault | None:
        """What is wrong after the last row: entries that are known to have been there, or a head that is another's."""
        highest = max([head.number for head in self.heads.heads] + [self._head.number if self._head else 0])
        if highest > last.number:
            return Fault("cut_off" if last.number else "emptied", last.number + 1, highest)
        if (self._head or Head(0, BEGINNING)) != last:
            return Fault("head", last.number, last.number)
        if last.number and not self.heads.heads:
            return Fault("no_heads", last.number, last.number)
        return None

    def _fits(self, row: Row, before: bytes) -> bool:
        try:
            return hmac.compare_digest(chain(self.audit.key, before, self.audit.read(row)), bytes(row.mac))
        except (WrongKey, ValueError, TypeError):
            return False

    def _opens(self, row: Row, number: int) -> bool:
        try:
            self.audit.cipher.decrypt(row.sealed_detail, place_of(number))
        except WrongKey:
            return False
        return True

    def _origin(self, row: Row) -> int | None:
        """The number that a row was written with; None where nobody with the key wrote it."""
        highest = max(self.transact(self.audit.end)[1], *(head.number for head in self.heads.heads), 1)
        # One more for every entry that may have been removed before it was numbered anew.
        return next((number for number in range(1, 2 * highest + 1) if self._opens(row, number)), None)

    def _find(self, number: int, after: int) -> int | None:
        """Where behind a place the entry stands that was written as `number`."""
        last: int | None = after
        while rows := self.transact(lambda db, last=last: self.audit.rows(db, last)):
            for row in rows:
                if self._opens(row, number):
                    return row.number
            last = rows[-1].number
        return None

    def _verdict(self, entries: int, fault: Fault | None) -> Verdict:
        return Verdict(entries, self._count, fault, self.heads.unreadable)
