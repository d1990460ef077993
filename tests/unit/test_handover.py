"""Whether Hana gets a person at once, and what she is told: honest about when and where the answer comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.desk.handover import (
    Situation,
    Words,
    give_up,
    hand_back,
    hand_over,
    patience,
    tell_closed,
    tell_joined,
    tell_reopened,
    tell_unattended,
)
from bot.knowledge.telling import tell

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday, noon in Tokyo
MONDAY = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
ATTENDED = Situation(staffed=True, somebody_there=True)


def keys(words: tuple[Words, ...]) -> list[str]:
    return [one.key for one in words]


def test_a_person_is_called_where_the_chat_is_staffed_and_somebody_is_there():
    assert hand_over(ATTENDED) == hand_over(replace(ATTENDED, email_left=True))
    assert (hand_over(ATTENDED).called, keys(hand_over(ATTENDED).words)) == (True, ["called", "nobody_ahead"])


@pytest.mark.parametrize(("staffed", "there"), [(True, False), (False, True), (False, False)])
def test_nobody_is_called_where_the_chat_is_not_staffed_or_nobody_is_there(staffed, there):
    decision = hand_over(Situation(staffed, there, next_opening=MONDAY))
    assert decision.called is False
    assert keys(decision.words) == ["nobody_free" if staffed else "staffed_again", "answer_here"]


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(0, "You are next."), (1, "One person is ahead of you."), (2, "2 people are ahead of you."), (11, "11 people are")],
)
def test_how_many_are_ahead_is_told(library, ahead, said):
    words = hand_over(replace(ATTENDED, ahead=ahead)).words
    assert said in tell(library, library.company("jcom"), "en", words, NOON)


def test_whoever_had_the_case_is_named_when_it_is_taken_up_again(library):
    words = hand_over(replace(ATTENDED, own_person="Keiko")).words
    assert tell(library, library.company("jcom"), "en", words, NOON) == (
        "Keiko, who has your case, is being called. You are next."
    )


def test_out_of_hours_it_is_told_when_the_chat_is_staffed_next_and_where_the_answer_comes(library):
    words = hand_over(Situation(False, False, next_opening=MONDAY)).words
    said = tell(library, library.company("jcom"), "en", words, NOON)
    assert "staffed again on Monday 30 November at 09:00 (Japan time)" in said
    assert "in this chat; if you leave an e-mail address" in said
    assert "by e-mail at the address that you left" in tell(
        library, library.company("jcom"), "en", hand_over(Situation(False, False, email_left=True)).words, NOON
    )


@pytest.mark.parametrize(
    ("opening", "told"),
    [(NOON + timedelta(hours=2), "today at 14:00"), (NOON + timedelta(days=1), "tomorrow at 12:00"), (None, "not staffed")],
)
def test_the_next_opening_is_told_as_a_clerk_would(library, opening, told):
    words = hand_over(Situation(False, False, next_opening=opening)).words
    assert told in tell(library, library.company("jcom"), "en", words, NOON)


@pytest.mark.parametrize("locale", ["en", "ja"])
def test_every_decision_can_be_told_in_every_language(library, locale):
    decisions = [
        hand_over(Situation(staffed, there, opening, ahead, email, name)).words
        for staffed in (True, False)
        for there in (True, False)
        for opening in (None, MONDAY)
        for ahead in (0, 1, 2)
        for email in (True, False)
        for name in ("", "Keiko")
    ]
    decisions += [tell_joined("Keiko", over) for over in (True, False)] + [tell_reopened()]
    decisions += [tell_unattended(Situation(False, False)), give_up(Situation(True, True)), hand_back("Keiko", "{x} 500 yen")]
    decisions += [tell_closed(settled, human) for settled in ("", "refund") for human in (True, False)]
    for company in library.companies():
        for words in decisions:
            said = tell(library, company, locale, words, NOON)
            assert said
            assert not set("{}") & set(said.replace("{x}", ""))


def test_what_was_settled_is_told_when_the_assistant_is_back(library):
    said = tell(library, library.company("jcom"), "en", hand_back("Keiko", "the fee is 1,100 yen"), NOON)
    assert "Keiko has left the chat. What was settled: the fee is 1,100 yen" in said
    assert said.endswith("The automated assistant is back and answers here again.")
    assert "settled" not in tell(library, library.company("jcom"), "en", hand_back("Keiko", ""), NOON)


def test_who_is_at_their_desk_gets_more_time_than_nobody():
    assert patience(5, False) == timedelta(minutes=5)
    assert patience(5, True) > patience(5, False)
