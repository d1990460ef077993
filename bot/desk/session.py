"""A session of a member of staff: how long it lasts, and on what device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .person import Person

#: A shift and what follows it; afterwards everybody signs in again.
ABSOLUTE = timedelta(hours=14)
#: Nothing asked for so long, and the session is over; an open console counts as asking.
IDLE = timedelta(hours=2)
#: So long after signing in, what is asked again later needs no password.
FRESH = timedelta(minutes=10)
#: Whoever gave the password has so long to give the second factor.
HALFWAY = timedelta(minutes=10)
#: How exactly it is kept when a session was used last.
TOUCH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in on one device."""

    id: str  #: what lists show and end it by; no secret
    person: Person
    verified: bool  #: the second factor was given, or none is set up
    second_factor: bool  #: whether this person has one
    strong: bool  #: a second factor was given, here or to the identity provider
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime

    def over(self, now: datetime) -> bool:
        """Whether it has ended by itself, or its person may not sign in any more."""
        halfway = not self.verified and now - self.created_at >= HALFWAY
        return halfway or self.person.disabled or now >= self.expires_at or now - self.seen_at >= IDLE
