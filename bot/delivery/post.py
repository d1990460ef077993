"""Sends what is in the outbox: one mail at a time, again until the mail server takes it or two days are over.

A mail is noted as sent after the server has taken it. A crash in between sends it once more, with the same Message-ID.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from datetime import timedelta
from typing import Protocol

from aiohttp import web
from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.desk.clock import Clock
from bot.desk.mail import MailDelayed, MailRefused, MailServerAway, find_next_try
from bot.storage.outbox import Letter

from .streams import Streams

log = logging.getLogger(__name__)

#: How often the outbox is looked into.
LOOK_SECONDS = 5.0
#: Nothing is tried for so long after the server was away, ever longer up to the last.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300))
#: After a start customers' browsers come back by themselves; only then is it known who has left.
RETURN = timedelta(minutes=1)
#: How often what is too old is looked for.
TIDY_EVERY = timedelta(hours=1)
#: A stop waits so long for the mail that is on its way.
GRACE_SECONDS = 3.0


class Postman(Protocol):
    """Takes a mail to where it is read."""

    async def deliver(self, letter: Letter) -> None:
        """Raises MailRefused, MailDelayed or MailServerAway."""


class Post:
    """The worker; `postman` is none where mail stays in the local mailbox, or has no server to go to."""

    def __init__(
        self, core: Core, streams: Streams, clock: Clock, postman: Postman | None, chance: random.Random | None = None
    ):
        self.core = core
        self.streams = streams
        self.clock = clock
        self.postman = postman
        self.chance = chance or random.Random()
        self._failures = 0  #: how often running the server was away
        self._resume_at = self._tidy_at = clock()
        self._knows_who_left_at = clock() + RETURN
        self._task: asyncio.Task | None = None
        self._stopping = asyncio.Event()
        if postman is None and not core.settings.keeps_mail:
            log.warning("no mail can be sent: DESK_SMTP_HOST is not set")

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Let the mail that is on its way arrive, within reason, and stop."""
        self._stopping.set()
        if self._task:
            await asyncio.wait({self._task}, timeout=GRACE_SECONDS)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def send_due(self) -> int:
        """Send what is due now; returns how many mails left."""
        core, sent = self.core, 0
        if self.clock() >= self._tidy_at:
            await self._tidy()
        if self.postman is None and not core.settings.keeps_mail:
            return 0
        while not self._stopping.is_set() and self.clock() >= self._resume_at:
            letter = await core.database.run(lambda db: core.outbox.take(db, self.clock()))
            if letter is None:
                break
            sent += await self._send(letter)
        return sent

    async def _send(self, letter: Letter) -> bool:
        """Send one; whether it left."""
        outbox, database = self.core.outbox, self.core.database
        if letter.mail.conversation and self.clock() < self._knows_who_left_at:
            await database.run(lambda db: outbox.put_back(db, letter.id, self._knows_who_left_at, None))
            return False
        if await self._is_known(letter):
            await database.run(lambda db: outbox.drop(db, letter.id, "seen in the chat"))
            return False
        if self.postman is None:
            await database.run(lambda db: outbox.keep(db, letter.id, self.clock()))
            return True
        try:
            await self.postman.deliver(letter)
        except MailServerAway as error:
            self._failures += 1
            self._resume_at = self.clock() + PAUSES[min(self._failures, len(PAUSES)) - 1]
            log.error("no mail can be sent: %s", error)
            trouble = str(error)
            await database.run(lambda db: outbox.put_back(db, letter.id, self._resume_at, trouble))
            return False
        except MailRefused as error:
            await self._fail(letter, str(error), final=True)
            return False
        except MailDelayed as error:
            await self._fail(letter, str(error))
            return False
        self._failures = 0
        await database.run(lambda db: outbox.sent(db, letter.id, self.clock()))
        return True

    async def _fail(self, letter: Letter, trouble: str, *, final: bool = False) -> None:
        now = self.clock()
        next_try = None if final else find_next_try(letter.tries + 1, letter.created_at, now, self.chance)
        if next_try is None:
            log.error("a mail was given up: %s", trouble)
        else:
            log.warning("a mail waits: %s", trouble)
        await self.core.database.run(lambda db: self.core.outbox.fail(db, letter, next_try, trouble))

    async def _is_known(self, letter: Letter) -> bool:
        """Whether the customer whom it is for knows it already, or must not be written to any more."""
        conversation = letter.mail.conversation
        if conversation is None:
            return False
        if self.streams.listens(conversation):
            return True
        return not await self.core.database.run(
            lambda db: self.core.conversations.awaits_customer(db, conversation, letter.created_at)
        )

    async def _tidy(self) -> None:
        now = self.clock()

        def tidy(db: Connection) -> int:
            self.core.case_links.tidy(db, now)
            return self.core.outbox.tidy(db, now)

        if given_up := await self.core.database.run(tidy):
            log.error("mails were given up: %d, after two days", given_up)
        self._tidy_at = now + TIDY_EVERY

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.send_due()
            except Exception as error:
                # The database may be away for a moment, and the error's text may hold what is in it.
                log.error("the outbox could not be read: %s; tried again", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)


POST = web.AppKey("post", Post)
