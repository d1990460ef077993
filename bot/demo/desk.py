"""The desk that the week happens at: the product's own parts without a network, and a clock that the week moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.bootstrap import Core
from bot.casework.casework import Casework, make_casework
from bot.delivery.calls import Calls
from bot.delivery.deadlines import watch
from bot.delivery.presence import Presence, Roster
from bot.delivery.services import Services, make_services
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
    clock = Moving(moment)
    # The stories know what the assistant answers, so no engine is asked.
    services = make_services(core, clock, None, presence=OnDuty)  # type: ignore[arg-type]
    calls = Calls(services.handovers)
    return DemoDesk(core, clock, services, make_casework(services), Answerer(core.library, clock), calls, services.presence)
