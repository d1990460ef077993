"""The gateway's way into Rasa, and the only one.

    POST   /webhooks/desk/webhook              one message; its replies
    GET    /webhooks/desk/ready                which model answers
    DELETE /webhooks/desk/conversations/<id>   forgets a conversation

Every call but `ready` carries the token. A customer's text is never a command: Rasa takes a text
that begins with a slash for an intent, so such a slash is made full-width; only `choice`, which the
gateway makes from a button it offered itself, names an intent.
"""

import asyncio
import hmac
import logging
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Text
from weakref import WeakValueDictionary

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.core.constants import DEFAULT_INTENTS
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json

from engine.patches import ActionUnavailable
from engine.processor import DeskProcessor, Unheard

logger = logging.getLogger("engine.channel")


class InvalidCall(ValueError):
    """The gateway's call is not as agreed. Its message names the field and no content."""


@dataclass(frozen=True)
class Call:
    """One message as the gateway hands it over."""

    conversation: str
    message: str
    text: str
    locale: str
    company: str
    company_name: str
    choice: Optional[str] = None
    fresh: bool = False

    @classmethod
    def from_json(cls, body: Any) -> "Call":
        """Reads a call, or says which field is wrong."""
        if not isinstance(body, Mapping):
            raise InvalidCall("The body must be a JSON object.")
        fields = {name: body.get(name) for name in ("conversation", "message", "text", "locale", "company", "company_name")}
        for name, value in fields.items():
            if not isinstance(value, str) or (not value.strip() and name != "text"):
                raise InvalidCall(f"`{name}` must be a string that is not empty.")
        choice = body.get("choice")
        if choice is not None:
            if not isinstance(choice, Mapping) or not isinstance(choice.get("intent"), str):
                raise InvalidCall("`choice` must be null or an object with an `intent`.")
            choice = choice["intent"]
        elif not fields["text"].strip():
            raise InvalidCall("`text` must not be empty without a `choice`.")
        return cls(**fields, choice=choice, fresh=body.get("fresh") is True)

    def as_message(self) -> UserMessage:
        """The message for Rasa; a choice comes with its intent, so that nothing is left to be understood."""
        return UserMessage(
            text=harmless(self.text),
            output_channel=Unheard(),
            sender_id=self.conversation,
            input_channel="desk",
            message_id=self.message,
            parse_data=_parsed(harmless(self.text), self.choice) if self.choice else None,
            metadata={
                "message": self.message,
                "company": self.company,
                "locale": self.locale,
                "company_name": self.company_name,
                "fresh": self.fresh,
            },
        )


def harmless(text: str) -> str:
    """The text with a leading slash made full-width, so that Rasa reads it as words."""
    stripped = text.strip()
    return "／" + stripped[1:] if stripped.startswith("/") else stripped


def _parsed(text: str, intent: str) -> Dict[Text, Any]:
    sure = {"name": intent, "confidence": 1.0}
    segment = {"text": text, "intent": sure, "intent_ranking": [sure], "entities": [], "meant": True}
    return {"text": text, "intent": sure, "intent_ranking": [sure], "entities": [], "segments": [segment]}


class DeskChannel(InputChannel):
    """Takes the gateway's messages, one of a conversation at a time, each once."""

    def __init__(self, token: str) -> None:
        """A channel that knows its callers by a token."""
        if not token:
            raise ValueError("The desk's channel needs a token.")
        self._token = f"Bearer {token}".encode()
        self._locks: "WeakValueDictionary[str, asyncio.Lock]" = WeakValueDictionary()

    @classmethod
    def name(cls) -> Text:
        """Where the channel hangs below /webhooks."""
        return "desk"

    def knows(self, request: Request) -> bool:
        """Whether the caller has the token; the comparison takes as long for a near miss as for any other."""
        return hmac.compare_digest(request.headers.get("authorization", "").encode(), self._token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The three routes."""
        desk = Blueprint("desk")

        @desk.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            processor = _processor(request)
            if processor is None:
                return json({"unavailable": "model"}, status=503)
            return json({"model": processor.model_metadata.model_id})

        @desk.post("/webhook")
        async def webhook(request: Request) -> HTTPResponse:
            if not self.knows(request):
                return json({"error": "The token is missing or wrong."}, status=401)
            processor = _processor(request)
            if processor is None:
                return json({"unavailable": "model"}, status=503)
            try:
                call = Call.from_json(_body(request))
                if call.choice and not may_choose(call.choice, processor):
                    raise InvalidCall("`choice` names an intent that the model does not have.")
            except InvalidCall as error:
                return json({"error": str(error)}, status=400)
            return await self._turn(call, processor)

        @desk.delete("/conversations/<conversation:str>")
        async def forget(request: Request, conversation: str) -> HTTPResponse:
            if not self.knows(request):
                return json({"error": "The token is missing or wrong."}, status=401)
            async with self._lock(conversation):
                await request.app.ctx.agent.tracker_store.forget(conversation)
            return empty()

        return desk

    async def _turn(self, call: Call, processor: DeskProcessor) -> HTTPResponse:
        async with self._lock(call.conversation):
            try:
                return json({"replies": await processor.turn(call.as_message())}, ensure_ascii=False)
            except ActionUnavailable as error:
                logger.warning("The action %s could not be run; nothing of the turn was saved.", error)
                if error.answered:
                    return json({"failed": "actions"}, status=502)
                return json({"unavailable": "actions"}, status=503)
            except Exception:
                logger.exception("A turn failed; nothing of it was saved.")
                return json({"failed": "engine"}, status=500)

    def _lock(self, conversation: str) -> asyncio.Lock:
        return self._locks.setdefault(conversation, asyncio.Lock())


def may_choose(intent: str, processor: DeskProcessor) -> bool:
    """Whether a button may stand for the intent: one of the domain's own, none that Rasa acts on itself."""
    return intent in processor.domain.intents and intent not in DEFAULT_INTENTS


def _processor(request: Request) -> Optional[DeskProcessor]:
    agent = getattr(request.app.ctx, "agent", None)
    return agent.processor if agent is not None and agent.is_ready() else None


def _body(request: Request) -> Any:
    try:
        return request.json
    except Exception as error:
        raise InvalidCall("The body must be JSON.") from error
