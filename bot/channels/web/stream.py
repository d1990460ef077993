"""The live stream of a conversation: messages and states as they come, and what the customer is typing on its way back."""

from __future__ import annotations

import asyncio
import contextlib
import json

from aiohttp import WSCloseCode, WSMsgType, web

from bot.delivery.feed import Happening
from bot.delivery.services import SERVICES, Services
from bot.desk.conversation import Conversation
from bot.desk.errors import BadRequest, DeskError, UnknownToken
from bot.desk.masking import mask

from . import schemas
from .requests import after as read_after
from .requests import authenticate, bearer, show_frame

#: A first frame with the token has to come within this many seconds.
AUTHENTICATION_SECONDS = 10.0
HEARTBEAT_SECONDS = 25.0
#: A frame holds at most what a message may hold, four bytes a character, and what JSON makes of it.
LARGEST_FRAME = 32 * 1024
#: What a customer types is taken this often at most; what comes in between is left out.
TYPING_SECONDS = 0.3


async def stream(request: web.Request) -> web.StreamResponse:
    """Every later message and state as it comes, resuming after a sequence with nothing lost or doubled."""
    services = request.app[SERVICES]
    identity, after = request.match_info["conversation"], read_after(request)
    token = bearer(request, required=False)
    if token:
        await authenticate(services, identity, token)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=LARGEST_FRAME)
    if not socket.can_prepare(request).ok:
        raise BadRequest("This address is a WebSocket; connect to it as one.")
    await socket.prepare(request)
    try:
        if not token:
            await authenticate(services, identity, await _first_frame(socket))
    except DeskError as error:
        await socket.send_json({"type": "error", "detail": str(error)})
        await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"not authenticated")
        return socket
    with services.streams.listen(identity) as frames, contextlib.suppress(ConnectionError):
        await Line(services, socket, identity, after).run(frames)
    return socket


class Line:
    """One open stream."""

    def __init__(self, services: Services, socket: web.WebSocketResponse, identity: str, after: int):
        self.services = services
        self.socket = socket
        self.identity = identity
        self.after = after
        self.conversation: Conversation | None = None  #: as the client was told last
        self._typed_at = 0.0
        self._typed = False

    async def run(self, frames: asyncio.Queue) -> None:
        """Send what was stored, then what comes, until either side leaves."""
        # Listening began before the store is read, so what comes in between is in both; the sequence tells them apart.
        await self._send_news()
        reading = asyncio.create_task(self._read())
        try:
            while not reading.done():
                following = asyncio.create_task(frames.get())
                await asyncio.wait({following, reading}, return_when=asyncio.FIRST_COMPLETED)
                if not following.done():
                    following.cancel()
                    break
                frame = following.result()
                if frame is None:
                    await self.socket.close(code=WSCloseCode.GOING_AWAY, message=b"come back and resume")
                    break
                await self._send(frame)
        finally:
            reading.cancel()
            self._tell_typing("")

    async def _send(self, frame: dict) -> None:
        if frame["type"] == "news":
            await self._send_news()
        elif frame["type"] != "message":
            if frame["type"] == "state":
                self.conversation = frame["state"]
            await self.socket.send_json(show_frame(self.services, frame))
        elif frame["message"].sequence == self.after + 1:
            await self.socket.send_json(show_frame(self.services, frame))
            self.after += 1
        elif frame["message"].sequence > self.after:
            # Database threads finish in any order, and then a later message is told first. Those before are stored.
            await self._send_stored()

    async def _send_stored(self) -> None:
        """All stored messages that were not sent yet."""
        conversations, after = self.services.conversations, self.after
        for message in await self.services.database.run(lambda db: conversations.list_messages(db, self.identity, after)):
            await self.socket.send_json(show_frame(self.services, {"type": "message", "message": message}))
            self.after = message.sequence

    async def _send_news(self) -> None:
        """What is new in the store, and how the conversation is now."""
        await self._send_stored()
        conversation = await self.services.database.run(lambda db: self.services.conversations.find(db, self.identity))
        if conversation:
            self.conversation = conversation
            await self.socket.send_json(show_frame(self.services, {"type": "state", "state": conversation}))

    async def _read(self) -> None:
        """Messages go by POST; over the stream comes only what the customer is typing, and that is kept nowhere."""
        async for frame in self.socket:
            if frame.type is WSMsgType.TEXT:
                with contextlib.suppress(ValueError):
                    self._take(schemas.TypingFrame.model_validate_json(frame.data))

    def _take(self, frame: schemas.TypingFrame) -> None:
        now = asyncio.get_running_loop().time()
        # That a box is empty again is always told: it is the end of it.
        if frame.text and now - self._typed_at < TYPING_SECONDS:
            return
        self._typed_at = now
        self._tell_typing(mask(frame.text).text if frame.text else "")

    def _tell_typing(self, text: str) -> None:
        """Only a person who has the chat sees it: the desk, not the assistant."""
        conversation = self.conversation
        seen = conversation is not None and conversation.mode == "human" and conversation.ticket_id is not None
        if conversation is None or not (seen or self._typed) or (not text and not self._typed):
            return
        self._typed = bool(text) and seen
        data = {"by": "customer", "text": text if seen else "", "on": self._typed}
        self.services.feed.publish(Happening("typing", conversation.company, conversation.ticket_id, data))


async def _first_frame(socket: web.WebSocketResponse) -> str:
    try:
        frame = await socket.receive(timeout=AUTHENTICATION_SECONDS)
        if frame.type is not WSMsgType.TEXT:
            raise UnknownToken(UnknownToken.__doc__)
        return str(json.loads(frame.data)["token"])
    except (TimeoutError, ValueError, KeyError, TypeError):
        raise UnknownToken(UnknownToken.__doc__) from None
