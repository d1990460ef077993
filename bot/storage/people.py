"""The desk's people: kept by a keyed hash of their address, their name and address encrypted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.errors import AddressTaken, UnknownPerson
from bot.desk.person import Person, Role

from .cipher import Cipher
from .conversations import new_id
from .database import aware
from .tables import people, people_companies


class People:
    """All queries on people; how they get in stands in Credentials and Sessions."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def add(
        self,
        db: Connection,
        name: str,
        email: str,
        roles: Iterable[Role],
        now: datetime,
        *,
        companies: Iterable[str] = (),
        all_companies: bool = False,
        locale: str = "en",
    ) -> Person:
        """A new person, who cannot sign in yet; raises AddressTaken."""
        person = Person(
            id=new_id(),
            name=name,
            email=email.strip(),
            roles=frozenset(Role(role) for role in roles),
            companies=frozenset(companies),
            all_companies=all_companies,
            locale=locale,
        )
        if self.find_by_email(db, email):
            raise AddressTaken(AddressTaken.__doc__)
        try:
            with db.begin_nested():
                db.execute(people.insert().values(id=person.id, created_at=now, **self._seal(person, {})))
        except sa.exc.IntegrityError:  # added in the same instant
            raise AddressTaken(AddressTaken.__doc__) from None
        self._set_companies(db, person)
        return person

    def find(self, db: Connection, person: str) -> Person | None:
        return next(self._read(db, people.c.id == person), None)

    def get(self, db: Connection, person: str, *, locked: bool = False) -> Person:
        """As find, but raises UnknownPerson. Locked, nobody else changes them until the transaction is over."""
        if locked:
            self._lock(db, person)
        found = self.find(db, person)
        if found is None:
            raise UnknownPerson(UnknownPerson.__doc__)
        return found

    def find_by_email(self, db: Connection, email: str) -> Person | None:
        return next(self._read(db, people.c.login_hash == self.login_hash(email)), None)

    def list(self, db: Connection, company: str | None = None) -> list[Person]:
        """Everybody, or who sees that company, by name; those who left (disabled) included."""
        found = self._read(db, sa.true())
        return sorted((one for one in found if company is None or one.sees(company)), key=lambda one: (one.name.casefold(), one.id))

    def names(self, db: Connection, ids: Iterable[str]) -> dict[str, str]:
        """The names of these people, by id."""
        query = sa.select(people.c.id, people.c.sealed_profile).where(people.c.id.in_(set(ids)))
        return {row.id: self._profile(row)["name"] for row in db.execute(query)}

    def change(self, db: Connection, person: Person, now: datetime) -> Person:
        """Store a person's name, address, roles, companies, locale, absence and whether they are disabled."""
        row = self._lock(db, person.id)
        taken = self.find_by_email(db, person.email)
        if taken and taken.id != person.id:
            raise AddressTaken(AddressTaken.__doc__)
        disabled_at = (row.disabled_at or now) if person.disabled else None
        values = self._seal(person, self._profile(row).get("preferences", {}))
        db.execute(people.update().where(people.c.id == person.id).values(disabled_at=disabled_at, **values))
        self._set_companies(db, person)
        return person

    def preferences(self, db: Connection, person: str) -> dict:
        """What they chose for themselves, such as which mails they get; what is not in it has its default."""
        row = db.execute(people.select().where(people.c.id == person)).first()
        return self._profile(row).get("preferences", {}) if row else {}

    def prefer(self, db: Connection, person: str, **preferences: object) -> None:
        """Keep what they choose for themselves, beside what they chose before."""
        row = self._lock(db, person)
        profile = self._profile(row)
        profile["preferences"] = {**profile.get("preferences", {}), **preferences}
        db.execute(people.update().where(people.c.id == person).values(sealed_profile=self._seal_profile(person, profile)))

    def seen(self, db: Connection, person: str, now: datetime) -> None:
        """They were at the console at that time."""
        db.execute(people.update().where(people.c.id == person).values(seen_at=now))

    def seen_at(self, db: Connection) -> dict[str, datetime]:
        """When each was at the console last."""
        query = sa.select(people.c.id, people.c.seen_at).where(people.c.seen_at.is_not(None))
        return {row.id: aware(row.seen_at) for row in db.execute(query)}

    def login_hash(self, email: str) -> bytes:
        return self.cipher.hash(f"login {email.strip().lower()}")

    def _lock(self, db: Connection, person: str) -> Row:
        row = db.execute(people.select().where(people.c.id == person).with_for_update()).first()
        if row is None:
            raise UnknownPerson(UnknownPerson.__doc__)
        return row

    def _set_companies(self, db: Connection, person: Person) -> None:
        db.execute(people_companies.delete().where(people_companies.c.person == person.id))
        if person.companies:
            rows = [{"person": person.id, "company": company} for company in sorted(person.companies)]
            db.execute(people_companies.insert(), rows)

    def _read(self, db: Connection, which: sa.ColumnElement[bool]) -> Iterator[Person]:
        """Everybody whom the condition on the table fits."""
        rows = db.execute(people.select().where(which)).all()
        query = sa.select(people_companies).where(people_companies.c.person.in_([row.id for row in rows]))
        companies: dict[str, set[str]] = {}
        for row in db.execute(query) if rows else ():
            companies.setdefault(row.person, set()).add(row.company)
        return (self.read(row, companies.get(row.id, ())) for row in rows)

    def read(self, row: Row, companies: Iterable[str]) -> Person:
        """A row of the table, with the companies of that person, as a person."""
        profile = self._profile(row)
        return Person(
            id=row.id,
            name=profile["name"],
            email=profile["email"],
            roles=frozenset(Role(role) for role in row.roles.split(",") if role),
            companies=frozenset(companies),
            all_companies=row.all_companies,
            locale=row.locale,
            absent_until=aware(row.absent_until) if row.absent_until else None,
            disabled=row.disabled_at is not None,
        )

    def _seal(self, person: Person, preferences: dict) -> dict:
        profile = {"name": person.name, "email": person.email, "preferences": preferences}
        return {
            "login_hash": self.login_hash(person.email),
            "sealed_profile": self._seal_profile(person.id, profile),
            "roles": ",".join(sorted(person.roles)),
            "all_companies": person.all_companies,
            "locale": person.locale,
            "absent_until": person.absent_until.astimezone(UTC) if person.absent_until else None,
        }

    def _seal_profile(self, person: str, profile: dict) -> bytes:
        return self.cipher.encrypt(json.dumps(profile, ensure_ascii=False), f"person {person}")

    def _profile(self, row: Row) -> dict:
        return json.loads(self.cipher.decrypt(row.sealed_profile, f"person {row.id}"))
