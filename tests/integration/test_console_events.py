"""What a console hears live."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.support.staff import staff
from tests.support.waiting import until


@pytest.fixture
async def reference(gateway, core, clock):
    """The ticket that Hana's chat with JCOM has opened."""
    hana = await gateway.open("jcom")
    message = (await hana.ask("What do you hold of me?")).messages[0]["id"]

    def work(db):
        return core.tickets.open(db, core.conversations.find(db, hana.id), message, "asked", clock())[0].reference

    return await core.database.run(work)


class Listener:
    """A console's stream: what came so far."""

    def __init__(self, client, path: str = "/desk/events"):
        self.client, self.path = client, path
        self.events: list[tuple[str, dict]] = []

    async def __aenter__(self):
        gateway = self.client.gateway
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        self.response = await gateway.session.get(gateway.url + self.path, headers={"Cookie": cookies})
        assert self.response.status == 200
        self.task = asyncio.create_task(self._read())
        await until(lambda: self.kinds[:1] == ["hello"])
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        self.response.close()

    async def _read(self):
        kind = ""
        async for line in self.response.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                self.events.append((kind, json.loads(value)))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.events]


async def test_a_console_hears_of_its_own_companies_alone(gateway, reference):
    mika, ken = await staff(gateway), await staff(gateway, companies=("cuc",))
    async with Listener(mika) as hers, Listener(ken) as his:
        await mika.post(f"/desk/tickets/{reference}/take")
        await until(lambda: "ticket" in hers.kinds)
        assert his.kinds == ["hello"]


async def test_who_looks_is_told_to_those_who_look_too(gateway, reference):
    mika, ken = await staff(gateway, name="Mika"), await staff(gateway, name="Ken")
    async with Listener(mika, f"/desk/events?ticket={reference}") as hers, Listener(mika) as elsewhere:
        async with Listener(ken, f"/desk/events?ticket={reference}"):
            await until(lambda: "presence" in hers.kinds)
            assert "Ken is looking" in (await mika.get(f"/desk/tickets/{reference}/lookers")).body
            so_far = hers.kinds.count("presence")
        await until(lambda: hers.kinds.count("presence") > so_far)
        assert "Ken" not in (await mika.get(f"/desk/tickets/{reference}/lookers")).body
        assert "presence" not in elsewhere.kinds


async def test_nobody_listens_to_a_ticket_that_is_not_theirs(gateway, reference):
    ken = await staff(gateway, companies=("cuc",))
    async with Listener(ken, f"/desk/events?ticket={reference}") as his:
        mika = await staff(gateway)
        async with Listener(mika, f"/desk/events?ticket={reference}"):
            assert "Mika" not in json.dumps(his.events)
            assert his.kinds == ["hello"]
