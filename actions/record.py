"""What is on record of a conversation beside the policy: the words of the person who had it, and what was settled."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from bot.desk.conversation import Message

from .desk import Heard, core


async def find_persons_words(heard: Heard) -> tuple[Message | None, bool]:
    """The last message of a person in this conversation, and whether the assistant has said nothing since."""
    desk = core()

    def work(db: Connection) -> tuple[Message | None, bool]:
        last = desk.conversations.messages.find_last(db, heard.conversation, "bot", "staff")
        if last is None or last.sender == "staff":
            return last, last is not None
        return desk.conversations.messages.find_last(db, heard.conversation, "staff"), False

    return await desk.database.run(work)


async def find_settled(heard: Heard) -> str:
    """What a person wrote down as settled when they gave the chat back or closed the case; empty where nobody did."""
    desk = core()

    def work(db: Connection) -> str:
        conversation = desk.conversations.find(db, heard.conversation)
        if conversation is None or conversation.ticket_id is None:
            return ""
        events = desk.events.list(db, conversation.ticket_id)
        return next((e.detail["settled"] for e in reversed(events) if e.kind in SETTLING and e.detail.get("settled")), "")

    return await desk.database.run(work)


#: Events whose detail may say what was settled.
SETTLING = frozenset({"handed_back", "closed"})
