"""The week: which stories happen when, and to whom; then everything in the order of time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.desk.ticket import URGENT_REASONS
from bot.knowledge.company import Company

from .case import Case
from .desk import DemoDesk
from .stories import Step, Stories, Story

DAYS = 7
#: Chats that a person took over, things that came otherwise, and chats that needed nobody.
TICKETS, REGISTERED, CHATS = 66, 16, 150
#: Of ten conversations so many are Japanese.
JAPANESE = 3
#: Of so many customers who want a person, one is overlooked.
OVERLOOKED = 9
#: When customers write, by the hour in the company's place: how often.
HOURS = (1, 1, 0, 0, 0, 0, 1, 2, 4, 8, 10, 9, 8, 9, 9, 8, 8, 7, 6, 6, 7, 7, 5, 3)

#: How much of that on a Saturday or Sunday.
WEEKEND = 0.35

#: A case, and when it begins.
Start = tuple[datetime, Case]


def plan_week(desk: DemoDesk, stories: Stories, now: datetime, chosen: random.Random) -> list[Start]:
    """Everything that begins in the week before now."""
    casting = Casting(desk, stories, now, chosen)
    return [*casting.chats(CHATS), *casting.tickets(TICKETS), *casting.registered(REGISTERED)]


class Casting:
    """Gives each story a company, a customer and a time."""

    def __init__(self, desk: DemoDesk, stories: Stories, now: datetime, chosen: random.Random):
        self.desk = desk
        self.stories = stories
        self.now = now
        self.chosen = chosen
        self.companies = desk.core.library.companies()
        self.number = 0
        self.by_story: dict[str, list[Start]] = {}

    def tickets(self, count: int) -> Iterator[Start]:
        """Each company has its share, each story comes up before one comes up again."""
        shuffled: dict[str, list[Story]] = {"en": [], "ja": []}
        for place in range(count):
            company = self.companies[place % len(self.companies)]
            locale = "ja" if self.chosen.randrange(10) < JAPANESE else "en"
            story = self._draw(shuffled, locale, company)
            steps = list(story.steps)
            begins = self._moment()
            opened = next(place for place, step in enumerate(steps) if step.kind == "open")
            if steps[opened].value not in URGENT_REASONS and self.chosen.randrange(OVERLOOKED) == 0:
                steps = steps[: opened + 1]
            # The last hours bring what nobody has taken yet.
            if place % 6 == 0:
                begins = self.now - timedelta(minutes=self.chosen.uniform(3, 150))
            yield self._start(begins, story, company, steps)

    def registered(self, count: int) -> Iterator[Start]:
        """Letters, faxes, calls and visits; some belong to a chat of before."""
        for place in range(count):
            story = self.stories.registered[place % len(self.stories.registered)]
            if earlier := self._find_earlier(story):
                begun, case = earlier
                begins = min(begun + timedelta(days=self.chosen.uniform(1, 2)), self.now - timedelta(hours=2))
                yield self._start(begins, story, case.company, list(story.steps), before=case)
            else:
                yield self._start(self._moment(), story, self.companies[place % len(self.companies)], list(story.steps))

    def chats(self, count: int) -> Iterator[Start]:
        """Questions that the assistant answers, or that it has no answer to."""
        for place in range(count):
            locale = "ja" if self.chosen.randrange(10) < JAPANESE else "en"
            steps: list[Step] = []
            for _ in range(self.chosen.choice((1, 1, 2, 2, 3))):
                if self.chosen.randrange(9) == 0:
                    steps += [Step("customer", self.stories.missed[locale]), Step("bot", "search")]
                else:
                    asked = self.chosen.choice(self.stories.chats[locale])
                    steps += [Step("customer", asked["ask"]), Step("bot", asked["topic"])]
            story = Story("chat", locale, tuple(steps))
            yield self._start(self._moment(), story, self.companies[place % len(self.companies)], steps)

    def _draw(self, shuffled: dict[str, list[Story]], locale: str, company: Company) -> Story:
        for _ in range(2):
            fitting = [story for story in shuffled[locale] if story.fits(company)]
            if fitting:
                shuffled[locale].remove(fitting[0])
                return fitting[0]
            again = [story for story in self.stories.conversations if story.locale == locale]
            self.chosen.shuffle(again)
            shuffled[locale] += again
        raise ValueError(f"No story of the demonstration fits {company.key}.")

    def _find_earlier(self, story: Story) -> Start | None:
        """A case that it follows: one that began early enough, and that nothing has followed yet."""
        known = self.by_story.get(story.follows, [])
        found = next((start for start in known if self.now - start[0] > timedelta(days=2)), None)
        if found:
            known.remove(found)
        return found

    def _start(self, begins: datetime, story: Story, company: Company, steps: list[Step], before: Case | None = None) -> Start:
        self.number += 1
        customer = before.customer if before else self.stories.invent_customer(self.chosen, story.locale)
        case = Case(self.desk, story, company, customer, self.chosen, self.number, before)
        case.steps = steps
        self.by_story.setdefault(story.key, []).append((begins, case))
        return begins, case

    def _moment(self) -> datetime:
        """Some time of the week at which people write."""
        zone = ZoneInfo(self.companies[0].timezone)
        while True:
            begins = self.now - timedelta(days=self.chosen.uniform(0, DAYS))
            there = begins.astimezone(zone)
            often = HOURS[there.hour] * (WEEKEND if there.weekday() >= 5 else 1.0)
            if self.chosen.uniform(0, max(HOURS)) < often:
                return begins


async def live_through(starts: list[Start], now: datetime, tell: Callable[[str], object]) -> None:
    """Let everything happen that happens before now, in its order."""
    agenda = [(begins, case.number, case) for begins, case in starts]
    heapq.heapify(agenda)
    day = ""
    while agenda:
        due, number, case = heapq.heappop(agenda)
        if due >= now:
            continue
        if (today := f"{due:%A %-d %B}") != day:
            day = today
            tell(f"  {day} ...")
        await case.desk.go_to(due)
        if case.story.channel != "web" and case.ticket is None and not case.desk.presence.staffed:
            # Nobody is there who could register it: tomorrow, then.
            heapq.heappush(agenda, (due + timedelta(hours=1), number, case))
            continue
        following = await case.go_on()
        if following is not None:
            heapq.heappush(agenda, (following, number, case))


