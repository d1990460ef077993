"""The desk that the week happens at: the product's own parts without a network, and a clock that the week moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.bootstrap import Core
from bot.casework.casework import Casework, make_casework
from bot.delivery.calls import Calls
from bot.delivery.deadlines import watch
from bot.delivery.feed import Feed
from bot.delivery.handovers import Handovers
from bot.delivery.limits import RateLimits
from bot.delivery.notices import Notices
from bot.delivery.presence import Presence, Roster
from bot.delivery.replies import Replies
from bot.delivery.services import Services
from bot.delivery.streams import Streams
from bot.desk.person import Person
from bot.desk.staffing import is_staffed
from bot.knowledge.answering import Answerer


@dataclass
class Moving:
    """A clock that is set."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


class OnDuty(Presence):
    """Everybody is at their console while their desk is staffed, and nobody otherwise."""

    here: tuple[Person, ...] = ()
    staffed = False

    def roster(self) -> Roster:
        return Roster(self.here if self.staffed else ())


@dataclass
class DemoDesk:
    """What the stories act on."""

    core: Core
    clock: Moving
    services: Services
    casework: Casework
    answerer: Answerer
    calls: Calls
    presence: OnDuty
    people: dict[str, Person] = field(default_factory=dict)  #: by the key that the stories' file gives them

    async def go_to(self, moment: datetime) -> None:
        """Let the time pass: who is at the desk, who has waited too long, what is late."""
        self.clock.moment = max(moment, self.clock.moment)
        company = self.core.library.companies()[0].key
        plan = self.core.database.look(lambda db: self.core.staffing.plan(db, company))
        self.presence.staffed = is_staffed(plan, self.clock.moment)
        await self.calls.give_up()
        await watch(self.services)

    def agents(self, company: str) -> list[Person]:
        """Who works on that company's tickets."""
        return [person for person in self.presence.here if Roster((person,)).anybody(company)]


def make_demo_desk(core: Core, moment: datetime) -> DemoDesk:
    """The desk over an empty database."""
    clock, feed, streams = Moving(moment), Feed(), Streams()
    presence = OnDuty(feed, streams, clock)
    handovers = Handovers(core, presence, streams, feed, clock)
    services = Services(
        core=core,
        settings=core.settings,
        library=core.library,
        database=core.database,
        conversations=core.conversations,
        engine=None,  # type: ignore[arg-type]  # the stories know what the assistant answers
        turns=None,  # type: ignore[arg-type]
        streams=streams,
        feed=feed,
        presence=presence,
        handovers=handovers,
        replies=Replies(handovers, Notices(core)),
        limits=RateLimits(core.settings),
        clock=clock,
    )
    return DemoDesk(core, clock, services, make_casework(services), Answerer(core.library, clock), Calls(handovers), presence)
