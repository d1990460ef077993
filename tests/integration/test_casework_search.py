"""The search field: what Mika finds, and what she does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.bootstrap import make_core
from bot.desk.errors import BadRequest, Forbidden
from bot.desk.person import Role
from bot.desk.search import PAGE_SIZE, Filters
from bot.desk.ticket import Contact
from bot.storage.tables import audit_entries, requests, search_terms, search_tickets, ticket_tags
from tests.support.casework import Desk, make_desk

from .conftest import SECRET


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


async def search(desk: Desk, person, typed: str, cursor: str | None = None, **filters):
    return await desk.casework.searching.search(person, typed, Filters(**filters), cursor)


async def found(desk: Desk, person, typed: str, **filters) -> list[str]:
    """Ids of the tickets."""
    return [hit.id for hit in (await search(desk, person, typed, **filters)).hits]


def tag(desk: Desk, ticket, *tags: str) -> None:
    desk.do(lambda db: db.execute(ticket_tags.insert(), [{"ticket": ticket.id, "tag": tag} for tag in tags]))


def change(desk: Desk, ticket, **values):
    """As an act on a ticket stores it."""

    def work(db):
        after = desk.core.tickets.save(db, replace(ticket, **values), desk.clock())
        desk.core.search.renew(db, after)
        return after

    return desk.do(work)


def say(desk: Desk, ticket, text: str) -> None:
    """The customer writes again in the ticket's chat."""

    def work(db):
        chat = desk.core.conversations.find(db, ticket.conversation)
        desk.core.conversations.accept(db, chat, text, text, desk.clock())

    desk.do(work)


def count_terms(desk: Desk) -> int:
    return desk.do(lambda db: db.execute(sa.select(sa.func.count()).select_from(search_terms)).scalar_one())


async def test_a_ticket_is_found_by_what_its_customer_wrote(desk):
    mika, ticket = desk.person("Mika"), desk.ticket("My licence shows an address in Sendai.")
    desk.ticket("Something else.")
    (hit,) = (await search(desk, mika, "sendai licence")).hits
    assert (hit.id, hit.found_in, hit.sender) == (ticket.id, "message", "customer")
    assert (hit.snippet.before, hit.snippet.hit, hit.snippet.after) == ("My ", "licence", " shows an address in Sendai.")


@pytest.mark.parametrize("scanned", ["KRT-4MPP", "krt4mpp", "ＫＲＴ−４ＭＰＰ\r\n", "受付番号 KRT-4MPP"])
async def test_a_letter_is_found_by_the_reference_that_is_scanned_or_typed_off_it(desk, scanned):
    mika, ticket = desk.person("Mika"), desk.ticket("I want to see what you hold on me.")
    desk.ticket("Something else.")
    values = {"company": ticket.company, "conversation": ticket.conversation, "kind": "disclosure", "state": "awaiting_documents"}
    times = {"opened_at": desk.clock(), "submitted_at": desk.clock(), "changed_at": desk.clock()}
    row = {"id": "r1", "reference": "KRT-4MPP", "ticket": ticket.id, "needs": {}, "evidence": {}, "locale": "en", **values, **times}
    desk.do(lambda db: db.execute(requests.insert().values(row)))
    assert await found(desk, mika, scanned) == [ticket.id]
    stranger = desk.person("Ken", companies=["cuc"])
    assert await found(desk, stranger, scanned) == []


async def test_a_japanese_ticket_is_found_by_a_piece_of_what_was_written(desk):
    mika, ticket = desk.person("Mika"), desk.ticket("引っ越したので住所の訂正をお願いします。", locale="ja")
    assert await found(desk, mika, "住所の訂正") == [ticket.id]
    assert await found(desk, mika, "ヒッコシ") == []
    assert await found(desk, mika, "引っ越し　訂正") == [ticket.id]


async def test_pairs_that_stand_apart_are_no_hit(desk):
    mika = desk.person("Mika")
    desk.ticket("手数料と料金", locale="ja")
    assert await found(desk, mika, "手数料金") == []


async def test_what_is_written_later_is_found_too(desk):
    mika, ticket = desk.person("Mika"), desk.ticket()
    assert await found(desk, mika, "passport") == []
    say(desk, ticket, "By the way, I have a passport.")
    assert await found(desk, mika, "passport") == [ticket.id]


async def test_a_chat_without_a_ticket_is_not_indexed(desk):
    def work(db):
        chat, _ = desk.core.conversations.open(db, "jcom", "en", "web", desk.clock())
        desk.core.conversations.accept(db, chat, "What does a disclosure cost?", "m1", desk.clock())

    desk.do(work)
    assert count_terms(desk) == 0


async def test_the_subject_and_the_contact_are_found_and_no_more_once_changed(desk):
    mika, ticket = desk.person("Mika"), desk.ticket()
    known = change(desk, ticket, subject="Umbrella", contact=Contact(name="Hana Tanaka"))
    assert [hit.found_in for hit in (await search(desk, mika, "umbrella")).hits] == ["subject"]
    assert [hit.found_in for hit in (await search(desk, mika, "tanaka")).hits] == ["contact"]
    change(desk, known, subject="Parasol")
    assert await found(desk, mika, "umbrella") == []
    assert await found(desk, mika, "parasol") == [ticket.id]


@pytest.mark.parametrize("written", [str, str.lower, lambda r: r.replace("-", ""), lambda r: f" {r} "])
async def test_a_reference_leads_straight_to_its_ticket(desk, written):
    mika, ticket = desk.person("Mika"), desk.ticket()
    desk.ticket(f"About {ticket.reference}")
    hits = await search(desk, mika, written(ticket.reference))
    assert (hits.kind, [hit.id for hit in hits.hits], hits.hits[0].found_in) == ("reference", [ticket.id], "reference")


async def test_a_person_is_found_by_address_and_by_number_in_all_their_tickets(desk):
    mika = desk.person("Mika")
    first = change(desk, desk.ticket(), contact=Contact(email="Hana@Example.com"))
    desk.clock.advance(minutes=1)
    second = change(desk, desk.ticket(), contact=Contact(email="hana@example.com", phone="03-1234-5678"))
    desk.ticket("I am not hana@example.org")
    assert await found(desk, mika, "HANA@example.com") == [second.id, first.id]
    # Her ticket is kept under the address; the number is found as a word.
    assert await found(desk, mika, "+81 3 1234 5678") == [second.id]


async def test_an_address_that_only_stands_in_a_text_is_found_there(desk):
    mika, ticket = desk.person("Mika"), desk.ticket("Write to kenji@example.com, please.")
    hits = await search(desk, mika, "kenji@example.com")
    assert (hits.kind, [hit.id for hit in hits.hits]) == ("person", [ticket.id])


async def test_tags_are_found_alone_together_and_with_words(desk):
    mika, moved, both = desk.person("Mika"), desk.ticket("My fee?"), desk.ticket("My licence?")
    tag(desk, moved, "moved")
    tag(desk, both, "moved", "返送")
    assert set(await found(desk, mika, "tag:moved")) == {moved.id, both.id}
    assert await found(desk, mika, "tag:moved tag:返送") == [both.id]
    assert await found(desk, mika, "ＴＡＧ：Moved fee") == [moved.id]
    assert await found(desk, mika, "tag:nothing") == []


async def test_a_frequent_tag_is_found_newest_first_page_by_page(desk, monkeypatch):
    monkeypatch.setattr("bot.storage.finding.FEW", 2)
    mika, tickets = desk.person("Mika", companies=["jcom", "cuc"]), []
    for number in range(PAGE_SIZE + 3):
        tickets.append(desk.ticket(company=("jcom", "cuc")[number % 2]))
        tag(desk, tickets[-1], "moved")
        if number % 3:
            desk.clock.advance(seconds=1)
    first = await search(desk, mika, "tag:moved")
    second = await search(desk, mika, "tag:moved", first.next_cursor)
    assert (len(first.hits), len(second.hits), second.next_cursor) == (PAGE_SIZE, 3, None)
    seen = [hit.id for hit in (*first.hits, *second.hits)]
    assert sorted(seen) == sorted(ticket.id for ticket in tickets)
    assert [hit.opened_at for hit in first.hits] == sorted((hit.opened_at for hit in first.hits), reverse=True)


async def test_hits_come_newest_first_page_by_page_each_once(desk):
    mika, tickets = desk.person("Mika", companies=["jcom", "cuc"]), []
    for number in range(2 * PAGE_SIZE + 3):
        desk.clock.advance(seconds=1)
        tickets.append(desk.ticket("手数料" if number % 4 else "手数、数料", company=("jcom", "cuc")[number % 2]))
    seen, cursor = [], None
    while True:
        page = await search(desk, mika, "手数料", cursor)
        seen += [hit.id for hit in page.hits]
        if not (cursor := page.next_cursor):
            break
    assert seen == [ticket.id for number, ticket in reversed(list(enumerate(tickets))) if number % 4]


async def test_a_search_that_looks_at_too_many_goes_on_on_the_next_page(desk, monkeypatch):
    monkeypatch.setattr("bot.casework.search.MOST_LOOKED_AT", 1)
    mika, right = desk.person("Mika"), desk.ticket("手数料")
    for _ in range(PAGE_SIZE + 10):
        desk.clock.advance(seconds=1)
        desk.ticket("手数、数料")
    first = await search(desk, mika, "手数料")
    assert not first.hits and first.next_cursor
    assert [hit.id for hit in (await search(desk, mika, "手数料", first.next_cursor)).hits] == [right.id]


async def test_hits_are_narrowed_by_company_status_and_tag(desk):
    mika = desk.person("Mika", companies=["jcom", "cuc"])
    one, other = desk.ticket("My fee?"), desk.ticket("My fee?", company="cuc")
    tag(desk, other, "moved")
    change(desk, one, status="closed")
    assert await found(desk, mika, "fee", company="cuc") == [other.id]
    assert await found(desk, mika, "fee", status="closed") == [one.id]
    assert await found(desk, mika, "fee", tag="moved") == [other.id]
    assert await found(desk, mika, one.reference, status="open") == []


async def test_mika_finds_nothing_of_another_company(desk):
    mika, ticket = desk.person("Mika"), desk.ticket("My fee?", company="cuc")
    tag(desk, ticket, "moved")
    change(desk, ticket, contact=Contact(email="hana@example.com"))
    for typed in ("fee", ticket.reference, "tag:moved", "hana@example.com"):
        assert await found(desk, mika, typed) == []
    with pytest.raises(Forbidden):
        await search(desk, mika, "fee", company="cuc")


async def test_who_sees_no_tickets_searches_none(desk):
    for role in (Role.TRAINER, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            await search(desk, desk.person("Ken", role), "fee")


async def test_the_same_word_of_two_companies_has_two_hashes(desk):
    for company in ("jcom", "cuc", "cuc"):
        desk.ticket("Umbrella", company=company)
    terms = desk.do(lambda db: db.execute(sa.select(search_terms.c.term)).scalars().all())
    for company, times in (("jcom", 1), ("cuc", 2)):
        assert terms.count(desk.core.search.hash(company, "umbrella")) == times
    assert desk.core.search.hash("jcom", "umbrella") != desk.core.search.hash("cuc", "umbrella")


async def test_every_search_is_in_the_audit_log_without_its_words(desk):
    mika, ticket = desk.person("Mika"), desk.ticket("My umbrella")
    for typed in ("umbrella", ticket.reference, "tag:x", "hana@example.com"):
        await search(desk, mika, typed)
    await search(desk, mika, "  ")
    query = sa.select(audit_entries).where(audit_entries.c.action == "ticket.search").order_by(audit_entries.c.number)
    rows = desk.do(lambda db: db.execute(query).all())
    details = [desk.core.cipher.decrypt(row.sealed_detail, f"audit {row.number}") for row in rows]
    assert [row.actor for row in rows] == [mika.id] * 4
    assert [kind in detail for kind, detail in zip(("text", "reference", "tag", "person"), details, strict=True)] == [True] * 4
    assert not any("umbrella" in detail or "hana" in detail for detail in details)


async def test_one_character_is_too_short(desk):
    mika = desk.person("Mika")
    desk.ticket("手数料")
    assert (await search(desk, mika, "料")).trouble == "too_short"
    assert (await search(desk, mika, "the")).trouble == "too_short"


async def test_a_place_among_other_hits_is_refused(desk):
    with pytest.raises(BadRequest):
        await search(desk, desk.person("Mika"), "fee", "t5.abc")
    with pytest.raises(BadRequest):
        await search(desk, desk.person("Mika"), "tag:fee", "n5")


async def test_switched_off_nothing_is_written_and_references_persons_and_tags_are_still_found(core, clock):
    off = make_core(replace(core.settings, search_index=False), SECRET, core.library, core.database)
    desk = make_desk(off, clock)
    mika, ticket = desk.person("Mika"), desk.ticket("My umbrella")
    say(desk, ticket, "Another word")
    change(desk, ticket, contact=Contact(email="hana@example.com"))
    tag(desk, ticket, "moved")
    assert count_terms(desk) == 0
    assert (await search(desk, mika, "umbrella")).trouble == "off"
    for typed in (ticket.reference, "hana@example.com", "tag:moved"):
        assert await found(desk, mika, typed) == [ticket.id]


async def test_a_forgotten_chat_is_found_by_nothing_any_more(desk):
    mika, ticket = desk.person("Mika"), desk.ticket("My umbrella")
    change(desk, ticket, status="closed")
    assert await found(desk, mika, "umbrella") == [ticket.id]
    desk.do(lambda db: desk.core.conversations.forget(db, ticket.conversation, desk.clock()))
    assert count_terms(desk) == 0
    assert desk.do(lambda db: db.execute(sa.select(search_tickets)).all()) == []
