"""Verified requests: their state in the open, what was typed under a key of each request's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.conversation import Conversation
from bot.desk.errors import RequestChanged
from bot.desk.request import Evidence, Mover, Needs, Request, State, advance

from .conversations import new_id
from .database import aware
from .references import free_reference
from .tables import contact_codes, conversations, erasures, request_fields, request_moves, requests
from .vault import Vault


class Requests:
    """All queries on requests; every method takes the connection of the caller's transaction."""

    def __init__(self, vault: Vault):
        self.vault = vault

    def open(self, db: Connection, conversation: Conversation, kind: str, needs: Needs, now: datetime) -> Request:
        """The conversation's request of that kind that is being filled in, or a new one with a key of its own."""
        db.execute(sa.select(conversations.c.id).where(conversations.c.id == conversation.id).with_for_update())
        row = db.execute(
            requests.select().where(
                requests.c.conversation == conversation.id, requests.c.kind == kind, requests.c.state == State.COLLECTING
            )
        ).first()
        if row:
            return read_request(row)
        request = Request(new_id(), conversation.company, kind, needs, opened_at=now, changed_at=now)
        db.execute(
            requests.insert().values(
                id=request.id,
                company=request.company,
                conversation=conversation.id,
                kind=kind,
                state=request.state.value,
                needs=asdict(needs),
                evidence=_plain(request.evidence),
                locale=conversation.locale,
                opened_at=now,
                changed_at=now,
                version=request.version,
            )
        )
        self.vault.add_key(db, request.id)
        return request

    def find(self, db: Connection, request: str) -> Request | None:
        row = db.execute(requests.select().where(requests.c.id == request)).first()
        return read_request(row) if row else None

    def find_by_conversation(self, db: Connection, conversation: str) -> Request | None:
        """The newest request of a conversation."""
        row = db.execute(
            requests.select().where(requests.c.conversation == conversation).order_by(requests.c.opened_at.desc()).limit(1)
        ).first()
        return read_request(row) if row else None

    def find_by_reference(self, db: Connection, reference: str) -> Request | None:
        row = db.execute(requests.select().where(requests.c.reference == reference)).first()
        return read_request(row) if row else None

    def reference_of(self, db: Connection, request: str) -> str | None:
        """What it is called over the telephone, once it was submitted."""
        return db.execute(sa.select(requests.c.reference).where(requests.c.id == request)).scalar()

    def move(
        self,
        db: Connection,
        request: Request,
        move: str,
        mover: Mover,
        now: datetime,
        shown: Mapping[str, object] | None = None,
        person: str | None = None,
    ) -> Request:
        """Move a request as it was read; raises MoveNotAllowed, EvidenceMissing, or RequestChanged if it moved meanwhile."""
        moved = advance(request, move, mover, now, shown)
        values = {
            "state": moved.state.value,
            "evidence": _plain(moved.evidence),
            "submitted_at": moved.submitted_at,
            "changed_at": now,
            "version": moved.version,
        }
        if move == "submit":
            values["reference"] = free_reference(db)
        done = db.execute(
            requests.update().where(requests.c.id == request.id, requests.c.version == request.version).values(**values)
        )
        if not done.rowcount:
            raise RequestChanged(RequestChanged.__doc__)
        db.execute(
            request_moves.insert().values(
                request=request.id,
                version=moved.version,
                move=move,
                source=request.state.value,
                target=moved.state.value,
                mover=mover.value,
                person=person,
                at=now,
            )
        )
        return moved

    def put_field(self, db: Connection, request: str, name: str, value: str, message: str | None = None) -> None:
        """Keep an answer; a later one takes its place."""
        sealed = self.vault.seal(db, request, name, value.encode())
        db.execute(request_fields.delete().where(request_fields.c.request == request, request_fields.c.name == name))
        db.execute(request_fields.insert().values(request=request, name=name, sealed_value=sealed, message=message))

    def read_fields(self, db: Connection, request: str) -> dict[str, str]:
        """Everything that was answered, by name; raises Erased."""
        rows = db.execute(request_fields.select().where(request_fields.c.request == request).order_by(request_fields.c.name))
        return {row.name: self.vault.open(db, request, row.name, row.sealed_value).decode() for row in rows}

    def list_moves(self, db: Connection, request: str) -> list[Row]:
        """The moves in their order."""
        return list(db.execute(request_moves.select().where(request_moves.c.request == request).order_by(request_moves.c.version)))

    def erase(self, db: Connection, request: str, rule: str, now: datetime) -> bool:
        """Erase what a request held, by its key, and keep the proof; False if a legal hold stops it or nothing was left."""
        row = db.execute(requests.select().where(requests.c.id == request).with_for_update()).first()
        if row is None or row.held_because is not None or not self.vault.erase_key(db, request):
            return False
        for table in (request_fields, contact_codes):
            db.execute(table.delete().where(table.c.request == request))
        db.execute(requests.update().where(requests.c.id == request).values(contact_hash=None))
        db.execute(
            erasures.insert().values(request=request, company=row.company, kind=row.kind, rule=rule, erased_at=now)
        )
        return True


def _plain(evidence: Evidence) -> dict:
    """As JSON keeps it."""
    values = {field.name: getattr(evidence, field.name) for field in fields(Evidence)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def read_request(row: Row) -> Request:
    """A row as the request that it is."""
    evidence = {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value for name, value in row.evidence.items()
    }
    return Request(
        id=row.id,
        company=row.company,
        kind=row.kind,
        needs=Needs(**row.needs),
        state=State(row.state),
        evidence=Evidence(**evidence),
        opened_at=aware(row.opened_at),
        submitted_at=row.submitted_at and aware(row.submitted_at),
        changed_at=aware(row.changed_at),
        version=row.version,
    )
