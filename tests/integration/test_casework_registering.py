"""Letters, faxes, calls, visits, mails: registered in one go, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.bootstrap import make_core
from bot.desk.errors import BadRegistration, FileNotTaken, Forbidden
from bot.desk.person import Role
from bot.desk.registration import Registration, Scan
from bot.desk.ticket import Contact
from bot.knowledge.errors import UnknownCompany
from bot.storage.database import Database
from bot.storage.tables import attachments, conversations, messages, tickets
from tests.support.casework import Desk, make_desk

from .conftest import SECRET

TOKYO = ZoneInfo("Asia/Tokyo")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


@pytest.fixture
def letter() -> Registration:
    return Registration(
        form="a-form-of-mika",
        company="jcom",
        channel="letter",
        received_at=datetime(2026, 11, 24, 9, 30, tzinfo=TOKYO),
        text="開示請求書と本人確認書類が届きました。4111 1111 1111 1111",
        contact=Contact(name="佐藤 花", email="hana@example.com"),
        scan=Scan("envelope.png", PNG),
    )


def count(desk, table) -> int:
    return desk.do(lambda db: db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


async def test_a_letter_becomes_a_ticket_with_its_text_its_sender_and_its_scan(desk, letter):
    mika = desk.person("Mika")
    ticket = await desk.casework.registering.register(mika, letter)
    assert (ticket.channel, ticket.reason, ticket.status, ticket.assignee) == ("letter", "registered", "open", None)
    assert ticket.opened_at == letter.received_at
    assert ticket.reply_due_at == letter.received_at + timedelta(hours=8), "it counts since it came"
    assert "開示請求書" in ticket.subject and "4111" not in ticket.subject
    story = await desk.casework.stories.read(mika, ticket.id)
    message, event = story.entries
    assert message.message.sender == "customer" and "4111" not in message.message.text
    assert (event.event.kind, event.by.name) == ("registered", "Mika")
    (file,) = desk.do(lambda db: desk.core.attachments.list(db, ticket.conversation))
    assert (file.name, file.media_type, file.uploaded_by) == ("envelope.png", "image/png", mika.id)
    assert (file.message, [kept["id"] for kept in message.message.attachments]) == (message.message.id, [file.id])
    sealed = desk.do(lambda db: desk.core.attachments.read(db, file.id))
    assert PNG not in sealed and desk.core.attachments.unseal(file, sealed) == PNG
    assert desk.audited(ticket)[0] == (mika.id, "ticket.register")
    (line,) = (await desk.casework.tickets.queue(mika)).rows
    assert (line.id, line.unread) == (ticket.id, 0), "who registered it has read it"


async def test_the_same_form_sent_again_or_twice_at_once_registers_once(desk, letter, database_settings, library, clock):
    mika = desk.person("Mika")
    other_database = Database(database_settings.database)
    try:
        other = make_desk(make_core(database_settings, SECRET, library, other_database), clock)
        one, two = await asyncio.gather(
            desk.casework.registering.register(mika, letter), other.casework.registering.register(mika, letter)
        )
    finally:
        other_database.close()
    again = await desk.casework.registering.register(mika, replace(letter, text="something else"))
    assert one == two == again
    assert [count(desk, table) for table in (conversations, messages, attachments, tickets)] == [1, 1, 1, 1]
    ken = desk.person("Ken")
    assert (await desk.casework.registering.register(ken, letter)).id != one.id, "nobody's form is another's"


async def test_who_takes_a_call_has_the_ticket_at_once(desk, letter):
    mika = desk.person("Mika")
    call = replace(letter, channel="phone", scan=None, take=True, reason="complaint", subject="Called twice", priority=2)
    ticket = await desk.casework.registering.register(mika, call)
    assert (ticket.assignee, ticket.subject, ticket.priority) == (mika.id, "Called twice", 2)
    assert ticket.reply_due_at == letter.received_at + timedelta(hours=4)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("form", "x"),
        ("channel", "pigeon"),
        ("text", " \n"),
        ("text", "x" * 20_001),
        ("received_at", datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO)),
        ("received_at", datetime(2026, 11, 24, 9, 0)),
        ("received_at", datetime(1926, 11, 24, 9, 0, tzinfo=TOKYO)),
        ("reason", "boredom"),
        ("topic", "weather"),
        ("language", "xx"),
        ("priority", 9),
        ("contact", Contact(name="x" * 301)),
    ],
)
async def test_what_cannot_be_is_refused_by_the_name_of_its_field(desk, letter, field, value):
    with pytest.raises(BadRegistration) as refused:
        await desk.casework.registering.register(desk.person("Mika"), replace(letter, **{field: value}))
    assert refused.value.why == field


async def test_nothing_is_kept_of_a_form_whose_scan_is_no_picture(desk, letter):
    with pytest.raises(FileNotTaken):
        await desk.casework.registering.register(desk.person("Mika"), replace(letter, scan=Scan("x.png", b"MZ" + bytes(50))))
    assert [count(desk, table) for table in (conversations, tickets)] == [0, 0]


async def test_only_who_works_on_a_companys_tickets_registers_for_it(desk, letter):
    for person in (desk.person("Ken", companies=["cuc"]), desk.person("Rei", Role.PRIVACY_OFFICER)):
        with pytest.raises(Forbidden):
            await desk.casework.registering.register(person, letter)
    with pytest.raises(UnknownCompany):
        await desk.casework.registering.register(desk.person("Sato", all_companies=True), replace(letter, company="nowhere"))
