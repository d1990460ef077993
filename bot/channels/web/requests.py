"""What the chat API's handlers share: reading a request, showing an answer."""

from __future__ import annotations

from typing import TypeVar

import pydantic
from aiohttp import web

from bot.delivery.services import Services
from bot.desk.conversation import Conversation, Turn
from bot.desk.errors import BadRequest, UnknownToken

from . import schemas
from .network import network_of

T = TypeVar("T", bound=pydantic.BaseModel)


async def read(request: web.Request, kind: type[T]) -> T:
    """The request's body; raises BadRequest with the place that is wrong."""
    try:
        return kind.model_validate_json(await request.read())
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise BadRequest(f"{place}: {first['msg']}.") from None


def bearer(request: web.Request, required: bool = True) -> str:
    """The token that the request carries; raises UnknownToken where it must have one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if required:
        raise UnknownToken(UnknownToken.__doc__)
    return ""


def after(request: web.Request) -> int:
    """The sequence that the request goes on from."""
    text = request.query.get("after", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadRequest("after: must be the sequence of a message, a whole number from 0.")
    return int(text)


async def authenticate(services: Services, identity: str, token: str) -> Conversation:
    """The conversation, if the token is its own."""
    return await services.database.run(lambda db: services.conversations.authenticate(db, identity, token))


async def count_message(request: web.Request, services: Services, identity: str) -> None:
    """Count against the limits; raises TooManyRequests."""
    if network := network_of(request):
        await services.limits.count("network", network)
        await services.limits.count("messages", identity)


def show_frame(services: Services, frame: dict) -> dict:
    """A frame of the stream as the client gets it."""
    if frame["type"] == "message":
        shown = schemas.show_message(frame["message"], services.settings.address)
        return {"type": "message", "message": shown.model_dump(mode="json")}
    if frame["type"] == "state":
        return {"type": "state", "state": schemas.show_state(frame["state"]).model_dump(mode="json")}
    return frame


def show_turn(services: Services, turn: Turn) -> web.Response:
    messages = [schemas.show_message(message, services.settings.address) for message in turn.messages]
    return show(schemas.Turn(messages=messages, state=schemas.show_state(turn.conversation)))


def show(body: pydantic.BaseModel, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=body.model_dump_json().encode(), content_type="application/json", charset="utf-8"
    )
