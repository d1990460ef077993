"""Conversations and their messages: stored before anything acts on them, each effect once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.conversation import Accepted, Conversation, Message, Turn
from bot.desk.errors import ForeignConversation, UnknownToken

from .attachments import Attachments
from .calls import Calls
from .cipher import Cipher
from .forgetting import Forgetting
from .messages import Messages, new_id
from .outcomes import note_outcome
from .search import SearchIndex
from .tables import conversation_keys, conversations, messages, tickets

__all__ = ["Conversations", "new_id"]


class Conversations(Forgetting):
    """All queries on conversations; every method takes the connection of the caller's transaction."""

    def __init__(self, cipher: Cipher, search: SearchIndex | None = None):
        self.cipher = cipher
        self.search = search or SearchIndex(cipher, on=False)
        self.messages = Messages(cipher)
        self.attachments = Attachments(cipher)
        self.calls = Calls()

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
            message = self.messages.read(known)
            return Accepted(message, conversation, not known.waiting, self.messages.list_replies(db, message.id))
        files = self.attachments.list_unsent(db, conversation.id) if conversation.has_open_ticket else []
        body = {"text": text, "choice": choice, "attachments": [file.as_dict() for file in files]}
        message = self.messages.add(db, conversation.id, "customer", body, now, client_hash=client_hash, waiting=True)
        if files:
            self.attachments.bind(db, [file.id for file in files], message.id)
        if conversation.ticket:  # a chat that no ticket was opened from is not searched, and pays nothing for it
            self.search.hear(db, conversation.id, text)
        notes = tuple(self.tell(db, conversation.id, note, now, in_reply_to=message.id) for note in notices)
        return Accepted(message, conversation, False, notes, first=True)

    def knows(self, db: Connection, conversation: Conversation, client_message_id: str) -> bool:
        """Whether that message of the client is stored already."""
        client_hash = self.cipher.hash(f"{conversation.id} {client_message_id}")
        return db.execute(_BY_CLIENT, {"conversation": conversation.id, "hash": client_hash}).first() is not None

    def settle(
        self, db: Connection, message: Message, replies: Iterable[dict], offers: Sequence[str], now: datetime, *, mode: str = "bot"
    ) -> bool | None:
        """Store what came of a message that was dealt with in that mode; whether it was not settled before.

        A reply of the bot is dropped where a person has taken over meanwhile. None: the message was for a person, who
        has given the chat back meanwhile, so that the bot has to answer it.
        """
        if not db.execute(_RELEASE, {"message": message.id}).rowcount:
            return False
        settled = {"conversation": message.conversation, "offered": ",".join(offers), "now": now}
        row = db.execute(_SETTLE, settled).one()
        if row.mode == "bot" and mode == "human":
            db.execute(_WAIT, {"message": message.id})
            return None
        if row.mode == "bot":
            said = [self.messages.add(db, message.conversation, "bot", reply, now, in_reply_to=message.id) for reply in replies]
            if said:
                note_outcome(db, message, replies, row, now)
                if row.returned:
                    db.execute(_HEARD, {"conversation": message.conversation})
        return True

    def turn(self, db: Connection, message: Message) -> Turn:
        """All that has come of a message, and the conversation as it is now."""
        conversation = self.find(db, message.conversation)
        assert conversation is not None
        return Turn(self.messages.list_replies(db, message.id), conversation)

    def finish(self, db: Connection, message: Message, replies: Iterable[dict], offers: Sequence[str], now: datetime) -> Turn:
        """Store what the bot has made of a message; does nothing a second time."""
        self.settle(db, message, list(replies), offers, now)
        return self.turn(db, message)

    def tell(self, db: Connection, conversation: str, text: str, now: datetime, *, in_reply_to: str | None = None) -> Message:
        """A message of the system's own."""
        return self.messages.add(db, conversation, "system", {"text": text}, now, in_reply_to=in_reply_to)

    def say(self, db: Connection, conversation: str, body: dict, now: datetime, *, id: str, author: str) -> Message:
        """A person's reply. It offers nothing, so that nothing is on offer any more."""
        message = self.messages.add(db, conversation, "staff", body, now, id=id, author=author)
        db.execute(conversations.update().where(conversations.c.id == conversation).values(offers="", updated_at=now))
        self.search.hear(db, conversation, message.text)
        return message

    def set_mode(self, db: Connection, conversation: str, mode: str, now: datetime) -> None:
        """Who answers from now on; the engine hears with the next message that a person was there."""
        values = {"mode": mode, "offers": "", "updated_at": now}
        if mode == "bot":
            values["returned"] = True
        db.execute(conversations.update().where(conversations.c.id == conversation, conversations.c.mode != mode).values(values))

    def awaits_customer(self, db: Connection, conversation: str, since: datetime) -> bool:
        """Whether the chat is not forgotten and its customer has written nothing since then."""
        return db.execute(_AWAITS_CUSTOMER, {"conversation": conversation, "since": since}).first() is not None

    def list_messages(self, db: Connection, conversation: str, after: int = 0) -> tuple[Message, ...]:
        return self.messages.list(db, conversation, after)

    def is_waiting(self, db: Connection, message: Message) -> bool:
        """Whether a customer's message is there and has no answer yet."""
        return bool(db.execute(_IS_WAITING, {"message": message.id}).scalar())

    def list_waiting(self, db: Connection) -> list[Message]:
        """Customers' messages that have no answer yet, oldest first: where a restarted gateway goes on."""
        rows = db.execute(messages.select().where(messages.c.waiting).order_by(messages.c.sent_at, messages.c.sequence))
        return [self.messages.read(row) for row in rows]

    def _conversation(self, db: Connection, row: Row) -> Conversation:
        called = row.called_at is not None and row.mode == "human"
        return Conversation(
            id=row.id,
            company=row.company,
            locale=row.locale,
            channel=row.channel,
            mode=row.mode,
            offers=tuple(offer for offer in row.offers.split(",") if offer),
            ticket=self._ticket(db, row, called) if row.reference else None,
            ticket_id=row.ticket,
            called=called,
            returned=row.returned,
            forgotten=row.forgotten_at is not None,
        )

    def _ticket(self, db: Connection, row: Row, called: bool) -> dict:
        contact = json.loads(self.cipher.decrypt(row.sealed_contact, f"contact {row.own_ticket}")) if row.sealed_contact else {}
        return {
            "reference": row.reference,
            "status": row.status,
            "ahead": self.calls.count_ahead(db, row.ticket) if called and row.assignee is None else None,
            "rating": row.rating,
            "email_left": bool(contact.get("email")),
        }


# Every turn's statements are made once: making them and finding them in SQLAlchemy's cache takes longer than they do.

_opened = tickets.alias("opened")
#: A conversation with its ticket: the newest that was opened from it, or the one that this was merged into.
_CONVERSATION = (
    sa.select(
        conversations,
        tickets.c.id.label("ticket"),
        tickets.c.reference,
        tickets.c.status,
        tickets.c.assignee,
        tickets.c.called_at,
        tickets.c.rating,
        # Each customer's own: cases that were merged may be of two people.
        _opened.c.id.label("own_ticket"),
        _opened.c.sealed_contact,
    )
    .outerjoin(_opened, _opened.c.conversation == conversations.c.id)
    .outerjoin(tickets, tickets.c.id == sa.func.coalesce(_opened.c.merged_into, _opened.c.id))
    .order_by(_opened.c.status == "closed", _opened.c.opened_at.desc())
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
_IS_WAITING = sa.select(messages.c.waiting).where(messages.c.id == sa.bindparam("message"))
_RELEASE = messages.update().where(messages.c.id == sa.bindparam("message"), messages.c.waiting).values(waiting=False)
_WAIT = messages.update().where(messages.c.id == sa.bindparam("message")).values(waiting=True)
_SETTLE = (
    conversations.update()
    .where(conversations.c.id == sa.bindparam("conversation"))
    .values(
        offers=sa.case((conversations.c.mode == "bot", sa.bindparam("offered", type_=sa.String)), else_=conversations.c.offers),
        updated_at=sa.bindparam("now"),
    )
    .returning(
        conversations.c.mode, conversations.c.returned, conversations.c.company, conversations.c.channel, conversations.c.locale
    )
)
_HEARD = conversations.update().where(conversations.c.id == sa.bindparam("conversation")).values(returned=False)
