"""Drives conversations: one message of a conversation at a time, from the store to the engine and back.

A message is stored before it comes here. Whatever dies in between, the message is still marked as waiting, so
that a restarted gateway goes on with it; the engine gives the same replies to the same message id.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.conversation import Conversation, Message, Turn
from bot.desk.ticket import Ticket
from bot.dialogue.client import EngineClient, EngineFailed, EngineUnavailable
from bot.knowledge.company import localise
from bot.knowledge.library import Library
from bot.knowledge.questions import asks_what_person_said
from bot.storage.conversations import Conversations
from bot.storage.database import Database

from .handovers import Handovers
from .streams import Streams

log = logging.getLogger(__name__)

#: Seconds between tries while the engine cannot be reached.
RETRIES = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0)
#: An engine that is up and fails this often over the same message (a minute and a half) will go on failing at it;
#: the customer is then told so and offered a person.
MOST_FAILURES = 45


class Turns:
    """A worker for each conversation that has messages waiting."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        engine: EngineClient,
        library: Library,
        streams: Streams,
        clock: Callable[[], datetime],
        handovers: Handovers,
    ):
        self.database = database
        self.conversations = conversations
        self.engine = engine
        self.library = library
        self.streams = streams
        self.clock = clock
        self.handovers = handovers
        self._queues: dict[str, deque[tuple[Message, Conversation | None]]] = {}
        self._workers: dict[str, asyncio.Task] = {}
        self._results: dict[str, asyncio.Future[Turn]] = {}

    async def resume(self) -> None:
        """Go on with every message that an earlier process left waiting, and forget what it was still to forget."""
        for message in await self.database.run(self.conversations.list_waiting):
            self.submit(message)
        for conversation in await self.database.run(self.conversations.list_unforgotten):
            self.forget(conversation)

    def submit(self, message: Message, conversation: Conversation | None = None) -> asyncio.Future[Turn]:
        """Queue a stored message; the future gives what came of it. The same message twice is one.

        Whoever has just stored it for the first time gives the conversation as it then was, which holds if the
        message need not wait; else it is read again.
        """
        if (known := self._results.get(message.id)) is not None:
            return known
        result = asyncio.get_running_loop().create_future()
        self._results[message.id] = result
        queue = self._queues.setdefault(message.conversation, deque())
        queue.append((message, None if queue else conversation))
        if message.conversation not in self._workers:
            self._workers[message.conversation] = asyncio.create_task(self._work(message.conversation))
        return result

    def forget(self, conversation: str) -> None:
        """Erase the dialogue state of a forgotten chat, as soon as the engine can be reached."""
        task = asyncio.create_task(self._forget(conversation))
        self._workers[f"forget {conversation}"] = task
        task.add_done_callback(lambda _: self._workers.pop(f"forget {conversation}", None))

    async def close(self) -> None:
        """Stop; what waits stays stored as waiting."""
        tasks = list(self._workers.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for result in self._results.values():
            result.cancel()

    async def _work(self, conversation: str) -> None:
        queue = self._queues[conversation]
        tries = 0
        try:
            while queue:
                message, seen = queue[0]
                try:
                    turn = await self._take_turn(message, None if tries else seen)
                except Exception as error:
                    # The database may be away for a moment; the message is stored as waiting, so try again.
                    log.error("a turn failed: %s; it is tried again", type(error).__name__)
                    await asyncio.sleep(RETRIES[min(tries, len(RETRIES) - 1)])
                    tries += 1
                    continue
                tries = 0
                queue.popleft()
                self._publish(turn)
                result = self._results.pop(message.id)
                if not result.done():
                    result.set_result(turn)
        finally:
            self._queues.pop(conversation, None)
            self._workers.pop(conversation, None)

    async def _take_turn(self, message: Message, seen: Conversation | None) -> Turn:
        def look(db: Connection) -> tuple[Conversation | None, bool]:
            return self.conversations.find(db, message.conversation), self.conversations.is_waiting(db, message)

        conversation, waits = (seen, True) if seen else await self.database.run(look)
        assert conversation is not None
        if not waits:
            return await self.database.run(lambda db: self.conversations.turn(db, message))
        if conversation.mode == "human":
            if turn := await self._store(message, [], "human"):
                return turn
            # The person gave the chat back in this very moment.
            conversation = await self.database.run(lambda db: self.conversations.find(db, message.conversation))
            assert conversation is not None
        replies = []
        if message.text.strip() or message.choice:  # else it is a file alone, which only a person can look at
            self.streams.publish(message.conversation, {"type": "typing", "on": True})
            replies = await self._ask_engine(conversation, message)
            self.streams.publish(message.conversation, {"type": "typing", "on": False})
        turn = await self._store(message, replies, "bot")
        assert turn is not None
        return turn

    async def _ask_engine(self, conversation: Conversation, message: Message) -> list[dict]:
        company = self.library.company(conversation.company)
        body = {
            "conversation": conversation.id,
            "message": message.id,
            "text": message.text,
            "locale": conversation.locale,
            "company": conversation.company,
            "company_name": localise(company.short, conversation.locale),
            "choice": message.choice,
        }
        if conversation.ticket_id and not message.choice and await self._asks_for_persons_words(message):
            body["choice"] = {"intent": "repeat"}  # the engine's model knows the policy's matters, and no persons
        if conversation.returned:
            body["fresh"] = True  # what was offered or not understood before a person was there, holds no more
        tries = failures = 0
        while True:
            try:
                return await self.engine.send(body)
            except EngineUnavailable as error:
                if tries == 0:
                    log.warning("a message waits: %s", error)
            except EngineFailed as error:
                failures += 1
                log.warning("a message got no reply: %s", error)
                if failures >= MOST_FAILURES:
                    return [self._offer_person(conversation.locale)]
            await asyncio.sleep(RETRIES[min(tries, len(RETRIES) - 1)])
            if not await self._waits(message):
                return []
            tries += 1

    async def _asks_for_persons_words(self, message: Message) -> bool:
        """Whether it asks what the person who had the chat said."""
        find = self.conversations.messages.find_last
        said = await self.database.run(lambda db: find(db, message.conversation, "staff"))
        return said is not None and asks_what_person_said(message.text, said.author_name)

    async def _waits(self, message: Message) -> bool:
        """Whether the bot is still to answer it: a person may have come, or the chat been forgotten, and nobody may read it."""

        def look(db: Connection) -> bool:
            conversation = self.conversations.find(db, message.conversation)
            return conversation is not None and conversation.mode == "bot" and self.conversations.is_waiting(db, message)

        return await self.database.run(look)

    def _offer_person(self, locale: str) -> dict:
        wording = self.library.wording
        # The engine knows nothing of this offer, so that its button names the wish and not a yes.
        button = {"title": localise(wording["yes_please"], locale), "choice": {"intent": "ask_human"}}
        return {
            "text": localise(wording["engine_failed"], locale),
            "quick_replies": [button],
            "offers": ["handoff"],
            "outcome": {"kind": "missed"},
        }

    async def _store(self, message: Message, replies: list[dict], mode: str) -> Turn | None:
        """Store what came of it in that mode, and who answers next; None if the bot has to answer it after all."""
        offers = tuple(dict.fromkeys(offer for reply in replies for offer in reply.get("offers") or ()))
        now, roster = self.clock(), self.handovers.presence.roster()

        def work(db: Connection) -> tuple[Turn, Ticket | None] | None:
            settled = self.conversations.settle(db, message, replies, offers, now, mode=mode)
            if settled is None:
                return None
            ticket = self.handovers.after_turn(db, message, replies, roster, now) if settled else None
            return self.conversations.turn(db, message), ticket

        done = await self.database.run(work)
        if done is None:
            return None
        turn, ticket = done
        if ticket:
            self.handovers.told_place(turn.conversation)
            self.handovers.tell(ticket, "called" if turn.conversation.mode == "human" else "changed", None)
        return turn

    def _publish(self, turn: Turn) -> None:
        conversation = turn.conversation
        for message in turn.messages:
            self.streams.publish(conversation.id, {"type": "message", "message": message})
            if conversation.ticket_id:
                self.handovers.tell_message(conversation.ticket_id, conversation.company, message)
        self.streams.publish(conversation.id, {"type": "state", "state": conversation})

    async def _forget(self, conversation: str) -> None:
        # A message that is being answered would make the engine remember the chat again.
        if worker := self._workers.get(conversation):
            await asyncio.wait({worker})
        tries = 0
        while True:
            try:
                await self.engine.forget(conversation)
                break
            except EngineUnavailable:
                await asyncio.sleep(RETRIES[min(tries, len(RETRIES) - 1)])
                tries += 1
        await self.database.run(lambda db: self.conversations.mark_engine_forgot(db, conversation))
