"""Whom a note mentions: @ and a name, as it is written at the desk."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from .person import Person


def find_mentioned(text: str, people: Iterable[Person]) -> tuple[Person, ...]:
    """Those of these people whose name follows an @, in the order in which they are mentioned first.

    The longest name that fits is meant: "@Hana Sato" is not Hana Mori, and two who have the very same name are both meant.
    """
    text = _fold(text)
    names: dict[str, list[Person]] = {}
    for person in people:
        for name in {_fold(person.name), _fold(person.public_name)} - {""}:
            names.setdefault(name, []).append(person)
    longest_first = sorted(names, key=len, reverse=True)
    found: dict[str, Person] = {}
    place = text.find("@")
    while place >= 0:
        rest = text[place + 1 :]
        meant = next((name for name in longest_first if rest.startswith(name) and _ends(name, rest[len(name) :])), None)
        # An address has letters before its @ and mentions nobody.
        if meant and not (place and text[place - 1].isascii() and text[place - 1].isalnum()):
            found.update((person.id, person) for person in names[meant] if person.id not in found)
        place = text.find("@", place + 1)
    return tuple(found.values())


def _ends(name: str, rest: str) -> bool:
    """Whether the name ends there. A Japanese name is followed by さん or a particle without a space."""
    return not (name[-1].isascii() and rest[:1].isascii() and rest[:1].isalnum())


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
