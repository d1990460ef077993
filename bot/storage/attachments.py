"""Files of a conversation, encrypted with their names; each belongs to the message that it was sent with."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.files import File, find_media_type, tidy_name

from .cipher import Cipher
from .database import aware
from .tables import attachments


class Attachments:
    """All queries on files."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def seal(
        self, conversation: str, name: str, content: bytes, now: datetime, *, uploaded_by: str | None = None, id: str | None = None
    ) -> tuple[File, bytes]:
        """A file that is to be added, and its encrypted content: the slow part, done before the transaction.

        Raises FileNotTaken or FileTooLarge.
        """
        media_type = find_media_type(content)
        file = File(
            id=id or uuid.uuid4().hex,
            conversation=conversation,
            name=tidy_name(name, media_type),
            media_type=media_type,
            size=len(content),
            created_at=now,
            uploaded_by=uploaded_by,
        )
        return file, self.cipher.encrypt_bytes(content, f"file {file.id}")

    def add(self, db: Connection, file: File, sealed: bytes, *, message: str | None = None) -> None:
        """Store a sealed file, with its message where it has one already."""
        db.execute(
            attachments.insert().values(
                id=file.id,
                conversation=file.conversation,
                message=message,
                media_type=file.media_type,
                size=file.size,
                sealed_name=self.cipher.encrypt(file.name, f"file name {file.id}"),
                sealed_content=sealed,
                uploaded_by=file.uploaded_by,
                created_at=file.created_at,
            )
        )

    def find(self, db: Connection, file: str) -> File | None:
        row = db.execute(_FILES.where(attachments.c.id == file)).first()
        return self._file(row) if row else None

    def read(self, db: Connection, file: str) -> bytes:
        """The sealed content; `unseal` opens it outside of the transaction."""
        return db.execute(sa.select(attachments.c.sealed_content).where(attachments.c.id == file)).scalar_one()

    def unseal(self, file: File, sealed: bytes) -> bytes:
        return self.cipher.decrypt_bytes(sealed, f"file {file.id}")

    def list(self, db: Connection, conversation: str) -> list[File]:
        """All files of a conversation, oldest first."""
        query = _FILES.where(attachments.c.conversation == conversation)
        return [self._file(row) for row in db.execute(query.order_by(attachments.c.created_at, attachments.c.id))]

    def count(self, db: Connection, conversation: str) -> int:
        """How many the customer has sent."""
        query = sa.select(sa.func.count()).where(attachments.c.conversation == conversation, attachments.c.uploaded_by.is_(None))
        return db.execute(query).scalar_one()

    def list_unsent(self, db: Connection, conversation: str, uploaded_by: str | None = None) -> list[File]:
        """Those that the customer, or somebody of the desk, has uploaded and not sent yet."""
        return [file for file in self.list(db, conversation) if file.message is None and file.uploaded_by == uploaded_by]

    def bind(self, db: Connection, files: Collection[str], message: str) -> None:
        """They were sent with that message."""
        db.execute(attachments.update().where(attachments.c.id.in_(files), attachments.c.message.is_(None)).values(message=message))

    def drop(self, db: Connection, file: str) -> bool:
        """Erase one that was not sent; whether there was one."""
        return bool(db.execute(attachments.delete().where(attachments.c.id == file, attachments.c.message.is_(None))).rowcount)

    def drop_conversation(self, db: Connection, conversation: str) -> None:
        """Erase all of a conversation."""
        db.execute(attachments.delete().where(attachments.c.conversation == conversation))

    def drop_unsent(self, db: Connection, before: datetime) -> int:
        """Erase those that were uploaded before then and never sent; how many."""
        return db.execute(
            attachments.delete().where(attachments.c.message.is_(None), attachments.c.created_at < before)
        ).rowcount

    def _file(self, row: Row) -> File:
        return File(
            id=row.id,
            conversation=row.conversation,
            name=self.cipher.decrypt(row.sealed_name, f"file name {row.id}"),
            media_type=row.media_type,
            size=row.size,
            created_at=aware(row.created_at),
            message=row.message,
            uploaded_by=row.uploaded_by,
        )


#: Without the content, which is large.
_FILES = sa.select(*(column for column in attachments.c if column.name != "sealed_content"))
