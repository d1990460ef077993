"""What the assistant made of customers' messages: no word of them, so that it outlives the conversation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection, Row

from bot.desk.conversation import Message

from .tables import outcomes

_NOTE = outcomes.insert()


def note_outcome(db: Connection, message: Message, replies: Iterable[dict], conversation: Row, now: datetime) -> None:
    """As the replies to the message tell it; one that says nothing of that is talk."""
    made = next((reply["outcome"] for reply in replies if reply.get("outcome")), {})
    db.execute(
        _NOTE,
        {
            "message": message.id,
            "conversation": message.conversation,
            "company": conversation.company,
            "channel": conversation.channel,
            "locale": conversation.locale,
            "topic": made.get("topic"),
            "kind": made.get("kind") or "talk",
            "at": now,
        },
    )
