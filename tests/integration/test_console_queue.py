"""The queue, the search field and the register, as the browser asks for them."""

from __future__ import annotations

import html
import re

import pytest

from bot.storage import queue
from tests.support.staff import ALL, staff


@pytest.fixture
def ask(gateway, core, clock):
    """A case that a customer opened; its reference."""

    async def open_case(question: str, company: str = "jcom", reason: str = "asked", **fields) -> str:
        chat = await gateway.open(company)
        await chat.ask(question)

        def work(db):
            conversation = core.conversations.find(db, chat.id)
            return core.tickets.open(db, conversation, f"{chat.id:.32}", reason, clock(), **fields)[0].reference

        return await core.database.run(work)

    return open_case


def references(page: str) -> list[str]:
    return re.findall(r'id="t-([\w-]+)"', page)


async def test_mika_sees_her_companys_queue_and_no_other(gateway, ask):
    ours, theirs = await ask("Ours?"), await ask("Theirs?", "cuc")
    mika = await staff(gateway)
    page = (await mika.get("/desk?view=all")).body
    assert references(page) == [ours]
    assert theirs not in page
    assert (await mika.get("/desk?view=all&company=cuc")).status == 403


async def test_she_begins_with_her_own_tickets_else_with_those_of_nobody(gateway, ask):
    reference = await ask("Where do I begin?")
    mika = await staff(gateway)
    current = re.compile(r'id="view-(\w+)"[^>]*aria-current="page"')
    assert current.findall((await mika.get("/desk")).body) == ["unassigned"]
    await mika.post(f"/desk/tickets/{reference}/take")
    assert current.findall((await mika.get("/desk")).body) == ["mine"]


async def test_the_queue_is_narrowed_by_what_stands_in_the_address(gateway, ask):
    leak, asked = await ask("My bill is somebody else's", reason="leak"), await ask("A question")
    mika = await staff(gateway)
    for query, found in (
        ("priority=urgent", [leak]),
        ("reason=asked", [asked]),
        ("channel=letter", []),
        ("status=closed", []),
        ("sort=priority", [leak, asked]),
    ):
        assert references((await mika.get(f"/desk/queue?view=all&{query}")).body) == found, query


@pytest.mark.parametrize("query", ["view=everything", "sort=mood", "priority=9", "cursor=nonsense"])
async def test_an_address_that_means_nothing_is_told_so(gateway, query):
    mika = await staff(gateway)
    answer = await mika.get(f"/desk/queue?{query}")
    assert answer.status == 400
    assert "Traceback" not in answer.body


async def test_a_long_queue_goes_on_by_its_next_page(gateway, ask, monkeypatch):
    monkeypatch.setattr(queue, "PAGE_SIZE", 2)
    for number in range(3):
        await ask(f"Question {number}")
    mika = await staff(gateway)
    first = (await mika.get("/desk?view=all")).body
    onward = re.search(r'href="([^"]+)" rel="next"', first)
    second = (await mika.get(html.unescape(onward[1]))).body
    assert (len(references(first)), len(references(second))) == (2, 1)
    assert not set(references(first)) & set(references(second))
    assert 'rel="next"' not in second


async def test_an_administrator_is_led_to_what_is_theirs(gateway):
    chief = await staff(gateway, "administrator", companies=ALL)
    assert (await chief.get("/desk")).status == 200
    assert chief.path != "/desk"


async def test_a_reference_leads_straight_to_its_ticket(gateway, ask):
    reference = await ask("Straight to me")
    mika = await staff(gateway)
    answer = await mika.post("/desk/search", {"q": reference.lower()}, follow=False)
    assert answer.headers["Location"] == f"/desk/tickets/{reference}"
    # To htmx the way is told in a header.
    answer = await mika.post("/desk/search", {"q": reference}, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"/desk/tickets/{reference}"


async def test_who_is_not_of_the_company_does_not_find_it(gateway, ask):
    reference = await ask("Nobody elses business")
    ken = await staff(gateway, companies=("cuc",))
    for typed in (reference, "elses business"):
        answer = await ken.post("/desk/search", {"q": typed})
        assert reference not in answer.body.replace(f'value="{reference}"', "")


def letter(**changed: str) -> dict[str, str]:
    return {
        "form": "form-of-a-letter",
        "company": "jcom",
        "channel": "letter",
        "received_at": "2026-11-24T10:00",
        "language": "en",
        "reason": "registered",
        "text": "Please correct my address.",
        **changed,
    }


async def test_a_letter_becomes_a_ticket_once(gateway):
    mika = await staff(gateway)
    first = await mika.post("/desk/register", letter(name="Taro"), follow=False)
    again = await mika.post("/desk/register", letter(name="Taro"), follow=False)
    assert first.status == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert "Please correct my address." in (await mika.get(first.headers["Location"])).body


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"text": ""}, "write down what they want"),
        ({"received_at": "yesterday"}, "check when it was received"),
        ({"received_at": "2027-01-01T10:00"}, "check when it was received"),
        ({"channel": "pigeon"}, "say how it came"),
    ],
)
async def test_what_cannot_be_registered_comes_back_with_what_was_typed(gateway, changed, complaint):
    mika = await staff(gateway)
    answer = await mika.post("/desk/register", letter(name="Taro Demo", **changed))
    assert answer.status == 400
    assert complaint in answer.body
    assert 'value="Taro Demo"' in answer.body


async def test_the_next_form_has_the_same_channel_and_nothing_of_the_person(gateway):
    mika = await staff(gateway)
    answer = await mika.post("/desk/register", letter(channel="fax", name="Taro Demo", another="1"))
    assert "Taro" not in answer.body + mika.path
    assert re.search(r'value="fax" checked', answer.body)
