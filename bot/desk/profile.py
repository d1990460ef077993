"""What can be kept of a member of staff; each check raises BadPerson, which names the field."""

from __future__ import annotations

from datetime import datetime, timedelta

from .errors import BadPerson
from .mail import is_address

LONGEST_NAME = 80
LONGEST_ABSENCE = timedelta(days=366)


def check_name(name: str) -> str:
    """A name as it is kept."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadPerson("name")
    return name


def check_email(email: str) -> str:
    """An address as it is kept."""
    email = email.strip()
    if not is_address(email):
        raise BadPerson("email")
    return email


def check_absence(until: datetime | None, now: datetime) -> None:
    """No absence that is over already, or so long that it is none any more."""
    if until is not None and not now < until <= now + LONGEST_ABSENCE:
        raise BadPerson("absence")
