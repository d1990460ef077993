"""The chat API's types: they validate what comes in, and the OpenAPI document is made from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.desk.conversation import Conversation as DeskConversation
from bot.desk.conversation import Message as DeskMessage

#: A message longer than this is answered 413.
LONGEST_MESSAGE = 4000


class Strict(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False)


class NewConversation(Strict):
    company: str = Field(min_length=1, max_length=64, description="Key of a company from /api/v1/companies")
    locale: str = Field("en", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)


class OpenedConversation(Strict):
    id: str
    token: str = Field(description="This conversation's only key")


class NewMessage(Strict):
    text: str = Field(description=f"At most {LONGEST_MESSAGE} characters, or 413")
    client_message_id: str = Field(min_length=1, max_length=128)
    payload: str | None = Field(None, max_length=128, description="Of the quick reply that was pressed")


class Citation(Strict):
    quote: str = Field(description="The policy's sentence or clause, verbatim")
    section: str = Field(description="The heading that it stands under")
    document: str
    version: str | None = Field(description="The policy's revision date, where it gives one")
    url: str = Field(description="Where a person can read it in its place")


class QuickReply(Strict):
    title: str
    payload: str


class Attachment(Strict):
    attachment_id: str
    name: str = ""
    media_type: Literal["image/jpeg", "image/png", "application/pdf"] = Field(description="By the content, not by the name")
    size: int = Field(description="Bytes")


class Message(Strict):
    id: str
    sequence: int
    sender: Literal["customer", "bot", "staff", "system"]
    text: str
    citations: list[Citation] = []
    quick_replies: list[QuickReply] = []
    attachments: list[Attachment] = Field([], description="What the desk sent can be fetched by its attachment_id")
    sent_at: datetime
    author_name: str | None = Field(None, description="The desk's person, on a message of staff")


class Request(Strict):
    kind: Literal[
        "disclosure",
        "purpose_notice",
        "correction",
        "addition",
        "deletion",
        "suspend_use",
        "erasure",
        "stop_third_party",
        "third_party_records",
    ]
    status: str
    reference: str | None = None


class Ticket(Strict):
    reference: str
    status: Literal["open", "waiting", "closed"]
    ahead: int | None = Field(None, description="How many wait before this customer, while a person is called")
    rating: Literal[1, -1] | None = Field(None, description="How the customer rated it once it was closed")
    email_left: bool = Field(False, description="Whether an address was left at which the customer is told of an answer")


class State(Strict):
    mode: Literal["bot", "human"]
    request: Request | None = None
    ticket: Ticket | None = None
    offers: list[str] = Field([], description="What the last reply offered, and nothing else")


class Rating(Strict):
    rating: Literal[1, -1] = Field(description="1 satisfied, -1 not; it may be changed once")


class Contact(Strict):
    email: str | None = Field(max_length=320, description="Where to tell of an answer; null takes it away")


class TypingFrame(Strict):
    """What a customer is typing, sent over the stream while a person has the chat. It is stored nowhere."""

    type: Literal["typing"]
    text: str = Field(max_length=LONGEST_MESSAGE)


class Turn(Strict):
    messages: list[Message]
    state: State


class History(Strict):
    messages: list[Message]
    state: State


class Desk(Strict):
    open_now: bool | None = Field(description="null where the policy does not tell")
    next_opening: datetime | None


class Company(Strict):
    key: str
    name: str
    locales: list[str]
    desk: Desk


class Health(Strict):
    status: Literal["ok", "unavailable"]
    parts: dict[str, bool]


class Problem(Strict):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str


ConversationId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


def show_message(message: DeskMessage, address: str) -> Message:
    """The desk's message as the API shows it; a button's meaning stays with the desk."""
    citations = [Citation(**{**c, "url": address + c["url"]}) for c in message.citations]
    buttons = [QuickReply(title=b["title"], payload=b["payload"]) for b in message.quick_replies]
    return Message(
        id=message.id,
        sequence=message.sequence,
        sender=message.sender,
        text=message.text,
        citations=citations,
        quick_replies=buttons,
        attachments=[
            Attachment(attachment_id=one["id"], name=one["name"], media_type=one["media_type"], size=one["size"])
            for one in message.attachments
        ],
        sent_at=message.sent_at,
        author_name=message.author_name or None,
    )


def show_state(conversation: DeskConversation) -> State:
    return State(
        mode=conversation.mode,
        ticket=Ticket(**conversation.ticket) if conversation.ticket else None,
        offers=list(conversation.offers),
    )
