"""The judge of the kills under load sees every way in which a customer can be let down."""

from __future__ import annotations

import pytest

from benchmarks.customers import Talk
from benchmarks.kill import Rows, find_faults
from benchmarks.load import Chat


def message(number: int, sender: str, text: str) -> dict:
    return {"id": f"m{number}", "sequence": number, "sender": sender, "text": text}


@pytest.fixture
def peace() -> Talk:
    """Hana asks and is answered; nothing is killed."""
    return Talk(0, "jcom", chat=Chat("calm", "", "jcom"), said=["Fee?"], answers=[[message(2, "bot", "500 yen")]])


@pytest.fixture
def ken() -> Talk:
    """Ken asks the same while parts are killed, and follows the stream."""
    talk = Talk(0, "jcom", watched=True, chat=Chat("storm", "", "jcom"), said=["Fee?"], seen=[1, 2])
    talk.answers = [[message(2, "bot", "500 yen")]]
    return talk


@pytest.fixture
def history() -> list[dict]:
    return [message(1, "customer", "Fee?"), message(2, "bot", "500 yen")]


@pytest.fixture
def faults(peace, ken, history):
    def judge(**rows) -> list[str]:
        held = {"waiting": 0, "replies": {"m1": 1}, "unanswered": 0, "tickets": {}, **rows}
        return list(find_faults([ken], [history], [peace], Rows(**held)))

    return judge


def test_a_conversation_that_went_as_in_peace_has_no_fault(faults):
    assert faults() == []


def test_a_message_that_nobody_answered_is_seen(faults, history):
    del history[1]
    assert "not exactly one answer behind each message" in faults()


def test_a_message_that_was_answered_twice_is_seen(faults, history):
    history.append(message(3, "bot", "500 yen"))
    assert "not exactly one answer behind each message" in faults()


def test_a_message_that_was_stored_twice_is_seen(faults, history):
    history[1:1] = [message(2, "customer", "Fee?")]
    assert "the customer's messages are not stored once each, in order" in faults()


def test_a_customer_who_gave_up_is_seen(faults, ken):
    ken.lost = "no answer in 180 seconds"
    assert faults() == ["lost: no answer in 180 seconds"]


def test_another_answer_than_in_peace_is_seen(faults, ken):
    ken.answers[0][0]["text"] = "Something went wrong."
    assert faults() == ["answered differently than in peace"]


def test_an_answer_that_is_not_the_stored_one_is_seen(faults, history):
    history[1]["id"] = "another"
    assert faults() == ["other answers were given than are stored"]


def test_two_tickets_with_different_references_are_the_same_answer(faults, peace, ken):
    peace.answers[0][0]["text"], ken.answers[0][0]["text"] = "Your ticket is ABC-DEF2.", "Your ticket is X2Y-Z345."
    assert faults() == []


@pytest.mark.parametrize("seen", [[1], [1, 2, 2], [2, 1], []])
def test_a_stream_that_loses_or_doubles_a_message_is_seen(faults, ken, seen):
    ken.seen = seen
    assert faults() == ["the stream lost or doubled a message"]


@pytest.mark.parametrize("told, held", [("ABC-DEF2", {}), ("ABC-DEF2", {"storm": 2}), (None, {"storm": 1})])
def test_a_ticket_that_is_missing_or_doubled_is_seen(faults, ken, told, held):
    ken.ticket = told
    assert faults(tickets=held) == ["a ticket is missing or doubled"]


@pytest.mark.parametrize(
    "rows, fault",
    [
        ({"waiting": 1}, "messages still waiting in the database"),
        ({"unanswered": 1}, "messages without an answer in the database"),
        ({"replies": {"m1": 2}}, "messages with two answers in the database"),
    ],
)
def test_what_only_the_database_shows_is_seen(faults, rows, fault):
    assert faults(**rows) == [fault]
