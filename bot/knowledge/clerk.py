"""Somebody at the desk who writes a paper: the company's rules, the customer's answers, and words in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .company import Company, localise
from .library import Library
from .paper import DESK, LAW, POLICY, Said
from .procedure import Fee, Rule


@dataclass(slots=True)
class Clerk:
    library: Library
    company: Company
    kind: str
    fields: Mapping[str, str]  #: what the customer answered, by the names of bot.desk.fields, and who, way, reply
    locale: str
    quoted: set[str] = field(default_factory=set)  #: words of the policy that were shown already

    def say(self, key: str, **values: object) -> str:
        """Our own words."""
        return localise(self.library.paper[key], self.locale).format(**values)

    def term(self, vocabulary: str, key: str) -> str:
        """The words for something that a procedure may name."""
        return localise(self.library.terms.words[vocabulary][key], self.locale)

    def terms(self, vocabulary: str, keys: Iterable[str]) -> str:
        return self.say("comma").join(self.term(vocabulary, key) for key in keys)

    @property
    def short(self) -> str:
        return localise(self.company.short, self.locale)

    @property
    def who(self) -> str:
        """self, delegate or legal."""
        who = self.answer("who") or "self"
        return who if who in ("self", "delegate", "legal") else "delegate"

    @property
    def fee(self) -> Fee | None:
        return self.company.procedure.fee_for(self.kind)

    def answer(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def value(self, topic: str, name: str) -> str:
        """A name, address or number as the policy prints it; empty where it states none."""
        fact = self.company.facts.get(topic)
        return fact.statement.values.get(name, "") if fact and fact.statement.stated else ""

    def quote(self, rule: Rule) -> tuple[Said, ...]:
        """The policy's words for a rule that were not shown yet; a line that only leads into a list is none."""
        texts = [quote.text for quote in rule.quotes if not quote.text.endswith(":")]
        fresh = [text for text in dict.fromkeys(texts) if text not in self.quoted]
        self.quoted.update(fresh)
        return tuple(Said(text, POLICY) for text in fresh)

    def by_law(self, key: str) -> tuple[Said, ...]:
        """The law's note, if there is a reviewed one."""
        note = self.library.law.get(key)
        return (Said(localise(note.text, self.locale), LAW),) if note else ()

    def by_desk(self, key: str, **values: object) -> Said:
        return Said(self.say(key, **values), DESK)

    def desk_name(self) -> str:
        """Whom to address: as the policy prints it in English, in our words else."""
        printed = self.value("contact_desk", "desk") if self.locale == "en" else ""
        return printed or localise(self.company.desk, self.locale)
