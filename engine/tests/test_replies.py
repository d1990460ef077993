"""The replies of a turn, rebuilt from the tracker."""

from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from engine import replies


def said(text, message):
    return UserUttered(text, {"name": "greet"}, message_id=message)


def answered(**custom):
    return BotUttered(None, {"custom": custom})


def test_a_repeated_message_gets_the_replies_of_its_own_turn():
    events = [said("hi", "1"), BotUttered("Hello"), said("fee?", "2"), answered(text="500 yen"), answered(text="and more")]
    assert [reply["text"] for reply in replies.replies_to(events, "2")] == ["500 yen", "and more"]
    assert [reply["text"] for reply in replies.replies_to(events, "1")] == ["Hello"]


def test_a_message_never_dealt_with_has_no_replies():
    assert replies.replies_to([said("hi", "1")], "2") is None
    assert replies.replies_to([said("hi", "1")], "1") == []


def test_a_plain_response_has_every_field_of_a_reply():
    assert replies.reply_of(BotUttered("Hello")) == {
        "text": "Hello", "citations": [], "quick_replies": [], "offers": [], "ticket": None,
    }


def test_the_buttons_of_a_response_become_quick_replies():
    event = BotUttered("Hello", {"buttons": [{"title": "Fee", "payload": "/ask_fee_amount"}]})
    assert replies.reply_of(event)["quick_replies"] == [{"title": "Fee", "choice": {"intent": "ask_fee_amount"}}]


def test_an_offer_stands_for_one_reply():
    offer = [said("x", "1"), answered(text="A person?", offers=["handoff"])]
    assert replies.offers_a_person(offer)
    assert not replies.offers_a_person([*offer, said("thanks", "2"), BotUttered("You're welcome")])


def test_an_action_may_offer_by_the_slot():
    assert replies.offers_a_person([said("x", "1"), ActionExecuted("action_answer"), SlotSet("offered_person", True)])
    assert not replies.offers_a_person([said("x", "1"), answered(text="A", offers=["handoff"]), SlotSet("offered_person", False)])
