"""Requests as cases: with the chat and the ticket that they belong to, held by law or not, and which of them time is up for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.request import FINAL, Request, State

from .requests import Requests, read_request
from .tables import conversations, erasures, requests, tickets

_FINAL = [state.value for state in FINAL]
#: Where the sealed reason of a legal hold stands.
_HOLD = "legal hold"


@dataclass(frozen=True, slots=True)
class Kept:
    """A request with what it belongs to."""

    request: Request
    reference: str | None  #: None until it is submitted
    conversation: str
    ticket: str | None
    locale: str
    held: bool
    erased: bool
    forgotten: bool = False  #: its chat: nobody can be told there any more


class RequestCases:
    """All queries on requests as cases; every method takes the connection of the caller's transaction."""

    def __init__(self, requests: Requests):
        self.requests = requests

    def find(self, db: Connection, request: str) -> Kept | None:
        return self._first(db, requests.c.id == request)

    def find_by_reference(self, db: Connection, reference: str) -> Kept | None:
        return self._first(db, requests.c.reference == reference)

    def find_by_ticket(self, db: Connection, ticket: str) -> Kept | None:
        """The newest request of a ticket: of its own, or of the chat that it was opened from."""
        chat = sa.select(tickets.c.conversation).where(tickets.c.id == ticket).scalar_subquery()
        of_chat = sa.and_(requests.c.ticket.is_(None), requests.c.conversation == chat)
        return self._first(db, sa.or_(requests.c.ticket == ticket, of_chat))

    def hold(self, db: Connection, request: str, reason: str) -> None:
        """Nothing of it is erased until the hold is lifted; raises Erased where nothing is left."""
        sealed = self.requests.vault.seal(db, request, _HOLD, reason.encode())
        db.execute(requests.update().where(requests.c.id == request).values(held_because=sealed))

    def release(self, db: Connection, request: str) -> None:
        db.execute(requests.update().where(requests.c.id == request).values(held_because=None))

    def read_hold(self, db: Connection, request: str) -> str | None:
        """Why it is held; raises Erased."""
        sealed = db.execute(sa.select(requests.c.held_because).where(requests.c.id == request)).scalar()
        return self.requests.vault.open(db, request, _HOLD, sealed).decode() if sealed else None

    def list_ended(self, db: Connection, company: str, before: datetime, download: timedelta, most: int) -> list[Kept]:
        """What retention is to erase of a company: ended before that moment, or never submitted; oldest first.

        An answer that is fetched by download is there for so long at least. What a legal hold stops is not in it.
        """
        by_download = requests.c.evidence["answer_method"].as_string() == "download"
        over = sa.or_(
            requests.c.submitted_at.is_(None),
            sa.and_(requests.c.changed_at < before, sa.or_(sa.not_(by_download), requests.c.changed_at < before - download)),
        )
        return self._list(db, most, requests.c.company == company, requests.c.state.in_(_FINAL), over)

    def list_held(self, db: Connection, company: str, before: datetime, most: int) -> list[Kept]:
        """What would be erased if no legal hold stopped it."""
        where = (requests.c.company == company, requests.c.state.in_(_FINAL), requests.c.changed_at < before)
        return self._list(db, most, *where, held=True)

    def list_left(self, db: Connection, states: frozenset[State], before: datetime, most: int) -> list[Kept]:
        """Requests that have stood in these states since before that moment, and in whose chats nothing was said since.

        A request in a chat that was forgotten before it was submitted is left, too.
        """
        forgotten = sa.and_(requests.c.state == State.COLLECTING.value, conversations.c.forgotten_at.is_not(None))
        idle = sa.and_(requests.c.changed_at < before, conversations.c.updated_at < before)
        return self._list(db, most, requests.c.state.in_([state.value for state in states]), sa.or_(idle, forgotten))

    def _list(self, db: Connection, most: int, *where: sa.ColumnElement[bool], held: bool = False) -> list[Kept]:
        hold = requests.c.held_because.is_not(None) if held else requests.c.held_because.is_(None)
        query = _CASE.where(*where, hold, erasures.c.request.is_(None))
        return [_read(row) for row in db.execute(query.order_by(requests.c.changed_at, requests.c.id).limit(most))]

    def _first(self, db: Connection, where: sa.ColumnElement[bool]) -> Kept | None:
        row = db.execute(_CASE.where(where).order_by(requests.c.opened_at.desc()).limit(1)).first()
        return _read(row) if row else None


_CASE = (
    sa.select(requests, erasures.c.erased_at, conversations.c.forgotten_at)
    .join(conversations, conversations.c.id == requests.c.conversation)
    .outerjoin(erasures, erasures.c.request == requests.c.id)
)


def _read(row: Row) -> Kept:
    return Kept(
        request=read_request(row),
        reference=row.reference,
        conversation=row.conversation,
        ticket=row.ticket,
        locale=row.locale,
        held=row.held_because is not None,
        erased=row.erased_at is not None,
        forgotten=row.forgotten_at is not None,
    )
