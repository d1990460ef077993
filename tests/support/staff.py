"""The console from the side of staff: a person who is signed in, their pages and forms."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from argon2 import PasswordHasher

from bot.console.session import csrf_of
from bot.desk import passwords
from bot.desk.audit import Entry
from bot.desk.person import Person, Role
from bot.storage.tables import audit_entries

from .chat import Answer, Gateway

#: Every company, those to come included.
ALL = object()


@dataclass(slots=True)
class Browser:
    """Keeps cookies and follows redirections, as a browser does; knows what its forms have to carry."""

    gateway: Gateway
    cookies: dict[str, str] = field(default_factory=dict)
    path: str = ""  #: where it is now

    @property
    def csrf(self) -> str:
        return csrf_of(self.gateway.core, self.cookies.get("__Host-desk") or self.cookies.get("desk", ""))

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.call("GET", path, **options)

    async def post(self, path: str, form: Any = None, *, csrf: str | None = None, **options: Any) -> Answer:
        """Sends the form (fields, pairs, or an aiohttp.FormData) with the token that a page of ours would put into it."""
        headers = {"X-CSRF-Token": self.csrf if csrf is None else csrf, **options.pop("headers", {})}
        return await self.call("POST", path, data=form if form is not None else {}, headers=headers, **options)

    async def call(self, method: str, path: str, *, follow: bool = True, **options: Any) -> Answer:
        headers = dict(options.pop("headers", {}))
        for _ in range(10):
            self.path = path
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            answer = await self.gateway.call(method, path, headers=headers, allow_redirects=False, **options)
            self._keep_cookies(answer)
            if not (follow and answer.status in (301, 302, 303) and "Location" in answer.headers):
                return answer
            there = urlsplit(urljoin(self.gateway.url + path, answer.headers["Location"]))
            if f"{there.scheme}://{there.netloc}" != self.gateway.url:
                return answer
            method, path = "GET", there.path + (f"?{there.query}" if there.query else "")
            options.pop("data", None)
            headers.pop("X-CSRF-Token", None)
        raise AssertionError(f"{path} goes round in a circle")

    def _keep_cookies(self, answer: Answer) -> None:
        for line in answer.headers.getall("Set-Cookie", ()):
            name, _, value = line.split(";")[0].partition("=")
            if "max-age=0" in line.lower() or not value.strip('"'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


@dataclass(slots=True)
class StaffClient(Browser):
    """Somebody of the desk's staff, signed in."""

    person: Person = None  # type: ignore[assignment]

    @property
    def id(self) -> str:
        return self.person.id


async def staff(
    gateway: Gateway,
    *roles: Role | str,
    companies: Iterable[str] | object = ("jcom",),
    name: str = "Hana",
    email: str | None = None,
    locale: str = "en",
) -> StaffClient:
    """A person with these roles (an agent if none is said) who sees these companies, with a session that was opened for them."""
    core, now = gateway.core, gateway.clock()

    def work(db) -> tuple[Person, str]:
        number = len(core.people.list(db)) + 1
        person = core.people.add(
            db,
            name,
            email or f"{name.lower()}.{number}@desk.example",
            [Role(role) for role in roles or (Role.AGENT,)],
            now,
            companies=() if companies is ALL else companies,  # type: ignore[arg-type]
            all_companies=companies is ALL,
            locale=locale,
        )
        _, token = core.sessions.open(db, person, "a test's browser", now)
        return person, token

    person, token = await core.database.run(work)
    return StaffClient(gateway, {"desk": token}, person=person)


#: What anybody may take for a password.
PASSWORD = "violet teapot 49 harbours"


def hash_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with so little effort that a test can afford a hundred sign-ins."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    decoy = hasher.hash("of nobody")
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    monkeypatch.setattr(passwords, "_decoy", lambda: decoy)


async def give_password(client: StaffClient, password: str = PASSWORD) -> None:
    """As if they had taken up their invitation."""
    core = client.gateway.core
    kept = passwords.hash_password(password)
    await core.database.run(lambda db: core.credentials.set_password(db, client.id, kept))


async def sign_in(gateway: Gateway, email: str, password: str = PASSWORD, **options: Any) -> tuple[Browser, Answer]:
    """With a browser of its own, at the sign-in page."""
    browser = Browser(gateway)
    await browser.get("/desk/sign-in")
    return browser, await browser.post("/desk/sign-in", {"email": email, "password": password}, **options)


async def read_audit(gateway: Gateway, actor: str | None = None) -> list[Entry]:
    """The audit log so far, decrypted, the oldest first."""
    core = gateway.core

    def work(db) -> list[Entry]:
        rows = db.execute(audit_entries.select().order_by(audit_entries.c.number)).all()
        details = [json.loads(core.cipher.decrypt(row.sealed_detail, f"audit {row.number}")) for row in rows]
        entries = [Entry(r.number, r.at, r.actor, r.action, r.company, r.subject, d) for r, d in zip(rows, details, strict=True)]
        return [entry for entry in entries if actor in (None, entry.actor)]

    return await core.database.run(work)
