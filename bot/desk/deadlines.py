"""Until when a ticket is to be answered and settled, counted in the time in which its desk is staffed.

A ticket's clocks begin when it is opened, and anew when it is reopened. They stand still while the customer has the
ball and go on with what was left. A date that staff set goes before the clocks' own, and holds while the customer has the
ball, too: somebody promised it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .staffing import StaffingPlan, add_staffed_time, staffed_between, subtract_staffed_time
from .ticket import PRIORITIES, Ticket


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much staffed time a kind of ticket has; None: no such clock."""

    reply: timedelta | None
    resolve: timedelta | None
    warn: timedelta  #: how long before a due date the desk is warned


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


#: Five days of nine hours.
_FIVE_DAYS = minutes(45 * 60)
#: What holds for a company that has set nothing else.
USUAL = Allowance(minutes(8 * 60), _FIVE_DAYS, minutes(60))
DEFAULTS = {
    "leak": Allowance(minutes(30), _FIVE_DAYS, minutes(10)),
    "complaint": Allowance(minutes(4 * 60), _FIVE_DAYS, minutes(60)),
}
URGENT = PRIORITIES.index("urgent")


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What counts for one ticket: its desk's plan, and what its kind is allowed."""

    plan: StaffingPlan
    allowed: Allowance

    def begin(self, ticket: Ticket, at: datetime) -> Ticket:
        """The clocks begin, or begin anew."""
        started = replace(
            ticket, clock_from=at, paused_at=None, paused_seconds=0, reply_due_at=None, resolve_due_at=None, due_set=False
        )
        return self._settle(self._count(replace(started, warned_at=None, escalated_at=None), answered=False))

    def recount(self, ticket: Ticket, now: datetime) -> Ticket:
        """The kind or the priority is another one: the same beginning and pauses, another allowance."""
        if ticket.status == "closed" or ticket.clock_from is None:
            return ticket
        answered = ticket.reply_due_at is None and ticket.replied_at is not None
        return self._renew(ticket, self._settle(self._count(ticket, answered=answered)), now)

    def answered(self, ticket: Ticket, now: datetime) -> Ticket:
        """A person has replied: what is due next is that it is settled."""
        if ticket.reply_due_at is None:
            return ticket
        return self._renew(ticket, self._settle(replace(ticket, reply_due_at=None)), now)

    def pause(self, ticket: Ticket, now: datetime) -> Ticket:
        """The customer has the ball."""
        return self._settle(replace(ticket, status="waiting", paused_at=ticket.paused_at or now))

    def resume(self, ticket: Ticket, now: datetime) -> Ticket:
        """The desk has it again, with what was left."""
        if ticket.paused_at is None:
            return self._settle(replace(ticket, status="open"))
        since, paused = ticket.paused_at, staffed_between(self.plan, ticket.paused_at, now)
        return self._settle(
            replace(
                ticket,
                status="open",
                paused_at=None,
                paused_seconds=ticket.paused_seconds + round(paused.total_seconds()),
                reply_due_at=self._shift(ticket.reply_due_at, since, now),
                resolve_due_at=self._shift(ticket.resolve_due_at, since, now),
            )
        )

    def close(self, ticket: Ticket, now: datetime) -> Ticket:
        """Nothing is due any more. The last pause counts as one: settling took no longer because the customer kept silent."""
        paused = staffed_between(self.plan, ticket.paused_at, now) if ticket.paused_at else timedelta(0)
        ended = replace(ticket, paused_at=None, paused_seconds=ticket.paused_seconds + round(paused.total_seconds()))
        return replace(ended, status="closed", closed_at=now, called_at=None, due_at=None, due_set=False, alarm_at=None)

    def set_due(self, ticket: Ticket, due_at: datetime | None, now: datetime) -> Ticket:
        """A date that staff set; None: the clocks' own again."""
        return self._renew(ticket, self._settle(replace(ticket, due_set=due_at is not None, due_at=due_at)), now)

    def take_over(self, ticket: Ticket, other: Ticket, now: datetime) -> Ticket:
        """The dates of another ticket that becomes part of this one, where they are sooner."""
        joined = replace(
            ticket,
            reply_due_at=_sooner(ticket.reply_due_at, other.reply_due_at),
            resolve_due_at=_sooner(ticket.resolve_due_at, other.resolve_due_at),
            due_set=other.due_set,
            due_at=other.due_at,
        )
        return self._renew(ticket, self._settle(joined), now)

    def warned(self, ticket: Ticket, now: datetime) -> Ticket:
        """The desk was told that it is due soon."""
        return self._settle(replace(ticket, warned_at=now))

    def escalated(self, ticket: Ticket, now: datetime) -> Ticket:
        """It is late: its priority rises. Its dates stay, since they are over."""
        priority = min(ticket.priority + 1, URGENT)
        return self._settle(replace(ticket, priority=priority, warned_at=ticket.warned_at or now, escalated_at=now))

    def _count(self, ticket: Ticket, *, answered: bool) -> Ticket:
        """The clocks' dates from their beginning."""
        assert ticket.clock_from is not None
        paused, begins, allowed = timedelta(seconds=ticket.paused_seconds), ticket.clock_from, self.allowed
        reply = add_staffed_time(self.plan, begins, allowed.reply + paused) if allowed.reply and not answered else None
        resolve = add_staffed_time(self.plan, begins, allowed.resolve + paused) if allowed.resolve else None
        return replace(ticket, reply_due_at=reply, resolve_due_at=resolve)

    def _shift(self, due_at: datetime | None, since: datetime, now: datetime) -> datetime | None:
        """A date that had some time left at `since`, with as much left from now on; one that was over stays so."""
        if due_at is None or due_at <= since:
            return due_at
        return add_staffed_time(self.plan, now, staffed_between(self.plan, since, due_at))

    def _renew(self, before: Ticket, ticket: Ticket, now: datetime) -> Ticket:
        """The same, and the desk is told anew of another date that is still to come."""
        if ticket.due_at is None or ticket.due_at == before.due_at or ticket.due_at <= now:
            return ticket
        return self._settle(replace(ticket, warned_at=None, escalated_at=None))

    def _settle(self, ticket: Ticket) -> Ticket:
        """The ticket with what is due next, and when the desk has to be told."""
        due = ticket.due_at
        if not ticket.due_set:
            due = min((at for at in (ticket.reply_due_at, ticket.resolve_due_at) if at), default=None)
            if ticket.status != "open":
                due = None
        alarm = None
        if due and ticket.warned_at is None and ticket.escalated_at is None:
            alarm = subtract_staffed_time(self.plan, due, self.allowed.warn) or due
        elif due and ticket.escalated_at is None:
            alarm = due
        return replace(ticket, due_at=due, alarm_at=alarm)


def allowance_for(ticket: Ticket, by_reason: dict[str, Allowance]) -> Allowance:
    """What a ticket is allowed: its kind's time, and if it is urgent, no more than a reported leak has."""
    own = by_reason.get(ticket.reason) or DEFAULTS.get(ticket.reason, USUAL)
    if ticket.priority < URGENT or ticket.reason == "leak":
        return own
    leak = by_reason.get("leak") or DEFAULTS["leak"]
    reply, resolve = _sooner(own.reply, leak.reply), _sooner(own.resolve, leak.resolve)
    return Allowance(reply, resolve, min(own.warn, leak.warn))


def _sooner(*times: Any) -> Any:
    return min((time for time in times if time is not None), default=None)
