"""What a policy states on a topic, or that it does not state it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .document import Quote, Texts

#: What a customer's message mentions: entity -> its canonical values.
Mentions = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Lead:
    """The yes or no that comes first where the customer asked a yes/no question."""

    say: Texts
    asked: dict[str, re.Pattern[str]] = field(default_factory=dict)  #: by locale; empty: any other question

    def fits(self, message: str) -> bool:
        return not self.asked or any(pattern.search(message) for pattern in self.asked.values())


@dataclass(frozen=True, slots=True)
class Statement:
    """An answer with what it rests on; `stated` False means that the policy is silent."""

    stated: bool
    answer: Texts = field(default_factory=dict)  #: empty for a silent policy: the default sentence is said
    quotes: tuple[Quote, ...] = ()
    values: dict[str, str] = field(default_factory=dict)  #: each stands in one of the quotes
    derived: dict[str, tuple[str, str]] = field(default_factory=dict)  #: name -> (value, how it follows)
    leads: tuple[Lead, ...] = ()
    law: tuple[str, ...] = ()  #: keys of law.yml
    phone: bool = False  #: telephoning is mentioned: say whether the desk is open
    related: tuple[str, ...] = ()  #: topics to offer next
    searched: tuple[str, ...] = ()  #: words searched for in the source, where it is silent
    explained: dict[str, str] = field(default_factory=dict)  #: searched word that stands there -> why it is no answer


@dataclass(frozen=True, slots=True)
class Variant:
    """A statement for a narrower question."""

    statement: Statement
    when: dict[str, frozenset[str]] = field(default_factory=dict)
    asked: dict[str, re.Pattern[str]] = field(default_factory=dict)

    def fits(self, message: str, mentions: Mentions) -> bool:
        if any(not (mentions.get(entity, frozenset()) & wanted) for entity, wanted in self.when.items()):
            return False
        return not self.asked or any(pattern.search(message) for pattern in self.asked.values())


@dataclass(frozen=True, slots=True)
class Fact:
    """Everything that one policy has to say on one topic."""

    topic: str
    statement: Statement
    variants: tuple[Variant, ...] = ()

    def statements_for(self, message: str, mentions: Mentions) -> tuple[Statement, ...]:
        """The narrowest statements that fit what was asked; the general one where none does.

        "Is a passport or a licence all right?" gets what is said of both. Where something is mentioned that no
        variant speaks of, the general statement comes first: a fee for correction must not hide that for disclosure.
        """
        picked: list[Statement] = []
        covered: dict[str, frozenset[str]] = {}
        for variant in self.variants:
            if not variant.fits(message, mentions):
                continue
            if variant.asked or not variant.when:
                if not picked:
                    return (variant.statement,)
                continue
            values = {entity: mentions[entity] & wanted for entity, wanted in variant.when.items()}
            if any(found - covered.get(entity, frozenset()) for entity, found in values.items()):
                picked.append(variant.statement)
                covered |= {entity: covered.get(entity, frozenset()) | found for entity, found in values.items()}
        if not picked or any(mentions[entity] - found for entity, found in covered.items()):
            return (self.statement, *picked)
        return tuple(picked)

    def statements(self) -> tuple[Statement, ...]:
        return (self.statement, *(variant.statement for variant in self.variants))
