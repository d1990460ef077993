"""What staff do with tickets, and what remains of it: events, audit entries, mails, what the consoles hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.errors import BadRequest, CannotBeOne, CannotHaveTicket, Forbidden, TicketChanged, TicketClosed, UnknownTicket
from bot.desk.person import Role
from bot.desk.ticket import PRIORITIES, Contact
from bot.storage.tables import outbox
from tests.support.casework import Desk, make_desk
from tests.support.waiting import until


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


@pytest.fixture
def mika(desk):
    return desk.person("Mika Mori")


def mails(desk) -> list[str]:
    """The causes of the mails that are to leave, without ids."""
    return sorted(row.cause.split()[0] for row in desk.do(lambda db: db.execute(outbox.select()).all()))


def customer_writes(desk, ticket) -> None:
    """As the gateway takes in a message."""

    def work(db):
        conversation = desk.core.conversations.find(db, ticket.conversation)
        desk.services.handovers.hear(db, conversation, desk.clock())

    desk.do(work)


# A shift's end ---------------------------------------------------------------------------------------------------


async def test_at_her_shifts_end_mika_hands_all_she_has_to_ken(desk, mika):
    ken = desk.person("Ken")
    mine = [desk.ticket() for _ in range(3)]
    others, closed = desk.ticket(), desk.ticket()
    for ticket in (*mine, closed):
        await desk.casework.tickets.take(mika, ticket.id)
    await desk.casework.closing.close(mika, closed.id, "done")
    assert await desk.casework.tickets.hand_over(mika, ken.id) == 3
    assert {desk.read(ticket).assignee for ticket in mine} == {ken.id}
    assert (desk.read(others).assignee, desk.read(closed).assignee) == (None, mika.id)
    assert all(desk.events(ticket)[-1] == "handed_over" for ticket in mine)
    assert all(desk.audited(ticket)[-1] == (mika.id, "ticket.hand_over") for ticket in mine)
    assert mails(desk) == ["handed"]
    assert await desk.casework.tickets.hand_over(mika, ken.id) == 0


async def test_a_shift_goes_back_to_the_queue_as_a_whole_or_not_at_all(desk):
    mika = desk.person("Mika", companies=["jcom", "cuc"])
    ken = desk.person("Ken", companies=["jcom"])
    tickets = [desk.ticket(company="jcom"), desk.ticket(company="cuc")]
    for ticket in tickets:
        await desk.casework.tickets.take(mika, ticket.id)
    with pytest.raises(CannotHaveTicket):
        await desk.casework.tickets.hand_over(mika, ken.id)
    assert {desk.read(ticket).assignee for ticket in tickets} == {mika.id}
    assert await desk.casework.tickets.hand_over(mika, None) == 2
    assert {desk.read(ticket).assignee for ticket in tickets} == {None}


async def test_only_a_supervisor_hands_over_what_somebody_else_has_and_only_of_their_companies(desk):
    mika = desk.person("Mika", companies=["jcom", "cuc"])
    ken, chief = desk.person("Ken"), desk.person("Sato", Role.SUPERVISOR)
    here, elsewhere = desk.ticket(company="jcom"), desk.ticket(company="cuc")
    for ticket in (here, elsewhere):
        await desk.casework.tickets.take(mika, ticket.id)
    with pytest.raises(Forbidden):
        await desk.casework.tickets.hand_over(ken, ken.id, of=mika.id)
    assert await desk.casework.tickets.hand_over(chief, ken.id, of=mika.id) == 1
    assert (desk.read(here).assignee, desk.read(elsewhere).assignee) == (ken.id, mika.id)


# Closing ---------------------------------------------------------------------------------------------------------


async def test_a_closed_ticket_says_what_was_settled_and_is_due_no_more(desk, mika, clock):
    ticket = desk.ticket()
    closed = await desk.casework.closing.close(mika, ticket.id, "  The form was\nsent again. ")
    assert (closed.status, closed.closed_at, closed.due_at) == ("closed", clock(), None)
    event = desk.do(lambda db: desk.core.events.list(db, ticket.id))[-1]
    assert (event.kind, event.detail) == ("closed", {"settled": "The form was sent again."})
    assert await desk.casework.closing.close(mika, ticket.id, "again") == closed
    assert desk.audited(ticket) == [(mika.id, "ticket.close")]
    with pytest.raises(TicketClosed):
        await desk.casework.tickets.take(mika, ticket.id)


async def test_a_reopened_ticket_is_with_who_had_it_and_its_clocks_begin_anew(desk, mika, clock):
    ticket = await desk.casework.tickets.take(mika, desk.ticket().id)
    await desk.casework.closing.close(mika, ticket.id, "done")
    clock.advance(days=1)
    again = await desk.casework.closing.reopen(mika, ticket.id)
    assert (again.status, again.assignee, again.closed_at) == ("open", mika.id, None)
    assert again.due_at == ticket.due_at + timedelta(days=1)
    assert await desk.casework.closing.reopen(mika, ticket.id) == again


async def test_a_reopened_ticket_is_nobodys_if_who_had_it_is_away_or_gone(desk, clock):
    gone, away = desk.person("Aki"), desk.person("Jun")
    tickets = [
        await desk.casework.tickets.take(gone, desk.ticket().id),
        await desk.casework.tickets.take(away, desk.ticket().id),
    ]
    for ticket, person in zip(tickets, (gone, away)):
        await desk.casework.closing.close(person, ticket.id, "done")
    desk.do(lambda db: desk.core.people.change(db, replace(gone, disabled=True), clock()))
    desk.do(lambda db: desk.core.people.change(db, replace(away, absent_until=clock() + timedelta(days=1)), clock()))
    chief = desk.person("Sato", Role.SUPERVISOR)
    for ticket in tickets:
        assert (await desk.casework.closing.reopen(chief, ticket.id)).assignee is None


async def test_while_the_customer_has_the_ball_the_clocks_stand_still(desk, mika, clock):
    ticket = desk.ticket()
    assert (await desk.casework.closing.wait(mika, ticket.id)).due_at is None
    clock.advance(hours=2)
    resumed = await desk.casework.closing.resume(mika, ticket.id)
    assert (resumed.status, resumed.due_at) == ("open", ticket.due_at + timedelta(hours=2))
    assert desk.events(ticket)[-2:] == ["waiting", "resumed"]


async def test_a_customer_who_writes_gives_the_ball_back(desk, mika, clock):
    ticket = desk.ticket()
    await desk.casework.closing.wait(mika, ticket.id)
    clock.advance(hours=1)
    customer_writes(desk, ticket)
    after = desk.read(ticket)
    assert (after.status, after.due_at) == ("open", ticket.due_at + timedelta(hours=1))


# Details ---------------------------------------------------------------------------------------------------------


async def test_an_urgent_ticket_is_due_sooner_and_another_kind_at_another_time(desk, mika, clock):
    ticket, details = desk.ticket(), desk.casework.details
    urgent = await details.set_priority(mika, ticket.id, PRIORITIES.index("urgent"))
    assert urgent.due_at == clock() + timedelta(minutes=30)
    normal = await details.set_priority(mika, ticket.id, PRIORITIES.index("normal"))
    assert normal.due_at == ticket.due_at
    complaint = await details.set_reason(mika, ticket.id, "complaint")
    assert complaint.due_at == clock() + timedelta(hours=4)
    assert await details.set_reason(mika, ticket.id, "complaint") == complaint
    assert desk.events(ticket)[-3:] == ["priority", "priority", "reason"]
    with pytest.raises(BadRequest):
        await details.set_priority(mika, ticket.id, 4)
    with pytest.raises(BadRequest):
        await details.set_reason(mika, ticket.id, "boredom")


async def test_a_date_that_mika_promised_holds_until_she_takes_it_back(desk, mika, clock):
    ticket, details = desk.ticket(), desk.casework.details
    friday = clock() + timedelta(days=3)
    promised = await details.set_due(mika, ticket.id, friday)
    assert (promised.due_at, promised.due_set) == (friday, True)
    assert desk.read(ticket) == promised
    assert (await details.set_due(mika, ticket.id, None)).due_at == ticket.due_at
    for wrong in (clock() - timedelta(minutes=1), friday.replace(tzinfo=None)):
        with pytest.raises(BadRequest):
            await details.set_due(mika, ticket.id, wrong)


async def test_a_person_is_found_by_what_stands_in_the_contact_and_the_log_does_not_say_it(desk, mika):
    ticket, details = desk.ticket(), desk.casework.details
    hana = Contact(name=" Hana  Sato ", email="hana@example.com")
    after = await details.set_contact(mika, ticket.id, hana)
    assert desk.read(ticket).contact == Contact(name="Hana Sato", email="hana@example.com") == after.contact
    event = desk.do(lambda db: desk.core.events.list(db, ticket.id))[-1]
    assert event.detail == {"fields": ["name", "email"]}
    with pytest.raises(TicketChanged):
        await details.set_contact(mika, ticket.id, Contact(name="Kenji"), version=ticket.version)
    assert (await details.set_contact(mika, ticket.id, Contact(), version=after.version)).contact == Contact()


async def test_a_subject_is_one_line_without_card_numbers(desk, mika):
    ticket, details = desk.ticket(), desk.casework.details
    after = await details.set_subject(mika, ticket.id, "Refund to card\n4111 1111 1111 1111")
    assert after.subject.startswith("Refund to card ")
    assert "4111" not in after.subject
    with pytest.raises(BadRequest):
        await details.set_subject(mika, ticket.id, "  ")


async def test_tags_are_the_same_however_they_are_typed_and_those_in_use_are_proposed(desk, mika):
    details = desk.casework.details
    one, two, foreign = desk.ticket(), desk.ticket(), desk.ticket(company="cuc")
    await details.tag(mika, one.id, "Refund ", "ＶＩＰ")
    await details.tag(mika, one.id, "refund")
    await details.tag(mika, two.id, "refund", "returned")
    await details.tag(desk.person("Ken", companies=["cuc"]), foreign.id, "reserved")
    assert desk.do(lambda db: desk.core.links.tags(db, one.id)) == ["refund", "vip"]
    assert desk.events(one).count("tagged") == 1
    assert await details.list_tags(mika, "jcom") == ["refund", "returned", "vip"]
    assert await details.list_tags(mika, "jcom", "RE") == ["refund", "returned"]
    assert await details.list_tags(mika, "jcom", "%") == []
    with pytest.raises(Forbidden):
        await details.list_tags(mika, "cuc")
    await details.untag(mika, one.id, "vip", "never there")
    assert desk.do(lambda db: desk.core.links.tags(db, one.id)) == ["refund"]


# Notes -----------------------------------------------------------------------------------------------------------


async def test_a_note_is_written_once_and_who_is_mentioned_gets_a_mail(desk, mika):
    ticket, ken = desk.ticket(), desk.person("Ken")
    desk.person("Aki", companies=["cuc"])
    noted = await desk.casework.notes.add(mika, ticket.id, "@Ken could you look? @Aki @Mika", "form-1")
    assert [one.id for one in noted.mentioned] == [ken.id, mika.id]
    assert await desk.casework.notes.add(mika, ticket.id, "@Ken could you look? @Aki @Mika", "form-1") == noted
    assert mails(desk) == ["mentioned"], "nobody gets a mail of what they wrote themselves"
    assert desk.audited(ticket) == [(mika.id, "ticket.note")]
    assert desk.feed.heard[-1].data["mentioned"] == [ken.id, mika.id]
    assert {one.name for one in await desk.casework.notes.list_mentionable(mika, ticket.id)} == {"Ken", "Mika Mori"}


async def test_a_note_stands_in_the_story_and_in_no_conversation(desk, mika):
    ticket = desk.ticket("What do you know of me?")
    await desk.casework.notes.add(mika, ticket.id, "Sounds angry. 4111 1111 1111 1111", "form-1")
    story = await desk.casework.stories.read(mika, ticket.id)
    (note,) = [entry for entry in story.entries if entry.note]
    assert note.by.name == "Mika Mori" and note.note.text.startswith("Sounds angry.")
    assert "4111" not in note.note.text
    said = desk.do(lambda db: desk.core.conversations.list_messages(db, ticket.conversation))
    assert [message.text for message in said] == ["What do you know of me?"]


async def test_the_customers_page_hears_of_who_comes_and_of_nothing_that_is_noted_or_looked_at(desk, mika):
    ticket = desk.ticket()
    with desk.services.streams.listen(ticket.conversation) as frames:
        await desk.casework.notes.add(mika, ticket.id, "Sounds angry.", "form-1")
        await desk.casework.details.tag(mika, ticket.id, "angry")
        await desk.casework.stories.read(mika, ticket.id)
        await desk.casework.tickets.take(mika, ticket.id)
        assert await until(lambda: frames.qsize()) == 1
        assert frames.get_nowait() == {"type": "news"}
    await desk.services.handovers.close()


# Links -----------------------------------------------------------------------------------------------------------


async def test_linked_tickets_show_each_other_until_they_are_unlinked(desk, mika):
    one, two = desk.ticket(), desk.ticket()
    await desk.casework.links.link(mika, one.id, two.id)
    await desk.casework.links.link(mika, two.id, one.id)
    for here, there in ((one, two), (two, one)):
        (related,) = (await desk.casework.stories.read(mika, here.id)).related
        assert (related.id, related.reference, related.how) == (there.id, there.reference, "linked")
        assert desk.events(here).count("linked") == 1
    await desk.casework.links.unlink(mika, two.id, one.id)
    assert (await desk.casework.stories.read(mika, one.id)).related == ()


async def test_tickets_of_two_companies_never_belong_together_nor_one_with_itself(desk):
    both = desk.person("Mika", companies=["jcom", "cuc"])
    one, other = desk.ticket(), desk.ticket(company="cuc")
    for act in (desk.casework.links.link, desk.casework.links.merge):
        for pair in ((one, other), (one, one)):
            with pytest.raises(CannotBeOne):
                await act(both, pair[0].id, pair[1].id)
        with pytest.raises(UnknownTicket):
            await act(desk.person("Ken"), one.id, other.id)


async def test_merged_tickets_are_one_story_and_each_customer_keeps_their_own_conversation(desk, mika, clock):
    first = desk.ticket("My data are wrong.")
    clock.advance(minutes=1)
    second = desk.ticket("It is me again: my data are wrong!", reason="complaint")
    clock.advance(minutes=1)
    left = await desk.casework.links.merge(mika, second.id, first.id)
    assert (left.id, left.due_at) == (first.id, second.due_at), "what is due sooner is due"
    gone = desk.read(second)
    assert (gone.status, gone.merged_into, gone.due_at) == ("closed", first.id, None)
    story = await desk.casework.stories.read(mika, first.id)
    assert [entry.message.text for entry in story.entries if entry.message] == [
        "My data are wrong.",
        "It is me again: my data are wrong!",
    ]
    assert [(related.id, related.how) for related in story.related] == [(second.id, "merged_here")]
    for ticket in (first, second):
        own = desk.do(lambda db, ticket=ticket: desk.core.conversations.list_messages(db, ticket.conversation))
        assert len(own) == 1
        assert desk.do(lambda db, ticket=ticket: desk.core.tickets.find_current(db, ticket.conversation)).id == first.id
    assert await desk.casework.links.merge(mika, second.id, first.id) == desk.read(first)
    assert desk.audited(second) == [(mika.id, "ticket.merge")]


async def test_what_the_customer_of_a_merged_ticket_writes_is_the_desks_turn(desk, mika, clock):
    first, second = desk.ticket(), desk.ticket()
    await desk.casework.links.merge(mika, second.id, first.id)
    await desk.casework.closing.wait(mika, first.id)
    customer_writes(desk, second)
    assert (desk.read(first).status, desk.read(second).status) == ("open", "closed")


async def test_nobody_follows_a_chain_of_mergers_and_a_merger_can_be_undone(desk, mika):
    one, two, three = desk.ticket("one"), desk.ticket("two"), desk.ticket("three")
    await desk.casework.links.merge(mika, one.id, two.id)
    await desk.casework.links.merge(mika, two.id, three.id)
    assert [desk.read(ticket).merged_into for ticket in (one, two, three)] == [three.id, three.id, None]
    alone = await desk.casework.closing.reopen(mika, one.id)
    assert (alone.status, alone.merged_into) == ("open", None)
    story = await desk.casework.stories.read(mika, three.id)
    assert {entry.message.text for entry in story.entries if entry.message} == {"two", "three"}


async def test_what_is_closed_is_not_merged(desk, mika):
    one, two = desk.ticket(), desk.ticket()
    await desk.casework.closing.close(mika, two.id, "done")
    with pytest.raises(TicketClosed):
        await desk.casework.links.merge(mika, one.id, two.id)
    assert desk.read(one).status == "open"


# Looking ---------------------------------------------------------------------------------------------------------


async def test_a_look_is_written_down_once_an_hour_for_each_person(desk, mika, clock):
    ticket, ken = desk.ticket(), desk.person("Ken")
    for person in (mika, mika, ken):
        await desk.casework.stories.read(person, ticket.id)
    assert desk.audited(ticket) == [(mika.id, "ticket.look"), (ken.id, "ticket.look")]
    clock.advance(hours=1)
    await desk.casework.stories.read(mika, ticket.id)
    assert len(desk.audited(ticket)) == 3


async def test_a_story_tells_what_was_said_and_done_in_the_order_of_time(desk, clock):
    mika, ken, chief = desk.person("Mika"), desk.person("Ken"), desk.person("Sato", Role.SUPERVISOR)
    ticket = desk.ticket("Please delete my data.")
    clock.advance(minutes=1)
    await desk.casework.tickets.take(mika, ticket.id)
    clock.advance(minutes=1)
    await desk.casework.tickets.assign(chief, ticket.id, ken.id)
    story = await desk.casework.stories.read(chief, ticket.id)
    assert story.assignee.name == "Ken"
    told = [
        ((entry.message and entry.message.sender) or entry.event.kind, entry.by and entry.by.name, entry.other and entry.other.name)
        for entry in story.entries
    ]
    assert told == [
        ("customer", None, None),
        ("opened", None, None),
        ("taken", "Mika", None),
        ("assigned", "Sato", "Ken"),
    ]


async def test_a_story_of_another_company_is_not_there(desk):
    ticket, ken = desk.ticket(), desk.person("Ken", companies=["cuc"])
    with pytest.raises(UnknownTicket):
        await desk.casework.stories.read(ken, ticket.id)
    assert desk.audited(ticket) == []
