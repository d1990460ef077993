"""What a channel's handlers may call, found on the application by a typed key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.bootstrap import Core
from bot.desk.clock import Clock
from bot.dialogue.client import EngineClient
from bot.knowledge.library import Library
from bot.settings import Settings
from bot.storage.conversations import Conversations
from bot.storage.database import Database

from .feed import Feed
from .handovers import Handovers
from .limits import RateLimits
from .notices import Notices
from .presence import Presence
from .replies import Replies
from .streams import Streams
from .turns import Turns


@dataclass(frozen=True, slots=True)
class Services:
    """All that a handler may call."""

    core: Core
    settings: Settings
    library: Library
    database: Database
    conversations: Conversations
    engine: EngineClient
    turns: Turns
    streams: Streams
    feed: Feed
    presence: Presence
    handovers: Handovers
    replies: Replies
    limits: RateLimits
    clock: Clock

    @property
    def notices(self) -> Notices:
        """What the desk tells by mail."""
        return Notices(self.core)


def make_services(
    core: Core,
    clock: Clock,
    engine: EngineClient,
    *,
    feed: Feed | None = None,
    presence: Callable[[Feed, Streams, Clock], Presence] = Presence,
) -> Services:
    """The parts of a desk, wired. Who needs another feed, or knows otherwise who is there, says so."""
    feed, streams = feed or Feed(), Streams()
    there = presence(feed, streams, clock)
    handovers = Handovers(core, there, streams, feed, clock)
    return Services(
        core=core,
        settings=core.settings,
        library=core.library,
        database=core.database,
        conversations=core.conversations,
        engine=engine,
        turns=Turns(core.database, core.conversations, engine, core.library, streams, clock, handovers),
        streams=streams,
        feed=feed,
        presence=there,
        handovers=handovers,
        replies=Replies(handovers, Notices(core)),
        limits=RateLimits(core.settings),
        clock=clock,
    )


SERVICES = web.AppKey("services", Services)
