"""All that the desk knows: the companies, the catalogue of topics, the law's notes and our own wording."""

from __future__ import annotations

from dataclasses import dataclass

from .company import Company
from .document import Texts
from .errors import UnknownCompany
from .procedure import ProcedureTerms


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that a customer can ask about, the same for every company."""

    key: str
    group: str
    title: Texts
    asked: Texts  #: completes "The policy does not state ..."
    about: str


@dataclass(frozen=True, slots=True)
class LawNote:
    """What the law adds, said only as the law's, from a text that a person reviewed."""

    key: str
    text: Texts
    source: str
    reviewed: str  #: ISO date


class Library:
    """The companies served and what is the same for all of them."""

    def __init__(
        self,
        companies: dict[str, Company],
        topics: dict[str, Topic],
        law: dict[str, LawNote],
        wording: dict[str, Texts],
        follow_ups: tuple[dict, ...] = (),
        terms: ProcedureTerms | None = None,
        paper: dict[str, Texts] | None = None,
    ):
        self._companies = companies
        self.topics = topics
        self.law = law
        self.wording = wording
        self.follow_ups = follow_ups
        self.terms = terms or ProcedureTerms()
        self.paper = paper or {}  #: words of a request on paper

    def companies(self) -> list[Company]:
        return list(self._companies.values())

    def company(self, key: str) -> Company:
        """Raises UnknownCompany."""
        try:
            return self._companies[key]
        except KeyError:
            raise UnknownCompany(key, list(self._companies)) from None

    def others_named_in(self, message: str, company: Company) -> list[Company]:
        """The companies other than `company` that a message names."""
        return [other for other in self.companies() if other.key != company.key and other.named_in(message)]
