"""Who has a ticket: taking, releasing, giving."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.bootstrap import make_core
from bot.desk.errors import CannotHaveTicket, Forbidden, TicketTaken, UnknownTicket
from bot.desk.person import Role
from bot.storage.database import Database
from tests.support.casework import Desk, make_desk

from .conftest import SECRET


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


async def test_mika_takes_a_ticket_and_everybody_hears_of_it(desk):
    mika, ticket = desk.person("Mika"), desk.ticket()
    taken = await desk.casework.tickets.take(mika, ticket.id)
    assert (taken.assignee, taken.version) == (mika.id, ticket.version + 1)
    assert desk.read(ticket) == taken
    assert desk.events(ticket)[-1] == "taken"
    assert desk.audited(ticket) == [(mika.id, "ticket.take")]
    assert [(h.kind, h.company, h.ticket, h.data["assignee"]) for h in desk.feed.heard] == [("ticket", "jcom", ticket.id, mika.id)]


async def test_taking_what_is_ones_own_already_does_nothing(desk):
    mika, ticket = desk.person("Mika"), desk.ticket()
    first = await desk.casework.tickets.take(mika, ticket.id)
    assert await desk.casework.tickets.take(mika, ticket.id) == first
    assert desk.audited(ticket) == [(mika.id, "ticket.take")]
    assert len(desk.feed.heard) == 1


async def test_of_two_who_take_at_the_same_instant_one_has_it_and_the_other_hears_who(desk, database_settings, library, clock):
    # A second core is a second process: its connections, its thread, its transactions.
    other_database = Database(database_settings.database)
    try:
        other = make_desk(make_core(database_settings, SECRET, library, other_database), clock)
        mika, ken = desk.person("Mika"), desk.person("Ken")
        for _ in range(10):
            ticket = desk.ticket()
            tries = await asyncio.gather(
                desk.casework.tickets.take(mika, ticket.id), other.casework.tickets.take(ken, ticket.id), return_exceptions=True
            )
            (refused,) = (outcome for outcome in tries if isinstance(outcome, Exception))
            (taken,) = (outcome for outcome in tries if not isinstance(outcome, Exception))
            assert isinstance(refused, TicketTaken)
            assert refused.name == {mika.id: "Mika", ken.id: "Ken"}[taken.assignee]
            assert desk.read(ticket).assignee == taken.assignee
            assert desk.audited(ticket) == [(taken.assignee, "ticket.take")]
    finally:
        other_database.close()


async def test_a_ticket_of_a_company_that_ken_does_not_see_is_not_there_for_him(desk):
    ken, ticket = desk.person("Ken", companies=["cuc"]), desk.ticket(company="jcom")
    tickets = desk.casework.tickets
    for act in (tickets.find(ken, ticket.id), tickets.take(ken, ticket.id), tickets.release(ken, ticket.id)):
        with pytest.raises(UnknownTicket):
            await act
    with pytest.raises(UnknownTicket):
        await tickets.find_by_reference(ken, ticket.reference)
    assert desk.read(ticket) == ticket
    assert desk.audited(ticket) == []


async def test_a_privacy_officer_reads_and_does_not_take(desk):
    officer, ticket = desk.person("Rei", Role.PRIVACY_OFFICER), desk.ticket()
    assert await desk.casework.tickets.find(officer, ticket.id) == ticket
    with pytest.raises(Forbidden):
        await desk.casework.tickets.take(officer, ticket.id)


async def test_a_trainer_sees_no_ticket_and_no_queue(desk):
    trainer, ticket = desk.person("Tomo", Role.TRAINER), desk.ticket()
    tickets = desk.casework.tickets
    for act in (tickets.find(trainer, ticket.id), tickets.queue(trainer), tickets.counts(trainer)):
        with pytest.raises(Forbidden):
            await act


async def test_mika_gives_back_what_she_has(desk):
    mika, ticket = desk.person("Mika"), desk.ticket()
    await desk.casework.tickets.take(mika, ticket.id)
    assert (await desk.casework.tickets.release(mika, ticket.id)).assignee is None
    assert (await desk.casework.tickets.release(mika, ticket.id)).assignee is None
    assert desk.events(ticket)[-2:] == ["taken", "released"]


async def test_only_a_supervisor_takes_a_ticket_from_somebody_or_gives_one_to_somebody(desk):
    mika, ken, chief = desk.person("Mika"), desk.person("Ken"), desk.person("Sato", Role.SUPERVISOR)
    ticket, tickets = desk.ticket(), desk.casework.tickets
    with pytest.raises(Forbidden):
        await tickets.assign(mika, ticket.id, ken.id)
    assert (await tickets.assign(mika, ticket.id, mika.id)).assignee == mika.id
    for act in (tickets.assign(ken, ticket.id, ken.id), tickets.release(ken, ticket.id)):
        with pytest.raises(Forbidden):
            await act
    assert (await tickets.assign(chief, ticket.id, ken.id)).assignee == ken.id
    assert (await tickets.release(chief, ticket.id)).assignee is None


async def test_nobody_gets_a_ticket_who_could_not_work_on_it(desk):
    chief, ticket = desk.person("Sato", Role.SUPERVISOR), desk.ticket(company="jcom")
    officer = desk.person("Rei", Role.PRIVACY_OFFICER)
    foreign = desk.person("Ken", companies=["cuc"])
    gone = desk.person("Aki")
    desk.do(lambda db: desk.core.people.change(db, replace(gone, disabled=True), desk.clock()))
    for person in (officer.id, foreign.id, gone.id, "nobody"):
        with pytest.raises(CannotHaveTicket):
            await desk.casework.tickets.assign(chief, ticket.id, person)
    assert desk.read(ticket).assignee is None
