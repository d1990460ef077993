"""The messages of conversations: written in order, their texts encrypted."""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.conversation import Message

from .cipher import Cipher
from .database import aware
from .tables import conversations, messages


def new_id() -> str:
    return uuid.uuid4().hex


class Messages:
    """All queries on messages; every method takes the connection of the caller's transaction."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def add(
        self, db: Connection, conversation: str, sender: str, body: dict, now: datetime, *, id: str | None = None, **columns: object
    ) -> Message:
        """Store the conversation's next message; it holds the conversation until the transaction is over."""
        sequence = db.execute(_NEXT_SEQUENCE, {"conversation": conversation}).scalar_one()
        buttons = tuple({**b, "payload": secrets.token_urlsafe(12)} for b in body.get("quick_replies") or ())
        message = Message(
            id=id or new_id(),
            conversation=conversation,
            sequence=sequence,
            sender=sender,
            text=body["text"],
            sent_at=now,
            citations=tuple(body.get("citations") or ()),
            quick_replies=buttons,
            attachments=tuple(body.get("attachments") or ()),
            choice=body.get("choice"),
            author=columns.get("author"),
            author_name=body.get("author_name") or "",
        )
        row = {
            "id": message.id,
            "conversation": conversation,
            "sequence": sequence,
            "sender": sender,
            "sealed_body": self.cipher.encrypt(_write(message), f"message {message.id}"),
            "sent_at": now,
            **columns,
        }
        db.execute(_ADD, row)
        return message

    def find(self, db: Connection, message: str) -> Message | None:
        row = db.execute(messages.select().where(messages.c.id == message)).first()
        return self.read(row) if row else None

    def list(self, db: Connection, conversation: str, after: int = 0) -> tuple[Message, ...]:
        """Those after a sequence, in order."""
        rows = db.execute(
            messages.select()
            .where(messages.c.conversation == conversation, messages.c.sequence > after)
            .order_by(messages.c.sequence)
        )
        return tuple(self.read(row) for row in rows)

    def list_replies(self, db: Connection, message: str) -> tuple[Message, ...]:
        """What came of a customer's message."""
        return tuple(self.read(row) for row in db.execute(_REPLIES, {"message": message}))

    def find_last(self, db: Connection, conversation: str, *senders: str) -> Message | None:
        """The last message of one of these senders."""
        row = self._find_last(db, conversation, senders)
        return self.read(row) if row else None

    def find_choice(self, db: Connection, conversation: str, payload: str) -> dict | None:
        """What a quick reply of the conversation's last answer means; None if it is not on offer any more."""
        last = self._find_last(db, conversation, ("bot", "staff"))
        if last is None:
            return None
        rows = [last]
        if last.in_reply_to:
            rows = db.execute(_REPLIES, {"message": last.in_reply_to}).all()
        for row in rows:
            for reply in self.read(row).quick_replies:
                if secrets.compare_digest(reply["payload"].encode(), payload.encode()):
                    return reply["choice"]
        return None

    def read(self, row: Row) -> Message:
        """A row as a message."""
        body = json.loads(self.cipher.decrypt(row.sealed_body, f"message {row.id}"))
        return Message(
            id=row.id,
            conversation=row.conversation,
            sequence=row.sequence,
            sender=row.sender,
            text=body["text"],
            sent_at=aware(row.sent_at),
            citations=tuple(body["citations"]),
            quick_replies=tuple(body["quick_replies"]),
            attachments=tuple(body.get("attachments") or ()),
            choice=body["choice"],
            author=row.author,
            author_name=body.get("author_name") or "",
        )

    def _find_last(self, db: Connection, conversation: str, senders: tuple[str, ...]) -> Row | None:
        query = messages.select().where(messages.c.conversation == conversation, messages.c.sender.in_(senders))
        return db.execute(query.order_by(messages.c.sequence.desc()).limit(1)).first()


def _write(message: Message) -> str:
    """The body that is encrypted; what most messages do not have is left out."""
    body = {
        "text": message.text,
        "citations": message.citations,
        "quick_replies": message.quick_replies,
        "choice": message.choice,
    }
    if message.attachments:
        body["attachments"] = message.attachments
    if message.author_name:
        body["author_name"] = message.author_name
    return json.dumps(body, ensure_ascii=False)


# Every turn's statements are made once: making them and finding them in SQLAlchemy's cache takes longer than they do.
_ADD = messages.insert()
_REPLIES = messages.select().where(messages.c.in_reply_to == sa.bindparam("message")).order_by(messages.c.sequence)
_NEXT_SEQUENCE = (
    conversations.update()
    .where(conversations.c.id == sa.bindparam("conversation"))
    .values(last_sequence=conversations.c.last_sequence + 1)
    .returning(conversations.c.last_sequence)
)
