"""One story as it happens at one company: what its customer and the assistant say, and what staff do."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from bot.delivery.feedback import rate
from bot.desk.conversation import Message
from bot.desk.person import Person, Role
from bot.desk.registration import Registration
from bot.desk.reply import Draft
from bot.desk.staffing import add_staffed_time
from bot.desk.ticket import Ticket
from bot.knowledge.company import Company, localise
from bot.knowledge.reply import Reply
from bot.knowledge.understanding import FALLBACK, Part, Question, Understood

from .desk import DemoDesk
from .stories import Customer, Step, Story

#: Seconds, from and to, that each step takes: of anybody's time, or of staffed time.
PACE = {"customer": (15, 90), "rate": (60, 1800), "wait": (1, 5)}
STAFFED_PACE = {"take": (20, 5400), "reply": (60, 4000), "note": (30, 600), "close": (60, 3000)}
#: A customer who waits in the chat is answered sooner.
LIVE_PACE = {"take": (10, 120), "reply": (20, 150), "note": (5, 30)}
#: One of so many steps of staff takes some hours more.
SLOW = 12


@dataclass
class Case:
    """A story with its cast, and how far it has come."""

    desk: DemoDesk
    story: Story
    company: Company
    customer: Customer
    chosen: random.Random
    number: int
    before: Case | None = None  #: the one that this follows
    steps: list[Step] = field(default_factory=list)
    conversation: str = ""
    ticket: Ticket | None = None
    agent: Person | None = None
    topic: str | None = None

    def __post_init__(self) -> None:
        self.steps = list(self.story.steps)

    async def go_on(self) -> datetime | None:
        """Let the next step happen; when the one after it is due."""
        if self.story.channel != "web" and self.ticket is None:
            await self._register()
        elif self.steps:
            step = self.steps.pop(0)
            await getattr(self, f"_{step.kind}")(step)
        return self._next() if self.steps else None

    def _next(self) -> datetime | None:
        now, kind = self.desk.clock(), self.steps[0].kind
        if kind in PACE:
            seconds = self.chosen.uniform(*PACE[kind])
            if kind == "customer" and self.ticket and self.ticket.status == "closed":
                seconds += 3600 * self.chosen.uniform(2, 30)  # they write again another day
            return now + timedelta(seconds=seconds)
        live = self._is_live()
        pace = LIVE_PACE if live and kind in LIVE_PACE else STAFFED_PACE
        seconds = self.chosen.uniform(*pace.get(kind, (5, 60)))
        if not live and self.chosen.randrange(SLOW) == 0:
            seconds += 3600 * self.chosen.uniform(3, 14)
        plan = self.desk.core.database.look(lambda db: self.desk.core.staffing.plan(db, self.company.key))
        return add_staffed_time(plan, now, timedelta(seconds=seconds))

    def _is_live(self) -> bool:
        found = self.desk.core.database.look(lambda db: self.desk.core.conversations.find(db, self.conversation))
        return found is not None and found.called

    # The customer and the assistant ----------------------------------------------------------------------------------

    async def _customer(self, step: Step) -> None:
        """A message, and what comes of it."""
        text = self._fill(self.chosen.choice(step.value))
        following = self.steps.pop(0) if self.steps and self.steps[0].kind in ("bot", "open", "reopen") else None
        core, now, roster = self.desk.core, self.desk.clock(), self.desk.presence.roster()

        def work(db: Connection) -> Ticket | None:
            if not self.conversation:
                self.conversation = core.conversations.open(db, self.company.key, self.story.locale, "web", now)[0].id
            conversation = core.conversations.find(db, self.conversation)
            assert conversation is not None
            message = core.conversations.accept(db, conversation, text, f"{self.number} {len(self.steps)}", now).message
            self.desk.services.handovers.hear(db, conversation, now)
            replies = []
            if conversation.mode == "bot":
                replies = [self._answer(db, message, following, now + timedelta(seconds=1))]
            offers = tuple(offer for reply in replies for offer in reply["offers"])
            core.conversations.settle(db, message, replies, offers, now + timedelta(seconds=1), mode=conversation.mode)
            self.desk.services.handovers.after_turn(db, message, replies, roster, now + timedelta(seconds=2))
            return core.tickets.find_current(db, self.conversation)

        self.ticket = await self.desk.services.database.run(work)

    def _answer(self, db: Connection, message: Message, step: Step | None, now: datetime) -> dict:
        """What the assistant says: on a topic, that it did not understand, that a person has it now."""
        if step is not None and step.kind in ("open", "reopen"):
            core = self.desk.core
            conversation = core.conversations.find(db, self.conversation)
            assert conversation is not None
            contact = self.customer.contact(self.story.contact)
            reason = step.value or "asked"
            ticket, new = core.tickets.open(db, conversation, message.id, reason, now, topic=self.topic, contact=contact)
            if self.story.priority is not None and new:
                ticket = core.tickets.save(db, replace(ticket, priority=self.story.priority), now)
            said = self.desk.answerer.tell_ticket(self.company, ticket.reference, self.story.locale, new=new)
            return _body(said, {"reference": ticket.reference, "status": ticket.status})
        reply = self._say(message.text, step.value if step else "search")
        self.topic = reply.topic or self.topic
        return _body(reply)

    def _say(self, text: str, what: str) -> Reply:
        answerer, locale = self.desk.answerer, self.story.locale
        understood = Understood(Part(text, FALLBACK, 0.0, (), {}), ())
        kind, _, detail = what.partition(" ")
        if kind == "offer":
            return answerer.offer_person(self.company, detail, understood, locale)
        if kind == "procedure":
            return answerer.explain_procedure(self.company, detail, understood, locale)
        if kind == "search":
            return answerer.search(self.company, understood, locale)
        return answerer.answer_topic(self.company, Question(kind, text, {}, 1.0), locale)

    async def _bot(self, step: Step) -> None:
        raise AssertionError("the assistant speaks when it is spoken to")

    _open = _reopen = _bot

    # Staff -----------------------------------------------------------------------------------------------------------

    async def _register(self) -> None:
        """What came by post, telephone or in person, some hours after it came."""
        now, clerk = self.desk.clock(), self._somebody()
        registration = Registration(
            form=f"demonstration {self.number}",
            company=self.company.key,
            channel=self.story.channel,
            received_at=now - timedelta(minutes=self.chosen.choice((2, 10, 25, 55))),
            text=self._fill(self.story.text),
            reason=self.story.reason,
            language=self.story.locale,
            priority=self.story.priority,
            contact=self.customer.contact(self.story.contact),
        )
        self.ticket = await self.desk.casework.registering.register(clerk, registration)
        self.conversation = self.ticket.conversation

    async def _take(self, _: Step) -> None:
        self.agent = self._somebody()
        self.ticket = await self.desk.casework.tickets.take(self.agent, self._id)

    async def _note(self, step: Step) -> None:
        await self.desk.casework.notes.add(self._agent, self._id, self._fill(step.value), f"note {self.number} {len(self.steps)}")

    async def _tag(self, step: Step) -> None:
        someone = self.agent or self._somebody()
        self.ticket = await self.desk.casework.details.tag(someone, self._id, *step.value)

    async def _priority(self, step: Step) -> None:
        someone = self.agent or self._somebody()
        self.ticket = await self.desk.casework.details.set_priority(someone, self._id, step.value)

    async def _reply(self, step: Step) -> None:
        waits = bool(self.steps) and self.steps[0].kind in ("customer", "wait")
        draft = Draft(self._fill(step.value), step.cite)
        then = "waiting" if waits else "open"
        replies = self.desk.casework.replies
        held = await replies.send(self._agent, self._id, draft, f"reply {self.number} {len(self.steps)}", then)
        await replies.send_now(self._agent, self._id, held.id)
        self._read()

    async def _wait(self, _: Step) -> None:
        self.ticket = await self.desk.casework.closing.wait(self._agent, self._id)

    async def _close(self, step: Step) -> None:
        self.ticket = await self.desk.casework.closing.close(self._agent, self._id, self._fill(step.value))

    async def _rate(self, step: Step) -> None:
        core, now = self.desk.core, self.desk.clock()

        def work(db: Connection) -> Ticket:
            ticket = core.tickets.find(db, self._id)
            conversation = core.conversations.find(db, ticket.conversation) if ticket else None
            assert ticket is not None and conversation is not None
            return rate(core, db, conversation, step.value, now) or ticket

        self.ticket = await self.desk.services.database.run(work)

    async def _link(self, _: Step) -> None:
        if other := self._other():
            self.ticket = await self.desk.casework.links.link(self._agent, self._id, other)

    async def _merge(self, step: Step) -> None:
        """Into the one before; a case that is closed already is linked."""
        other = self._other()
        found = self.desk.core.database.look(lambda db: self.desk.core.tickets.find(db, other or ""))
        if found is None or found.status == "closed":
            return await self._link(step)
        self.ticket = await self.desk.casework.links.merge(self._agent, self._id, found.id)

    def _other(self) -> str | None:
        """The ticket of the case before, if it came that far."""
        return self.before.ticket.id if self.before and self.before.ticket else None

    def _somebody(self) -> Person:
        """Who works on that company's tickets; a supervisor seldom has the time."""
        people = self.desk.agents(self.company.key)
        weights = [1 if Role.SUPERVISOR in person.roles else 4 for person in people]
        return self.chosen.choices(people, weights)[0]

    @property
    def _id(self) -> str:
        assert self.ticket is not None
        return self.ticket.id

    @property
    def _agent(self) -> Person:
        assert self.agent is not None
        return self.agent

    def _read(self) -> None:
        self.ticket = self.desk.core.database.look(lambda db: self.desk.core.tickets.find(db, self._id))

    def _fill(self, text: str) -> str:
        return text.format(
            name=self.customer.name,
            town=self.customer.town,
            agent=self.agent.public_name if self.agent else "",
            reference=self.ticket.reference if self.ticket else "",
            company=localise(self.company.short, self.story.locale),
        )


def _body(reply: Reply, ticket: dict | None = None) -> dict:
    """A reply as the engine gives it."""
    return {
        "text": reply.text,
        "citations": [citation.as_dict() for citation in reply.citations],
        "quick_replies": [button.as_dict() for button in reply.quick_replies],
        "offers": list(reply.offers),
        "ticket": ticket,
        "outcome": {"topic": reply.topic, "kind": reply.outcome},
    }
