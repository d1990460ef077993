"""The replies of a turn, read from the tracker, so that a repeated message gets the same ones."""

from typing import Any, Dict, Iterable, List, Optional, Text

from rasa.shared.core.events import BotUttered, Event, SlotSet, UserUttered

OFFERED = "offered_person"


def reply_of(event: BotUttered) -> Dict[Text, Any]:
    """What the bot said, in the one form that the gateway knows."""
    said = event.data.get("custom") or {}
    return {
        "text": said.get("text") or event.text or "",
        "citations": said.get("citations") or [],
        "quick_replies": said.get("quick_replies") or [_quick_reply(button) for button in event.data.get("buttons") or []],
        "offers": said.get("offers") or [],
        "ticket": said.get("ticket"),
        **{key: value for key, value in said.items() if key not in _KNOWN},
    }


_KNOWN = {"text", "citations", "quick_replies", "offers", "ticket"}


def replies_to(events: Iterable[Event], message: Text) -> Optional[List[Dict[Text, Any]]]:
    """The replies to a message, or None if the message was never dealt with."""
    found: Optional[List[Dict[Text, Any]]] = None
    for event in events:
        if isinstance(event, UserUttered):
            if found is not None:
                return found
            if event.message_id == message:
                found = []
        elif found is not None and isinstance(event, BotUttered):
            found.append(reply_of(event))
    return found


def offers_a_person(events: List[Event]) -> bool:
    """Whether the last turn offered a person, by its replies or by setting the slot."""
    for event in reversed(events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, SlotSet) and event.key == OFFERED:
            return bool(event.value)
        if isinstance(event, BotUttered) and "handoff" in ((event.data.get("custom") or {}).get("offers") or []):
            return True
    return False


def _quick_reply(button: Dict[Text, Any]) -> Dict[Text, Any]:
    return {"title": button.get("title", ""), "choice": {"intent": str(button.get("payload", "")).lstrip("/")}}
