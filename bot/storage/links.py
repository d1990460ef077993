"""What tickets have in common: tags, links, mergers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .tables import ticket_links, ticket_tags, tickets


class Links:
    """All queries on tags, links and mergers."""

    def tag(self, db: Connection, ticket: str, *tags: str) -> list[str]:
        """Put these tags on; those that were not on it before."""
        new = [tag for tag in dict.fromkeys(tags) if tag not in self.tags(db, ticket)]
        if new:
            db.execute(ticket_tags.insert(), [{"ticket": ticket, "tag": tag} for tag in new])
        return new

    def untag(self, db: Connection, ticket: str, *tags: str) -> list[str]:
        """Take these tags off; those that were on it."""
        there = [tag for tag in self.tags(db, ticket) if tag in tags]
        db.execute(ticket_tags.delete().where(ticket_tags.c.ticket == ticket, ticket_tags.c.tag.in_(there)))
        return there

    def tags(self, db: Connection, ticket: str) -> list[str]:
        rows = db.execute(sa.select(ticket_tags.c.tag).where(ticket_tags.c.ticket == ticket).order_by(ticket_tags.c.tag))
        return [row.tag for row in rows]

    def company_tags(self, db: Connection, company: str, beginning: str = "", most: int = 20) -> list[str]:
        """That company's tags which begin so, the most used first."""
        query = (
            sa.select(ticket_tags.c.tag)
            .join(tickets, tickets.c.id == ticket_tags.c.ticket)
            .where(tickets.c.company == company, ticket_tags.c.tag.startswith(beginning, autoescape=True))
            .group_by(ticket_tags.c.tag)
            .order_by(sa.func.count().desc(), ticket_tags.c.tag)
            .limit(most)
        )
        return [row.tag for row in db.execute(query)]

    def link(self, db: Connection, one: str, other: str) -> bool:
        """Whether they were not linked before. A link has no direction, and is stored once."""
        if other in self.linked(db, one):
            return False
        first, second = sorted((one, other))
        db.execute(ticket_links.insert().values(ticket=first, other=second))
        return True

    def unlink(self, db: Connection, one: str, other: str) -> bool:
        first, second = sorted((one, other))
        gone = ticket_links.delete().where(ticket_links.c.ticket == first, ticket_links.c.other == second)
        return db.execute(gone).rowcount > 0

    def linked(self, db: Connection, ticket: str) -> list[str]:
        """The tickets that this one is linked with."""
        query = sa.select(ticket_links).where(sa.or_(ticket_links.c.ticket == ticket, ticket_links.c.other == ticket))
        return [row.other if row.ticket == ticket else row.ticket for row in db.execute(query)]

    def merged_here(self, db: Connection, ticket: str) -> list[str]:
        """The tickets that were merged into this one."""
        query = sa.select(tickets.c.id).where(tickets.c.merged_into == ticket).order_by(tickets.c.opened_at)
        return [row.id for row in db.execute(query)]

    def pass_on(self, db: Connection, ticket: str, into: str) -> None:
        """What was merged into a ticket goes along where that is merged: nobody has to follow a chain."""
        db.execute(tickets.update().where(tickets.c.merged_into == ticket).values(merged_into=into))
