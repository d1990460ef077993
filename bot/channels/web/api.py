"""The chat API's handlers: they read the request, call the desk, and show what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TypeVar

import pydantic
from aiohttp import WSCloseCode, WSMsgType, web

from bot.delivery.services import SERVICES, Services
from bot.desk.conversation import Conversation, Turn
from bot.desk.errors import BadRequest, Delayed, DeskError, NoOpenRequest, TooLong, UnknownChoice, UnknownToken
from bot.desk.masking import mask
from bot.knowledge.company import localise
from bot.knowledge.hours import find_opening

from . import schemas
from .network import network_of

T = TypeVar("T", bound=pydantic.BaseModel)

#: A first frame with the token has to come within this many seconds.
AUTHENTICATION_SECONDS = 10.0
HEARTBEAT_SECONDS = 25.0


async def list_companies(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    rows = []
    for company in services.library.companies():
        opening = find_opening(company, services.clock())
        desk = schemas.Desk(open_now=opening.open_now, next_opening=opening.next_opening)
        rows.append(schemas.Company(key=company.key, name=company.name, locales=list(company.locales), desk=desk))
    return web.json_response([row.model_dump(mode="json") for row in rows])


async def open_conversation(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    body = await _read(request, schemas.NewConversation)
    if network := network_of(request):
        await services.limits.count("conversations", network)
    company = services.library.company(body.company)
    locale = body.locale.split("-")[0].lower()
    if locale not in company.locales:
        locale = company.locales[0]
    conversation, token = await services.database.run(
        lambda db: services.conversations.open(db, company.key, locale, "web", services.clock())
    )
    return _show(schemas.OpenedConversation(id=conversation.id, token=token), 201)


async def post_message(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    token = _bearer(request)
    body = await _read(request, schemas.NewMessage)
    if len(body.text) > schemas.LONGEST_MESSAGE:
        raise TooLong(f"A message may have at most {schemas.LONGEST_MESSAGE} characters; this one has {len(body.text)}.")
    if not body.text.strip() and not body.payload:
        raise BadRequest("text: is empty. Please write what you would like to know.")
    identity = request.match_info["conversation"]
    masked = mask(body.text)
    await _count_message(request, services, identity)

    def accept(db):
        conversation = services.conversations.authenticate(db, identity, token)
        choice = None
        if body.payload and not services.conversations.knows(db, conversation, body.client_message_id):
            choice = services.conversations.messages.find_choice(db, identity, body.payload)
            if choice is None:
                raise UnknownChoice(UnknownChoice.__doc__)
        notices = [_tell_masked(services, conversation, masked.kinds)] if masked.kinds else []
        return services.conversations.accept(
            db, conversation, masked.text, body.client_message_id, services.clock(), choice=choice, notices=notices
        )

    accepted = await services.database.run(accept)
    if accepted.answered:
        return _show_turn(services, Turn(accepted.replies, accepted.conversation))
    result = services.turns.submit(accepted.message, accepted.conversation if accepted.first else None)
    for message in (accepted.message, *accepted.replies):
        services.streams.publish(identity, {"type": "message", "message": message})
    try:
        # Shielded: the turn goes on though this client is gone or out of patience.
        turn = await asyncio.wait_for(asyncio.shield(result), services.settings.patience)
    except TimeoutError:
        raise Delayed(localise(services.library.wording["delayed"], accepted.conversation.locale)) from None
    return _show_turn(services, turn)


async def list_messages(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    token, identity, after = _bearer(request), request.match_info["conversation"], _after(request)

    def read(db):
        conversation = services.conversations.authenticate(db, identity, token)
        return conversation, services.conversations.list_messages(db, identity, after)

    conversation, messages = await services.database.run(read)
    return _show_turn(services, Turn(messages, conversation))


async def forget_conversation(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    token, identity = _bearer(request), request.match_info["conversation"]

    def forget(db):
        services.conversations.authenticate(db, identity, token)
        services.conversations.forget(db, identity, services.clock())

    await services.database.run(forget)
    services.turns.forget(identity)
    services.streams.close(identity)
    return web.Response(status=204)


async def post_attachment(request: web.Request) -> web.Response:
    """A file belongs to an open request; as long as none is open, none is taken, and none is read."""
    services = request.app[SERVICES]
    token, identity = _bearer(request), request.match_info["conversation"]
    await services.database.run(lambda db: services.conversations.authenticate(db, identity, token))
    raise NoOpenRequest(NoOpenRequest.__doc__)


async def stream(request: web.Request) -> web.StreamResponse:
    """Every later message and state as it comes, resuming after a sequence with nothing lost or doubled."""
    services = request.app[SERVICES]
    identity, after = request.match_info["conversation"], _after(request)
    token = _bearer(request, required=False)
    if token:
        await _authenticate(services, identity, token)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=8192)
    if not socket.can_prepare(request).ok:
        raise BadRequest("This address is a WebSocket; connect to it as one.")
    await socket.prepare(request)
    try:
        if not token:
            await _authenticate(services, identity, await _first_frame(socket))
    except DeskError as error:
        await socket.send_json({"type": "error", "detail": str(error)})
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"not authenticated")
        return socket
    with services.streams.listen(identity) as frames, contextlib.suppress(ConnectionError):
        await _send_stream(services, socket, frames, identity, after)
    return socket


async def _send_stream(
    services: Services, socket: web.WebSocketResponse, frames: asyncio.Queue, identity: str, after: int
) -> None:
    async def send_stored(after: int) -> int:
        """All stored messages after a sequence; gives the last one's."""
        stored = await services.database.run(lambda db: services.conversations.list_messages(db, identity, after))
        for message in stored:
            await socket.send_json(_frame(services, {"type": "message", "message": message}))
            after = message.sequence
        return after

    # Listening began before the store is read, so what comes in between is in both; the sequence tells them apart.
    after = await send_stored(after)
    conversation = await services.database.run(lambda db: services.conversations.find(db, identity))
    if conversation:
        await socket.send_json(_frame(services, {"type": "state", "state": conversation}))
    gone = asyncio.create_task(_wait_until_gone(socket))
    try:
        while not gone.done():
            following = asyncio.create_task(frames.get())
            await asyncio.wait({following, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                following.cancel()
                break
            frame = following.result()
            if frame is None:
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b"come back and resume")
                break
            if frame["type"] != "message":
                await socket.send_json(_frame(services, frame))
            elif frame["message"].sequence == after + 1:
                await socket.send_json(_frame(services, frame))
                after += 1
            elif frame["message"].sequence > after:
                # Database threads finish in any order, and then a later message is told first. Those before are stored.
                after = await send_stored(after)
    finally:
        gone.cancel()


async def _wait_until_gone(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass  # what a customer sends goes by POST; the stream only listens


async def _first_frame(socket: web.WebSocketResponse) -> str:
    try:
        frame = await socket.receive(timeout=AUTHENTICATION_SECONDS)
        if frame.type is not WSMsgType.TEXT:
            raise UnknownToken(UnknownToken.__doc__)
        return str(json.loads(frame.data)["token"])
    except (TimeoutError, ValueError, KeyError, TypeError):
        raise UnknownToken(UnknownToken.__doc__) from None


async def _authenticate(services: Services, identity: str, token: str) -> Conversation:
    return await services.database.run(lambda db: services.conversations.authenticate(db, identity, token))


async def _count_message(request: web.Request, services: Services, identity: str) -> None:
    if network := network_of(request):
        await services.limits.count("network", network)
        await services.limits.count("messages", identity)


async def _read(request: web.Request, kind: type[T]) -> T:
    try:
        return kind.model_validate_json(await request.read())
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise BadRequest(f"{place}: {first['msg']}.") from None


def _bearer(request: web.Request, required: bool = True) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if required:
        raise UnknownToken(UnknownToken.__doc__)
    return ""


def _after(request: web.Request) -> int:
    text = request.query.get("after", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadRequest("after: must be the sequence of a message, a whole number from 0.")
    return int(text)


def _tell_masked(services: Services, conversation: Conversation, kinds: tuple[str, ...]) -> str:
    wording, locale = services.library.wording, conversation.locale
    names = [localise(wording[f"masked_{kind}"], locale) for kind in kinds]
    return localise(wording["masked"], locale).format(kinds=", ".join(names))


def _frame(services: Services, frame: dict) -> dict:
    if frame["type"] == "message":
        shown = schemas.show_message(frame["message"], services.settings.address)
        return {"type": "message", "message": shown.model_dump(mode="json")}
    if frame["type"] == "state":
        return {"type": "state", "state": schemas.show_state(frame["state"]).model_dump(mode="json")}
    return frame


def _show_turn(services: Services, turn: Turn) -> web.Response:
    messages = [schemas.show_message(message, services.settings.address) for message in turn.messages]
    return _show(schemas.Turn(messages=messages, state=schemas.show_state(turn.conversation)))


def _show(body: pydantic.BaseModel, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=body.model_dump_json().encode(), content_type="application/json", charset="utf-8"
    )
