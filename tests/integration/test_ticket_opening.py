"""What stands on a ticket from the beginning, and the case that a customer comes back to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.desk.ticket import Contact
from tests.support.casework import Desk, make_desk


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


def says(desk, chat, *texts: str, choice: dict | None = None) -> str:
    """The last message's id."""
    for number, text in enumerate(texts):
        accepted = desk.do(
            lambda db, text=text, number=number: desk.core.conversations.accept(
                db, chat, text, f"{text}{number}", desk.clock(), choice=choice
            )
        )
    return accepted.message.id


@pytest.fixture
def hana(desk):
    return desk.do(lambda db: desk.core.conversations.open(db, "jcom", "en", "web", desk.clock()))[0]


def opens(desk, chat, message: str, reason: str = "asked", **fields):
    return desk.do(lambda db: desk.core.tickets.open(db, chat, message, reason, desk.clock(), **fields))


def test_the_subject_is_the_customers_first_question(desk, hana):
    message = says(desk, hana, "Hello", "How long do you keep my letters?", "a person please")
    ticket, _ = opens(desk, hana, message)
    assert ticket.subject == "How long do you keep my letters?"
    assert desk.read(ticket) == ticket


def test_a_complaint_is_about_what_it_says_itself(desk, hana):
    message = says(desk, hana, "How long do you keep my letters?", "I complain: you sent them to my neighbour")
    ticket, _ = opens(desk, hana, message, "complaint")
    assert ticket.subject == "I complain: you sent them to my neighbour"


def test_where_only_buttons_were_pressed_the_topics_title_is_the_subject(desk, hana):
    says(desk, hana, "Hello")
    message = says(desk, hana, "Yes, please", choice={"intent": "affirm"})
    topic = next(iter(desk.core.library.topics.values()))
    ticket, _ = opens(desk, hana, message, topic=topic.key)
    assert (ticket.subject, ticket.topic) == (topic.title["en"], topic.key)


def test_a_ticket_stores_no_word_of_the_customer_in_clear(desk, hana, core):
    from bot.storage.tables import tickets

    message = says(desk, hana, "How long do you keep my letters?")
    opens(desk, hana, message, contact=Contact(name="Hana Sato", email="hana@example.com"))
    (row,) = desk.do(lambda db: db.execute(tickets.select()).all())
    for value in row:
        shown = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        for word in (b"letters", b"Hana", b"hana@"):
            assert word not in shown


def test_a_customer_who_comes_back_gets_the_same_case_with_the_same_person(desk, hana, clock):
    message = says(desk, hana, "How long do you keep my letters?")
    first, _ = opens(desk, hana, message)
    mika = desk.person("Mika")
    desk.do(lambda db: close(desk, db, first, mika))
    clock.advance(days=2)
    again = says(desk, hana, "It is about my letters again")
    reopened, new = opens(desk, hana, again)
    assert (reopened.id, reopened.reference, reopened.status, reopened.assignee, new) == (
        first.id,
        first.reference,
        "open",
        mika.id,
        False,
    )
    assert reopened.due_at == first.due_at + timedelta(days=2)
    assert desk.events(first) == ["opened", "reopened"]
    assert opens(desk, hana, again) == (reopened, False)


def close(desk, db, ticket, person):
    from dataclasses import replace

    found = desk.core.tickets.find(db, ticket.id, locked=True)
    closed = desk.core.staffing.clockwork(db, found).close(replace(found, assignee=person.id), desk.clock())
    desk.core.tickets.save(db, closed, desk.clock())


@pytest.mark.parametrize("cause", ["opened", "reopened"])
def test_a_turn_that_runs_again_after_the_closing_reopens_nothing(desk, hana, cause):
    mika = desk.person("Mika")
    message = says(desk, hana, "How long do you keep my letters?")
    ticket, _ = opens(desk, hana, message)
    desk.do(lambda db: close(desk, db, ticket, mika))
    if cause == "reopened":
        message = says(desk, hana, "It is about my letters again")
        opens(desk, hana, message)
        desk.do(lambda db: close(desk, db, ticket, mika))
    assert opens(desk, hana, message)[0].status == "closed"


async def test_the_customer_of_a_merged_case_comes_back_to_the_one_that_is_left(desk, clock):
    left, gone = desk.ticket(), desk.ticket()
    mika = desk.person("Mika")
    await desk.casework.links.merge(mika, gone.id, left.id)
    chat = desk.do(lambda db: desk.core.conversations.find(db, gone.conversation))
    assert (chat.ticket["status"], chat.ticket_id) == ("open", left.id)
    found, new = opens(desk, chat, says(desk, chat, "A person again, please"))
    assert (found.id, new) == (left.id, False)
    await desk.casework.closing.close(mika, left.id, "done")
    reopened, _ = opens(desk, chat, says(desk, chat, "And once more"))
    assert (reopened.id, reopened.status) == (left.id, "open")


async def test_of_a_closed_ticket_no_word_is_left_when_its_chat_is_forgotten(desk, clock):
    mika = desk.person("Mika")
    ticket = desk.ticket("How long do you keep my letters?", contact=Contact(name="Hana Sato", email="hana@example.com"))
    await desk.casework.notes.add(mika, ticket.id, "She was friendly.", "form-1")
    await desk.casework.closing.close(mika, ticket.id, "Her letters were sent back.")
    desk.do(lambda db: desk.core.conversations.forget(db, ticket.conversation, clock()))
    left = desk.read(ticket)
    assert (left.subject, left.contact, left.status, left.reference) == ("", Contact(), "closed", ticket.reference)
    story = await desk.casework.stories.read(mika, ticket.id)
    assert [(entry.event.kind, entry.event.detail) for entry in story.entries if entry.event.kind == "closed"] == [("closed", {})]
    assert not [entry for entry in story.entries if entry.message or entry.note]


async def test_a_ticket_keeps_its_story_for_as_long_after_closing_as_a_chat_is_kept(desk, clock):
    mika, ticket = desk.person("Mika"), desk.ticket()
    clock.advance(days=60)
    await desk.casework.closing.close(mika, ticket.id, "done")

    def forget_stale():
        return desk.do(lambda db: desk.core.conversations.forget_stale(db, clock() - timedelta(days=30), clock()))

    clock.advance(days=29)
    assert forget_stale() == []
    clock.advance(days=2)
    assert forget_stale() == [ticket.conversation]
