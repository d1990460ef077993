"""Staff hear by mail of what concerns them, never of what a customer wrote, and may switch each kind off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import deadlines
from bot.desk.person import Role
from bot.desk.ticket import Ticket
from bot.storage.tables import outbox
from tests.support.casework import Desk, make_desk
from tests.support.staff import staff

SECRET = "My divorce is nobody's business"


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


def mails(desk: Desk) -> dict[str, str]:
    """What waits in the outbox: whom it is for, and all that it says."""

    def read(db):
        return [desk.core.outbox._read(row).mail for row in db.execute(outbox.select().order_by(outbox.c.created_at))]

    return {mail.to: f"{mail.subject}\n{mail.text}" for mail in desk.do(read)}


async def test_whoever_is_given_a_ticket_hears_of_it_and_nothing_of_its_contents(desk):
    boss, kenji = desk.person("Mika", Role.SUPERVISOR), desk.person("Kenji")
    ticket = desk.ticket(SECRET, reason="complaint")
    await desk.casework.tickets.assign(boss, ticket.id, kenji.id)
    assert list(mails(desk)) == [kenji.email]
    told = mails(desk)[kenji.email]
    assert f"[{ticket.reference}] is yours now: complaint, JCOM" in told
    assert "Mika has given you a ticket" in told
    assert f"/desk/tickets/{ticket.reference}" in told
    assert "/desk/account" in told
    assert "divorce" not in told


async def test_whoever_takes_a_ticket_or_gives_it_to_themselves_is_not_told(desk):
    boss = desk.person("Mika", Role.SUPERVISOR)
    await desk.casework.tickets.take(boss, desk.ticket().id)
    await desk.casework.tickets.assign(boss, desk.ticket().id, boss.id)
    assert mails(desk) == {}


async def test_each_is_told_in_their_own_language(desk):
    boss, kenji = desk.person("Mika", Role.SUPERVISOR), desk.person("Kenji", locale="ja")
    ticket = desk.ticket(reason="leak")
    await desk.casework.tickets.assign(boss, ticket.id, kenji.id)
    told = mails(desk)[kenji.email]
    assert f"[{ticket.reference}] 担当になりました：漏えいの報告" in told
    assert "Mikaさんから" in told


async def test_a_ticket_that_comes_back_to_somebody_is_told_again(desk):
    boss, kenji, aya = desk.person("Mika", Role.SUPERVISOR), desk.person("Kenji"), desk.person("Aya")
    ticket = desk.ticket()
    for one in (kenji, aya, kenji):
        await desk.casework.tickets.assign(boss, ticket.id, one.id)
    assert len(desk.do(lambda db: db.execute(outbox.select()).all())) == 3


async def test_a_shifts_tickets_are_told_in_one_mail(desk):
    hana, kenji = desk.person("Hana"), desk.person("Kenji")
    for _ in range(3):
        await desk.casework.tickets.take(hana, desk.ticket(SECRET).id)
    await desk.casework.tickets.hand_over(hana, kenji.id)
    assert list(mails(desk)) == [kenji.email]
    assert "3 tickets were handed over to you" in mails(desk)[kenji.email]


async def test_one_ticket_of_a_shift_is_told_as_one(desk):
    hana, kenji = desk.person("Hana"), desk.person("Kenji")
    await desk.casework.tickets.take(hana, desk.ticket().id)
    await desk.casework.tickets.hand_over(hana, kenji.id)
    assert "A ticket was handed over to you" in mails(desk)[kenji.email]


async def test_whoever_a_note_mentions_is_told_that_and_not_what_it_says(desk):
    hana, kenji = desk.person("Hana"), desk.person("Kenji")
    ticket = desk.ticket(SECRET)
    noted = await desk.casework.notes.add(hana, ticket.id, f"@Kenji, @Hana: {SECRET}", "f1")
    assert {one.id for one in noted.mentioned} == {hana.id, kenji.id}
    await desk.casework.notes.add(hana, ticket.id, f"@Kenji, @Hana: {SECRET}", "f1")
    assert list(mails(desk)) == [kenji.email]
    assert "Hana mentions you" in mails(desk)[kenji.email]
    assert "divorce" not in mails(desk)[kenji.email]


# Late --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def due(desk, core, clock):
    """A ticket that is due in an hour, and somebody who has it."""

    async def make(assignee: str | None) -> Ticket:
        ticket = desk.ticket(SECRET)

        def work(db):
            clockwork = core.staffing.clockwork(db, ticket)
            changed = clockwork.set_due(replace(ticket, assignee=assignee), clock() + timedelta(hours=1), clock())
            return core.tickets.save(db, changed, clock())

        return desk.do(work)

    return make


async def test_who_has_a_late_ticket_hears_of_it_and_so_does_the_supervisor(desk, due, clock):
    boss, kenji = desk.person("Mika", Role.SUPERVISOR), desk.person("Kenji")
    desk.person("Elsewhere", Role.SUPERVISOR, companies=["cuc"])
    ticket = await due(kenji.id)
    clock.advance(hours=2)
    await deadlines.watch(desk.services)
    await deadlines.watch(desk.services)
    told = mails(desk)
    assert set(told) == {kenji.email, boss.email}
    assert f"[{ticket.reference}] is late" in told[kenji.email]
    assert "It is yours." in told[kenji.email]
    assert "Kenji has it." in told[boss.email]
    assert "24 Nov, 13:00" in told[boss.email]  # on the desk's own clock
    assert "divorce" not in str(told)
    assert len(desk.do(lambda db: db.execute(outbox.select()).all())) == 2


async def test_a_late_ticket_that_nobody_has_is_the_supervisors(desk, due, clock):
    boss = desk.person("Mika", Role.SUPERVISOR)
    desk.person("Kenji")
    await due(None)
    clock.advance(hours=2)
    await deadlines.watch(desk.services)
    assert list(mails(desk)) == [boss.email]
    assert "Nobody has it yet." in mails(desk)[boss.email]


# Who gets none -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mail_assigned", "mail_mentioned", "mail_late"])
async def test_whoever_switched_a_kind_off_gets_the_others(desk, due, clock, kind):
    boss, kenji = desk.person("Mika", Role.SUPERVISOR), desk.person("Kenji")
    desk.do(lambda db: desk.core.people.prefer(db, kenji.id, **{kind: False}))
    ticket = await due(None)
    await desk.casework.tickets.assign(boss, ticket.id, kenji.id)
    await desk.casework.notes.add(boss, ticket.id, "@Kenji please look", "f1")
    clock.advance(hours=2)
    await deadlines.watch(desk.services)
    causes = desk.do(lambda db: [row.cause for row in db.execute(outbox.select()) if row.cause.endswith(kenji.id)])
    told = {cause.split()[0] for cause in causes}
    every = {"mail_assigned": "assigned", "mail_mentioned": "mentioned", "mail_late": "escalated"}
    assert told == set(every.values()) - {every[kind]}


async def test_an_act_that_fails_tells_nobody(desk, monkeypatch):
    boss, kenji = desk.person("Mika", Role.SUPERVISOR), desk.person("Kenji")
    ticket = desk.ticket()

    def fail(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr(type(desk.core.audit), "append", fail)
    with pytest.raises(RuntimeError):
        await desk.casework.tickets.assign(boss, ticket.id, kenji.id)
    assert mails(desk) == {}


# The switches --------------------------------------------------------------------------------------------------------


async def test_everybody_switches_their_mails_on_and_off_on_their_account_page(gateway):
    kenji = await staff(gateway, name="Kenji")
    page = (await kenji.get("/desk/account")).body
    assert page.count('name="mail"') == 3
    assert page.count(" checked") >= 3
    answer = await kenji.post("/desk/account/mail", [("mail", "mail_late"), ("mail", "nonsense")])
    assert answer.status == 200
    preferences = await gateway.core.database.run(lambda db: gateway.core.people.preferences(db, kenji.id))
    assert preferences == {"mail_assigned": False, "mail_late": True, "mail_mentioned": False}
    page = (await kenji.get("/desk/account")).body
    assert 'value="mail_late" checked' in page
    assert 'value="mail_assigned" checked' not in page


async def test_whoever_sees_no_tickets_is_asked_about_no_mails(gateway):
    trainer = await staff(gateway, Role.TRAINER, name="Kenji")
    assert 'name="mail"' not in (await trainer.get("/desk/account")).body
