"""What every action of this desk needs: the core, opened once, and the message that it acts on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.bootstrap import Core, open_core
from bot.desk.clock import now
from bot.knowledge.answering import Answerer
from bot.knowledge.company import Company
from bot.knowledge.reply import HANDOFF, Reply
from bot.knowledge.understanding import Understood, read_parse

Events = list[dict[str, Any]]

#: What came of a message, where it is nothing that a statistic asks for.
TALK = {"kind": "talk", "topic": None}


@lru_cache(maxsize=1)
def core() -> Core:
    """The core of this process; the gateway migrates the database, so that one process does."""
    return open_core(migrated=False)


@lru_cache(maxsize=1)
def answerer() -> Answerer:
    return Answerer(core().library, now)


@dataclass(frozen=True, slots=True)
class Heard:
    """The customer's message as an action finds it."""

    message: str  #: its id, on which every effect is idempotent
    conversation: str
    company: Company
    locale: str
    understood: Understood
    last_topic: str | None
    misunderstood: int  #: how often in a row nothing was understood
    offer_reason: str | None  #: why a person was offered last


def hear(tracker: Tracker) -> Heard:
    """The message from the tracker's state."""
    latest = tracker.latest_message
    metadata = latest.get("metadata") or {}
    return Heard(
        message=metadata["message"],
        conversation=tracker.sender_id,
        company=core().library.company(metadata["company"]),
        locale=metadata["locale"],
        understood=read_parse(latest),
        last_topic=tracker.get_slot("last_topic"),
        misunderstood=int(tracker.get_slot("misunderstood") or 0),
        offer_reason=tracker.get_slot("offer_reason"),
    )


class DeskAction(Action, ABC):
    """An action that says one reply."""

    @abstractmethod
    def name(self) -> str:
        """As the domain calls it. Abstract, since the SDK makes one of every Action class that is not."""

    def say(self, dispatcher: CollectingDispatcher, reply: Reply, ticket: dict | None = None) -> None:
        dispatcher.utter_message(
            json_message={
                "text": reply.text,
                "citations": [citation.as_dict() for citation in reply.citations],
                "quick_replies": [button.as_dict() for button in reply.quick_replies],
                "offers": list(reply.offers),
                "ticket": ticket,
                "outcome": {"kind": reply.outcome, "topic": reply.topic},
            }
        )

    def remember(self, heard: Heard, reply: Reply, reason: str = "unanswered") -> Events:
        """What the next message may lean on."""
        offered = HANDOFF in reply.offers
        return [
            SlotSet("last_topic", reply.topic or heard.last_topic),
            SlotSet("offered_person", offered),
            SlotSet("offer_reason", reason if offered else None),
            SlotSet("misunderstood", 0.0 if reply.understood else heard.misunderstood + 1.0),
        ]
