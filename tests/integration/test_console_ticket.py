"""A ticket's page, its parts and its acts, as the browser asks for them."""

from __future__ import annotations

import html
import json
import re

import aiohttp
import pytest

from bot.desk.canned import CannedReply
from tests.support.staff import staff

HTMX = {"HX-Request": "true"}


@pytest.fixture
async def case(gateway, core, clock):
    """Hana's chat with JCOM, and the reference of the ticket that she opened."""
    hana = await gateway.open("jcom")
    message = (await hana.ask("What do you hold of me?")).messages[0]["id"]

    def work(db):
        conversation = core.conversations.find(db, hana.id)
        return core.tickets.open(db, conversation, message, "asked", clock())[0].reference

    return hana, await core.database.run(work)


async def test_the_page_tells_the_whole_story(gateway, case):
    _, reference = case
    mika = await staff(gateway)
    page = (await mika.get(f"/desk/tickets/{reference}")).body
    for words in ("What do you hold of me?", "You said: What do you hold of me?", "Ticket opened", reference):
        assert words in page


async def test_later_entries_are_asked_for_by_their_time(gateway, case, clock):
    _, reference = case
    mika = await staff(gateway)
    moment = clock().isoformat()
    clock.advance(minutes=5)
    await mika.post(f"/desk/tickets/{reference}/reply", {"kind": "note", "text": "Later", "form": "f" * 12})
    whole = (await mika.get(f"/desk/tickets/{reference}/story")).body
    later = (await mika.get(f"/desk/tickets/{reference}/story", params={"after": clock().isoformat()})).body
    assert whole.count("<li") > later.count("<li") == 1
    assert "Later" in later
    assert (await mika.get(f"/desk/tickets/{reference}/story?after=soon")).status == 400
    assert moment != clock().isoformat()


async def test_a_form_comes_back_to_the_ticket_and_htmx_is_told_what_changed(gateway, case):
    _, reference = case
    mika = await staff(gateway)
    plain = await mika.post(f"/desk/tickets/{reference}/take", follow=False)
    assert plain.headers["Location"].startswith(f"/desk/tickets/{reference}?told=")
    told = await mika.post(f"/desk/tickets/{reference}/release", headers=HTMX)
    assert told.status == 204
    assert json.loads(told.headers["HX-Trigger"])["toast"]["text"] == "It is nobody\u2019s now."


async def test_whoever_comes_second_is_told_who_was_first(gateway, case):
    _, reference = case
    mika, ken = await staff(gateway, name="Mika"), await staff(gateway, name="Ken")
    await mika.post(f"/desk/tickets/{reference}/take")
    answer = await ken.post(f"/desk/tickets/{reference}/take", headers=HTMX)
    assert (answer.status, answer.body) == (409, "Mika has just taken this ticket.")
    assert answer.headers["X-Desk-Error"] == "changed"
    page = await ken.post(f"/desk/tickets/{reference}/take")
    assert page.status == 409
    assert "Mika has just taken this ticket." in page.body


async def test_every_mark_can_be_set(gateway, case, core):
    _, reference = case
    mika = await staff(gateway)
    here = f"/desk/tickets/{reference}"
    for act, form in (
        ("priority", {"priority": "2"}),
        ("reason", {"reason": "complaint"}),
        ("due", {"due": "2026-12-01T15:00"}),
        ("subject", {"subject": "Held data"}),
        ("contact", {"name": "Hana", "email": "hana@mail.example"}),
        ("tag", {"tag": "moved, urgent case"}),
    ):
        assert (await mika.post(f"{here}/{act}", form, headers=HTMX)).status == 204, act
    ticket = await core.database.run(lambda db: core.tickets.find_by_reference(db, reference))
    assert (ticket.priority, ticket.reason, ticket.subject, ticket.contact.name) == (2, "complaint", "Held data", "Hana")
    assert ticket.due_at.isoformat() == "2026-12-01T06:00:00+00:00"
    case_side = (await mika.get(f"{here}/case")).body
    assert ">moved</a>" in case_side
    # How to reach her is shown only to whoever asks to see it.
    assert "hana@mail.example" not in case_side
    assert "hana@mail.example" in (await mika.get(f"{here}/contact")).body
    assert (await mika.post(f"{here}/due", {"due": "soon"}, headers=HTMX)).status == 400


async def test_two_tickets_are_linked_and_merged_by_reference(gateway, case):
    _, reference = case
    mika = await staff(gateway)
    form = {"form": "a-second-one", "company": "jcom", "channel": "phone", "received_at": "2026-11-24T10:00", "text": "The same"}
    await mika.post("/desk/register", {**form, "language": "en", "reason": "registered"})
    other = mika.path.split("/")[3].split("?")[0]
    assert (await mika.post(f"/desk/tickets/{other}/link", {"reference": reference}, headers=HTMX)).status == 204
    assert reference in (await mika.get(f"/desk/tickets/{other}/case")).body
    merged = await mika.post(f"/desk/tickets/{other}/merge", {"reference": reference}, headers=HTMX)
    assert merged.headers["HX-Redirect"].startswith(f"/desk/tickets/{reference}?")
    assert "The same" in (await mika.get(f"/desk/tickets/{reference}")).body


async def test_a_reply_is_held_and_taken_back_with_what_was_written_since(gateway, case):
    _, reference = case
    mika, here = await staff(gateway), f"/desk/tickets/{reference}"
    sent = await mika.post(f"{here}/reply", {"kind": "reply", "text": "Too fast", "form": "f" * 12, "then": "open"}, headers=HTMX)
    assert sent.headers["HX-Trigger"] == "desk:sent"
    reply = re.search(r'name="reply" value="(\w+)"', sent.body)[1]
    back = await mika.post(f"{here}/take-back", {"reply": reply, "kind": "reply", "text": "And more"}, headers=HTMX)
    assert "Too fast\n\nAnd more</textarea>" in back.body
    again = await mika.post(f"{here}/take-back", {"reply": reply}, headers=HTMX)
    assert (again.status, "sent already" in again.body) == (409, True)


async def test_a_citation_is_the_policys_and_never_the_browsers(gateway, case):
    hana, reference = case
    mika, here = await staff(gateway), f"/desk/tickets/{reference}"
    clause = re.search(r'data-cite="([\w.]+)"', (await mika.get(f"{here}/policy")).body)[1]
    forged = {"kind": "reply", "text": "See there", "form": "g" * 12, "cite": "c99999"}
    assert (await mika.post(f"{here}/reply", forged, headers=HTMX)).status == 404
    sent = await mika.post(f"{here}/reply", {**forged, "form": "h" * 12, "cite": clause}, headers=HTMX)
    reply = re.search(r'name="reply" value="(\w+)"', sent.body)[1]
    await mika.post(f"{here}/send-now", {"reply": reply}, headers=HTMX)
    said = (await hana.history()).messages[-1]
    assert said["sender"] == "staff"
    assert said["citations"]


async def test_the_policy_is_searched_by_words(gateway, case):
    _, reference = case
    mika = await staff(gateway)
    found = await mika.post(f"/desk/tickets/{reference}/policy", {"q": "disclosure fee"}, headers=HTMX)
    assert "data-cite" in found.body
    nothing = await mika.post(f"/desk/tickets/{reference}/policy", {"q": "zebra"}, headers=HTMX)
    assert "Nothing in the policy" in nothing.body


async def test_a_file_goes_along_and_opens_for_staff_alone(gateway, case):
    _, reference = case
    mika, ken, here = await staff(gateway), await staff(gateway, companies=("cuc",)), f"/desk/tickets/{reference}"
    form = aiohttp.FormData()
    form.add_field("file", b"%PDF-1.4 nothing", filename="form.pdf", content_type="application/pdf")
    chip = await mika.post(f"{here}/attachments", form, headers=HTMX)
    file = re.search(r'name="attachment" value="(\w+)"', chip.body)[1]
    opened = await mika.get(f"{here}/files/{file}")
    assert opened.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in opened.headers["Content-Security-Policy"]
    assert (await ken.get(f"{here}/files/{file}")).status == 404
    assert (await mika.get(f"{here}/files/{'0' * 32}")).status == 404


async def test_ready_replies_come_filled_in(gateway, case, core):
    _, reference = case
    mika = await staff(gateway, name="Mika")
    here = f"/desk/tickets/{reference}"
    greeting = CannedReply("", "jcom", "en", "hello", "A greeting", "This is {agent_name}, {reference}.")
    await core.database.run(lambda db: core.canned.add(db, greeting))
    options = (await mika.get(f"{here}/canned")).body
    assert "A greeting" in options
    address = html.unescape(re.search(r'data-filled="([^"]+)"', options)[1])
    assert (await mika.get(address)).body == f"This is Mika, {reference}."


async def test_an_address_by_id_leads_to_the_reference(gateway, case, core):
    _, reference = case
    mika, ken = await staff(gateway), await staff(gateway, companies=("cuc",))
    id = (await core.database.run(lambda db: core.tickets.find_by_reference(db, reference))).id
    assert (await mika.get(f"/desk/cases/{id}", follow=False)).headers["Location"] == f"/desk/tickets/{reference}"
    assert (await ken.get(f"/desk/cases/{id}")).status == 404


async def test_an_error_of_ours_tells_nothing_of_the_inside(gateway, case, monkeypatch):
    _, reference = case
    mika = await staff(gateway)

    async def fail(*_):
        raise RuntimeError("hana@mail.example")

    monkeypatch.setattr("bot.casework.stories.Stories.read", fail)
    page = await mika.get(f"/desk/tickets/{reference}")
    assert page.status == 500
    assert "Something went wrong" in page.body
    assert "hana@" not in page.body
    told = await mika.get(f"/desk/tickets/{reference}/case", headers=HTMX)
    assert (told.status, told.body.startswith("Something went wrong")) == (500, True)
