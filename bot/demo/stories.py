"""The stories of the demonstration: read from their files, and cast with a company and a customer."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.desk.ticket import Contact
from bot.knowledge.company import Company
from bot.knowledge.library import Library

HERE = Path(__file__).with_name("stories")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, and what goes with it."""

    kind: str  #: customer, bot, open, reopen, take, note, reply, tag, priority, wait, close, rate, link, merge
    value: Any = None
    cite: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """What may happen at any company that its policy fits."""

    key: str
    locale: str
    steps: tuple[Step, ...]
    channel: str = "web"
    reason: str = "asked"
    text: str = ""  #: of a letter or call: what the clerk wrote down
    needs: tuple[str, ...] = ()  #: topics that the policy has to state
    silent: tuple[str, ...] = ()  #: topics that it does not
    contact: tuple[str, ...] = ()  #: what the customer gave of their contact
    priority: int | None = None
    follows: str = ""  #: the story that it comes after, at the same company and with the same customer

    def fits(self, company: Company) -> bool:
        """Whether it may happen there: a citation has to rest on something."""
        cited = {topic for step in self.steps for topic in step.cite}
        stated = {topic: fact.statement.stated and bool(fact.statement.quotes) for topic, fact in company.facts.items()}
        return all(stated.get(topic) for topic in {*self.needs, *cited}) and not any(stated.get(topic) for topic in self.silent)


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody invented."""

    name: str
    town: str
    email: str
    phone: str
    address: str

    def contact(self, given: Sequence[str]) -> Contact:
        return Contact(**{field: getattr(self, field) for field in given})


@dataclass(frozen=True, slots=True)
class Stories:
    """All of them."""

    conversations: tuple[Story, ...]
    registered: tuple[Story, ...]
    chats: Mapping[str, Sequence[Mapping[str, Any]]]  #: by locale: topic, and ways to ask for it
    missed: Mapping[str, Sequence[str]]  #: by locale: what no policy is about
    people: Sequence[Mapping[str, Any]]
    replies: Sequence[Mapping[str, Any]]
    names: Mapping[str, Mapping[str, Sequence[str]]]

    def invent_customer(self, chosen: random.Random, locale: str) -> Customer:
        """Somebody who lives nowhere; the telephone numbers are of no exchange, the mail addresses of no domain."""
        name, town = chosen.choice(self.names["customers"][locale]), chosen.choice(self.names["towns"][locale])
        number = chosen.randrange(10**4)
        plain = "".join(c for c in name.lower() if c.isascii() and c.isalpha()) or "customer"
        address = f"{town}市架空町{number % 90 + 1}番地" if locale == "ja" else f"{number % 90 + 1} Nowhere Street, {town}"
        return Customer(name, town, f"{plain}.{number}@customer.example", f"000-0000-{number:04}", address)


def read_stories(folder: Path = HERE) -> Stories:
    """The stories of all files."""
    chats = _read(folder / "chats.yml")
    names = _read(folder / "names.yml")
    conversations = [
        _story(row, locale) for locale in names["customers"] for row in _read(folder / f"conversations.{locale}.yml")
    ]
    return Stories(
        conversations=tuple(conversations),
        registered=tuple(_story(row, row["locale"]) for row in _read(folder / "registered.yml")),
        chats={locale: rows for locale, rows in chats.items() if locale != "missed"},
        missed=chats["missed"],
        people=_read(folder / "people.yml"),
        replies=_read(folder / "replies.yml"),
        names=names,
    )


def list_topics(stories: Stories, library: Library) -> set[str]:
    """Topics that the stories speak of and the catalogue lacks: none, if all is well."""
    spoken = {row["topic"] for rows in stories.chats.values() for row in rows}
    for story in (*stories.conversations, *stories.registered):
        spoken |= {*story.needs, *story.silent, *(topic for step in story.steps for topic in step.cite)}
        spoken |= {step.value for step in story.steps if step.kind == "bot" and " " not in step.value and step.value != "search"}
    return spoken - set(library.topics)


def _story(row: Mapping[str, Any], locale: str) -> Story:
    lists = {name: tuple(row.get(name) or ()) for name in ("needs", "silent", "contact")}
    plain = {name: row[name] for name in ("channel", "reason", "text", "priority", "follows") if name in row}
    return Story(key=row["key"], locale=locale, steps=tuple(map(_step, row["steps"])), **lists, **plain)


def _step(row: str | Mapping[str, Any]) -> Step:
    if isinstance(row, str):
        return Step(row)
    kind = next(name for name in row if name != "cite")
    return Step(kind, row[kind], tuple(row.get("cite") or ()))


def _read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
