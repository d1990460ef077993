"""Conversations and their messages: stored before anything acts on them, each effect once."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.conversation import Accepted, Conversation, Message, Turn
from bot.desk.errors import ForeignConversation, UnknownToken
from bot.desk.mail import about_customer

from .cipher import Cipher
from .database import aware
from .search import SearchIndex
from .tables import case_links, conversation_keys, conversations, messages, outbox, tickets


def new_id() -> str:
    return uuid.uuid4().hex


class Conversations:
    """All queries on conversations; every method takes the connection of the caller's transaction."""

    def __init__(self, cipher: Cipher, search: SearchIndex | None = None):
        self.cipher = cipher
        self.search = search or SearchIndex(cipher, on=False)

    def open(self, db: Connection, company: str, locale: str, channel: str, now: datetime) -> tuple[Conversation, str]:
        """A new conversation and its token, of which only a hash is kept."""
        conversation = Conversation(secrets.token_urlsafe(16), company, locale, channel)
        token = secrets.token_urlsafe(32)
        db.execute(
            conversations.insert().values(
                id=conversation.id,
                company=company,
                locale=locale,
                channel=channel,
                token_hash=self.cipher.hash(token),
                created_at=now,
                updated_at=now,
            )
        )
        return conversation, token

    def authenticate(self, db: Connection, conversation: str, token: str) -> Conversation:
        """The conversation, if the token is its own; raises UnknownToken or ForeignConversation."""
        token_hash = self.cipher.hash(token)
        row = db.execute(_BY_TOKEN, {"hash": token_hash}).first() or db.execute(_BY_KEY, {"hash": token_hash}).first()
        if row is None:
            raise UnknownToken(UnknownToken.__doc__)
        if row.id != conversation:
            raise ForeignConversation(ForeignConversation.__doc__)
        return self._conversation(db, row)

    def find(self, db: Connection, conversation: str) -> Conversation | None:
        row = db.execute(_BY_ID, {"conversation": conversation}).first()
        return self._conversation(db, row) if row else None

    def accept(
        self,
        db: Connection,
        conversation: Conversation,
        text: str,
        client_message_id: str,
        now: datetime,
        *,
        choice: dict | None = None,
        notices: Sequence[str] = (),
    ) -> Accepted:
        """Store a customer's message, and system notices about it; the same client id again finds the first.

        Raises UnknownToken if the chat was forgotten meanwhile.
        """
        # One at a time in a conversation, or the same message sent twice at once would be stored twice.
        if db.execute(_LOCK, {"conversation": conversation.id}).first() is None:
            raise UnknownToken(UnknownToken.__doc__)
        client_hash = self.cipher.hash(f"{conversation.id} {client_message_id}")
        if known := db.execute(_BY_CLIENT, {"conversation": conversation.id, "hash": client_hash}).first():
            message = self._message(known)
            replies = self._replies(db, message.id)
            return Accepted(message, conversation, not known.waiting, replies)
        message = self._append(
            db, conversation.id, "customer", {"text": text, "choice": choice}, now, client_hash=client_hash, waiting=True
        )
        if conversation.ticket:  # a chat that no ticket was opened from is not searched, and pays nothing for it
            self.search.hear(db, conversation.id, text)
        notes = tuple(self._append(db, conversation.id, "system", {"text": note}, now, in_reply_to=message.id) for note in notices)
        return Accepted(message, conversation, False, notes, first=True)

    def knows(self, db: Connection, conversation: Conversation, client_message_id: str) -> bool:
        """Whether that message of the client is stored already."""
        client_hash = self.cipher.hash(f"{conversation.id} {client_message_id}")
        return db.execute(_BY_CLIENT, {"conversation": conversation.id, "hash": client_hash}).first() is not None

    def finish(
        self,
        db: Connection,
        message: Message,
        replies: Iterable[dict],
        offers: Sequence[str],
        now: datetime,
        *,
        sender: str = "bot",
    ) -> Turn:
        """Store what came of a message; does nothing a second time."""
        if db.execute(_RELEASE, {"message": message.id}).rowcount:
            for reply in replies:
                self._append(db, message.conversation, sender, reply, now, in_reply_to=message.id)
            settled = {"conversation": message.conversation, "offered": ",".join(offers), "now": now}
            db.execute(_SETTLE, settled)
        conversation = self.find(db, message.conversation)
        assert conversation is not None
        return Turn(self._replies(db, message.id), conversation)

    def awaits_customer(self, db: Connection, conversation: str, since: datetime) -> bool:
        """Whether the chat is not forgotten and its customer has written nothing since then."""
        return db.execute(_AWAITS_CUSTOMER, {"conversation": conversation, "since": since}).first() is not None

    def list_messages(self, db: Connection, conversation: str, after: int = 0) -> tuple[Message, ...]:
        rows = db.execute(
            messages.select()
            .where(messages.c.conversation == conversation, messages.c.sequence > after)
            .order_by(messages.c.sequence)
        )
        return tuple(self._message(row) for row in rows)

    def is_waiting(self, db: Connection, message: Message) -> bool:
        """Whether a customer's message is there and has no answer yet."""
        return bool(db.execute(_IS_WAITING, {"message": message.id}).scalar())

    def list_waiting(self, db: Connection) -> list[Message]:
        """Customers' messages that have no answer yet, oldest first: where a restarted gateway goes on."""
        rows = db.execute(messages.select().where(messages.c.waiting).order_by(messages.c.sent_at, messages.c.sequence))
        return [self._message(row) for row in rows]

    def find_choice(self, db: Connection, conversation: str, payload: str) -> dict | None:
        """What a quick reply of the conversation's last answer means; None if it is not on offer any more."""
        last = db.execute(
            messages.select()
            .where(messages.c.conversation == conversation, messages.c.sender.in_(("bot", "staff")))
            .order_by(messages.c.sequence.desc())
            .limit(1)
        ).first()
        if last is None:
            return None
        rows = [last]
        if last.in_reply_to:
            rows = db.execute(messages.select().where(messages.c.in_reply_to == last.in_reply_to)).all()
        for row in rows:
            for reply in self._message(row).quick_replies:
                if secrets.compare_digest(reply["payload"].encode(), payload.encode()):
                    return reply["choice"]
        return None

    def forget(self, db: Connection, conversation: str, now: datetime) -> bool:
        """Erase a chat's texts and its keys; keep the texts while an open ticket needs them. True if erased."""
        held = db.execute(
            sa.select(tickets.c.id).where(tickets.c.conversation == conversation, tickets.c.status != "closed")
        ).first()
        db.execute(
            conversations.update()
            .where(conversations.c.id == conversation)
            .values(token_hash=None, forgotten_at=now, offers="", updated_at=now)
        )
        for table in (conversation_keys, case_links):
            db.execute(table.delete().where(table.c.conversation == conversation))
        # Mail that would lead back to the chat is not sent any more.
        waiting = (outbox.c.next_try_at.is_not(None), outbox.c.cause.startswith(about_customer(conversation), autoescape=True))
        db.execute(outbox.delete().where(*waiting))
        if not held:
            db.execute(messages.delete().where(messages.c.conversation == conversation))
            self.search.drop_conversation(db, conversation)
        return held is None

    def forget_stale(self, db: Connection, before: datetime, now: datetime, most: int = 200) -> list[str]:
        """Forget chats whose last message is older than `before` and that no open ticket needs; which they were."""
        held = sa.select(tickets.c.conversation).where(tickets.c.status != "closed")
        rows = db.execute(
            sa.select(conversations.c.id)
            .where(
                conversations.c.updated_at < before,
                conversations.c.forgotten_at.is_(None),
                conversations.c.id.not_in(held),
            )
            .limit(most)
        ).all()
        for row in rows:
            self.forget(db, row.id, now)
        return [row.id for row in rows]

    def list_unforgotten(self, db: Connection) -> list[str]:
        """Forgotten chats whose dialogue state the engine may still hold."""
        rows = db.execute(
            sa.select(conversations.c.id).where(
                conversations.c.forgotten_at.is_not(None), conversations.c.engine_forgotten.is_(False)
            )
        )
        return [row.id for row in rows]

    def mark_engine_forgot(self, db: Connection, conversation: str) -> None:
        db.execute(conversations.update().where(conversations.c.id == conversation).values(engine_forgotten=True))

    def _append(self, db: Connection, conversation: str, sender: str, body: dict, now: datetime, **columns) -> Message:
        sequence = db.execute(_NEXT_SEQUENCE, {"conversation": conversation}).scalar_one()
        buttons = tuple({**b, "payload": secrets.token_urlsafe(12)} for b in body.get("quick_replies") or ())
        message = Message(
            id=new_id(),
            conversation=conversation,
            sequence=sequence,
            sender=sender,
            text=body["text"],
            sent_at=now,
            citations=tuple(body.get("citations") or ()),
            quick_replies=buttons,
            choice=body.get("choice"),
        )
        sealed = json.dumps(
            {
                "text": message.text,
                "citations": message.citations,
                "quick_replies": message.quick_replies,
                "choice": message.choice,
            },
            ensure_ascii=False,
        )
        row = {
            "id": message.id,
            "conversation": conversation,
            "sequence": sequence,
            "sender": sender,
            "sealed_body": self.cipher.encrypt(sealed, f"message {message.id}"),
            "sent_at": now,
            **columns,
        }
        db.execute(_ADD, row)
        return message

    def _replies(self, db: Connection, message: str) -> tuple[Message, ...]:
        rows = db.execute(_REPLIES, {"message": message})
        return tuple(self._message(row) for row in rows)

    def _message(self, row: Row) -> Message:
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
            choice=body["choice"],
        )

    def _conversation(self, db: Connection, row: Row) -> Conversation:
        return Conversation(
            id=row.id,
            company=row.company,
            locale=row.locale,
            channel=row.channel,
            mode=row.mode,
            offers=tuple(offer for offer in row.offers.split(",") if offer),
            ticket={"reference": row.reference, "status": row.status} if row.reference else None,
        )


# Every turn's statements are made once: making them and finding them in SQLAlchemy's cache takes longer than they do.

#: A conversation with the newest ticket that was opened from it.
_CONVERSATION = (
    sa.select(conversations, tickets.c.reference, tickets.c.status)
    .outerjoin(tickets, tickets.c.conversation == conversations.c.id)
    .order_by(tickets.c.opened_at.desc())
    .limit(1)
)
_BY_TOKEN = _CONVERSATION.where(conversations.c.token_hash == sa.bindparam("hash"))
#: The key that a link in a mail was exchanged for; asked only if the token is no conversation's first.
_BY_KEY = _CONVERSATION.join(conversation_keys, conversation_keys.c.conversation == conversations.c.id).where(
    conversation_keys.c.token_hash == sa.bindparam("hash")
)
_BY_ID = _CONVERSATION.where(conversations.c.id == sa.bindparam("conversation"))
_BY_CLIENT = messages.select().where(
    messages.c.conversation == sa.bindparam("conversation"), messages.c.client_hash == sa.bindparam("hash")
)
_LOCK = (
    sa.select(conversations.c.id)
    .where(conversations.c.id == sa.bindparam("conversation"), conversations.c.forgotten_at.is_(None))
    .with_for_update()
)
_AWAITS_CUSTOMER = sa.select(conversations.c.id).where(
    conversations.c.id == sa.bindparam("conversation"),
    conversations.c.forgotten_at.is_(None),
    ~sa.exists().where(
        messages.c.conversation == conversations.c.id, messages.c.sender == "customer", messages.c.sent_at > sa.bindparam("since")
    ),
)
_ADD = messages.insert()
_REPLIES = messages.select().where(messages.c.in_reply_to == sa.bindparam("message")).order_by(messages.c.sequence)
_IS_WAITING = sa.select(messages.c.waiting).where(messages.c.id == sa.bindparam("message"))
_RELEASE = messages.update().where(messages.c.id == sa.bindparam("message"), messages.c.waiting).values(waiting=False)
_SETTLE = (
    conversations.update()
    .where(conversations.c.id == sa.bindparam("conversation"))
    .values(offers=sa.bindparam("offered"), updated_at=sa.bindparam("now"))
)
_NEXT_SEQUENCE = (
    conversations.update()
    .where(conversations.c.id == sa.bindparam("conversation"))
    .values(last_sequence=conversations.c.last_sequence + 1)
    .returning(conversations.c.last_sequence)
)
