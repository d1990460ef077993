"""From bot to person and back: what happens when a customer is to have a person, and which words tell it.

Pure decisions. Words are keys of `bot/knowledge/wording.yml` with what is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

#: A person who has the ticket and is at their desk may take this many times as long before the call is given up.
LENIENCE = 3


@dataclass(frozen=True, slots=True)
class Situation:
    """How things stand at the desk when a customer is to have a person."""

    staffed: bool  #: by the desk's plan
    somebody_there: bool  #: with the console open, and not absent
    next_opening: datetime | None = None
    ahead: int = 0  #: how many wait that are called before this one
    email_left: bool = False
    own_person: str = ""  #: public name of the person who has the ticket, if they are there


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence of the wording, with what is filled in; a moment is written as the reader's language does."""

    key: str
    said: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """Who answers from now on, and what the customer is told."""

    called: bool  #: a person is called, and the bot is silent
    words: tuple[Words, ...]


def hand_over(now: Situation) -> Decision:
    """A person is called where the chat is staffed and somebody is there; else it is told when and where the answer comes."""
    if now.staffed and now.somebody_there:
        who = Words("called_again", {"name": now.own_person}) if now.own_person else Words("called")
        return Decision(True, (who, *_place(now.ahead)))
    return Decision(False, _later(now))


def tell_unattended(now: Situation) -> tuple[Words, ...]:
    """What a customer hears who writes to a person when nobody is at the desk: it is kept, and the assistant is back."""
    return (Words("kept_for_person"), *_later(now), Words("assistant_back"))


def give_up(now: Situation) -> tuple[Words, ...]:
    """What a customer hears for whom nobody could come."""
    again = _later(now) if not now.staffed else _where(now)
    return (Words("nobody_came"), *again, Words("assistant_back"))


def tell_joined(name: str, took_over: bool) -> tuple[Words, ...]:
    """What a customer hears when a person takes their case while they are in the chat."""
    return (Words("took_over" if took_over else "joined", {"name": name}),)


def hand_back(name: str, settled: str) -> tuple[Words, ...]:
    """What a customer hears when a person gives the chat back to the assistant."""
    settlement = (Words("settled", {"settled": settled}),) if settled else ()
    return (Words("handed_back", {"name": name}), *settlement, Words("assistant_back"))


def tell_closed(settled: str, was_human: bool) -> tuple[Words, ...]:
    """What a customer hears when their case is closed."""
    settlement = (Words("settled", {"settled": settled}),) if settled else ()
    return (Words("case_closed"), *settlement, Words("how_to_reopen"), *((Words("assistant_back"),) if was_human else ()))


def tell_reopened() -> tuple[Words, ...]:
    """What a customer hears when a person opens their case again."""
    return (Words("case_reopened"),)


def patience(answer_minutes: int, person_there: bool) -> timedelta:
    """How long a customer waits for an answer before they are told that none comes now."""
    return timedelta(minutes=answer_minutes * (LENIENCE if person_there else 1))


def _place(ahead: int) -> tuple[Words, ...]:
    if ahead <= 0:
        return (Words("nobody_ahead"),)
    return (Words("one_ahead"),) if ahead == 1 else (Words("many_ahead", {"count": ahead}),)


def _later(now: Situation) -> tuple[Words, ...]:
    if now.staffed:
        return (Words("nobody_free"), *_where(now))
    if now.next_opening is None:
        return (Words("not_staffed"), *_where(now))
    return (Words("staffed_again", {"opening": now.next_opening}), *_where(now))


def _where(now: Situation) -> tuple[Words, ...]:
    return (Words("answer_by_mail" if now.email_left else "answer_here"),)
