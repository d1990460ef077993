"""Desk staff: who they are, what their roles let them do, and for which companies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .errors import Forbidden


class Role(StrEnum):
    """What somebody is at the desk; a person may be several."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    TRAINER = "trainer"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a role lets somebody do."""

    SEE_TICKETS = "see_tickets"
    WORK_TICKETS = "work_tickets"  #: reply, note, take, release, close, merge, link, tag, register
    ASSIGN_OTHERS = "assign_others"  #: give somebody a ticket, take one from somebody
    SEE_STATISTICS = "see_statistics"  #: and export them
    MANAGE_REPLIES = "manage_replies"  #: canned replies
    MANAGE_STAFFING = "manage_staffing"  #: staffing hours, holidays, clocks, absence of others
    MANAGE_PEOPLE = "manage_people"  #: people, roles, companies, ending others' sessions
    READ_AUDIT = "read_audit"  #: and export it
    HOLD_REQUESTS = "hold_requests"  #: keep a request from being erased, by law; export a case whole


ROLES: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({Permission.SEE_TICKETS, Permission.WORK_TICKETS}),
    Role.SUPERVISOR: frozenset(
        {
            Permission.SEE_TICKETS,
            Permission.WORK_TICKETS,
            Permission.ASSIGN_OTHERS,
            Permission.SEE_STATISTICS,
            Permission.MANAGE_REPLIES,
            Permission.MANAGE_STAFFING,
        }
    ),
    Role.TRAINER: frozenset(),
    Role.PRIVACY_OFFICER: frozenset(
        {Permission.SEE_TICKETS, Permission.SEE_STATISTICS, Permission.READ_AUDIT, Permission.HOLD_REQUESTS}
    ),
    Role.ADMINISTRATOR: frozenset({Permission.MANAGE_PEOPLE, Permission.MANAGE_REPLIES, Permission.MANAGE_STAFFING}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the desk's staff."""

    id: str
    name: str
    email: str
    roles: frozenset[Role]
    companies: frozenset[str] = frozenset()
    all_companies: bool = False  #: those to come included
    locale: str = "en"
    absent_until: datetime | None = None
    disabled: bool = False

    @property
    def public_name(self) -> str:
        """What customers know them by: the first word of the name, which is the family name where that is written first."""
        return (self.name.split() or [""])[0]

    def sees(self, company: str) -> bool:
        """Whether that company is one of theirs."""
        return self.all_companies or company in self.companies

    def covers(self, other: Person) -> bool:
        """Whether every company of the other is one of theirs, so that acting on the other gives them nothing new."""
        return self.all_companies or (not other.all_companies and other.companies <= self.companies)

    def may(self, permission: Permission, company: str | None = None) -> bool:
        """Whether a role of theirs allows it, for that company where one is meant."""
        if self.disabled or not any(permission in ROLES[role] for role in self.roles):
            return False
        return company is None or self.sees(company)

    def require(self, permission: Permission, company: str | None = None) -> None:
        """Raises Forbidden where they may not."""
        if not self.may(permission, company):
            raise Forbidden(Forbidden.__doc__)
