"""How sign-ins that fail are slowed down: a pause that doubles with each further failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are free, and how long the pauses get."""

    free: int
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)

    def pause(self, failures: int) -> timedelta | None:
        """How long nothing is tried after so many failures in a row."""
        beyond = failures - self.free
        return min(self.first * 2 ** min(beyond, 20), self.longest) if beyond >= 0 else None


#: Of one account: enough for who is not sure which of their passwords it was.
ACCOUNT = Patience(free=5)
#: Of one network: a whole office may sit behind one address.
NETWORK = Patience(free=30)
#: Failures are forgotten so long after the last one.
FORGOTTEN = timedelta(hours=24)
