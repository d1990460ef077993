"""Who of the staff is told of what by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from .mail import is_address
from .person import Permission, Person
from .ticket import Ticket

#: What each may switch off, by the name of the preference; everything is on until somebody does.
PREFERENCES = ("mail_assigned", "mail_late", "mail_mentioned")


def wants(person: Person, preferences: Mapping[str, object], preference: str) -> bool:
    """Whether they are still here, can be written to, and have not switched it off."""
    return not person.disabled and is_address(person.email) and preferences.get(preference, True) is not False


def hear_of_late(ticket: Ticket, people: Iterable[Person], now: datetime, *, escalated: bool) -> list[Person]:
    """Who hears that a ticket is due soon or late.

    A warning is for who has it. Where nobody has it, or they are absent, and once it is late, it is for whoever may give it
    to somebody else; for those who have it, too.
    """
    here = [one for one in people if one.may(Permission.WORK_TICKETS, ticket.company)]
    having = [one for one in here if one.id == ticket.assignee]
    present = [one for one in having if not (one.absent_until and one.absent_until > now)]
    if present and not escalated:
        return present
    deciding = [one for one in here if one.may(Permission.ASSIGN_OTHERS, ticket.company) and one not in having]
    return having + deciding
