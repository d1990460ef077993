"""The engine runs an action for Hana: what it says, what it remembers, and that a ticket is opened once."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from rasa_sdk.executor import ActionExecutor

import actions.answers
import actions.desk
import actions.person
import actions.record
from bot.desk.ticket import PRIORITIES
from bot.knowledge.answering import Answerer
from tests.support.parses import parse, part


class Conversation:
    """A conversation as the engine keeps it: it hands each action the tracker, and takes back events."""

    def __init__(self, executor: ActionExecutor, core, clock, company: str = "jcom", locale: str = "en"):
        self.executor = executor
        self.core = core
        self.company, self.locale = company, locale
        chat, _ = core.database.transact(lambda db: core.conversations.open(db, company, locale, "web", clock()))
        self.id = chat.id
        self.slots: dict = {}
        self.events: list[dict] = []

    async def hear(self, action: str, *parts: dict, whole: str | None = None, message: str | None = None) -> dict:
        """The customer says something, and the engine runs this action for it; gives what the action says."""
        latest = {
            **parse(*parts, whole=whole),
            "metadata": {
                "message": message or uuid.uuid4().hex,
                "company": self.company,
                "locale": self.locale,
                "company_name": "JCOM",
            },
        }
        said = {"event": "user", "text": latest["text"], "parse_data": latest, "metadata": latest["metadata"]}
        self.events.append(said)
        return await self.run(action, latest)

    async def run(self, action: str, latest: dict) -> dict:
        call = {
            "next_action": action,
            "sender_id": self.id,
            "tracker": {
                "sender_id": self.id,
                "slots": self.slots,
                "latest_message": latest,
                "events": self.events,
                "paused": False,
                "followup_action": None,
                "active_loop": {},
                "latest_action_name": "action_listen",
                "latest_input_channel": "desk",
            },
            "domain": {"slots": {}, "intents": [], "entities": [], "responses": {}, "actions": []},
            "version": "3.6.21",
        }
        result = (await self.executor.run(call)).model_dump()
        for event in result["events"]:
            assert event["event"] == "slot"
            self.slots[event["name"]] = event["value"]
        (response,) = result["responses"]
        self.events.append({"event": "bot", "text": response["text"], "data": {"custom": response["custom"]}})
        return response["custom"]

    def respond(self, text: str) -> None:
        """The engine says one of the domain's own responses."""
        self.events.append({"event": "bot", "text": text, "data": {}})


@pytest.fixture(scope="module")
def executor() -> ActionExecutor:
    executor = ActionExecutor()
    executor.register_package("actions")
    return executor


@pytest.fixture
def talk(core, clock, executor, monkeypatch) -> Callable[..., Conversation]:
    """Starts conversations with the actions over this test's core."""
    answerer = Answerer(core.library, clock)
    for module in (actions.answers, actions.desk, actions.person, actions.record):
        for name, double in (("core", lambda: core), ("answerer", lambda: answerer), ("now", clock)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, double)
    return lambda *where: Conversation(executor, core, clock, *where)


def tickets(core) -> list:
    return core.database.transact(core.tickets.list)


YES = part("yes please", "affirm")


async def test_hana_is_answered_with_the_clause_and_the_topic_is_remembered(talk):
    hana = talk()
    said = await hana.hear("action_answer", part("what does a disclosure cost?", "ask_fee_amount"))
    assert "1,100 yen" in said["text"]
    assert said["citations"][0]["quote"]
    assert set(said["citations"][0]) == {"quote", "section", "document", "version", "url"}
    assert (said["offers"], said["ticket"]) == ([], None)
    assert hana.slots == {
        "last_topic": "fee_amount", "offered_person": False, "offer_reason": None, "misunderstood": 0.0
    }


async def test_a_follow_up_leans_on_what_was_answered_last(talk):
    hana = talk("coocom")
    await hana.hear("action_answer", part("what does it cost?", "ask_fee_amount"))
    said = await hana.hear("action_answer", part("and how do I pay it?", "follow_up", payment="bank_transfer"))
    assert "bank transfer" in said["text"]
    assert hana.slots["last_topic"] == "fee_payment_method"


async def test_buttons_name_an_intent_that_the_domain_has(talk):
    said = await talk().hear("action_answer", part("fee?", "ask_fee_amount"))
    assert said["quick_replies"]
    assert all(button["choice"]["intent"].startswith("ask_") for button in said["quick_replies"])


async def test_what_is_not_stated_offers_a_person_and_remembers_why(talk):
    hana = talk("plusone")
    said = await hana.hear("action_answer", part("fax?", "ask_fax"))
    assert said["offers"] == ["handoff"]
    assert (hana.slots["offered_person"], hana.slots["offer_reason"]) == (True, "unanswered")


async def test_an_accepted_offer_opens_a_ticket_and_tells_its_reference(talk, core):
    hana = talk("plusone")
    await hana.hear("action_answer", part("fax?", "ask_fax"))
    said = await hana.hear("action_open_ticket", YES)
    (ticket,) = tickets(core)
    assert said["ticket"] == {"reference": ticket.reference, "status": "open"}
    assert ticket.reference in said["text"]
    assert (ticket.company, ticket.conversation, ticket.reason, PRIORITIES[ticket.priority]) == (
        "plusone", hana.id, "unanswered", "normal"
    )
    assert hana.slots["offered_person"] is False


async def test_the_same_message_opens_one_ticket_however_often_the_engine_runs_it(talk, core):
    hana = talk()
    first = await hana.hear("action_open_ticket", part("a person please", "ask_human"), message="m1")
    again = await hana.hear("action_open_ticket", part("a person please", "ask_human"), message="m1")
    assert again == first
    assert len(tickets(core)) == 1


async def test_who_asks_for_a_person_again_hears_that_one_has_it_already(talk, core):
    hana = talk()
    first = await hana.hear("action_open_ticket", part("a person please", "ask_human"))
    again = await hana.hear("action_open_ticket", part("a person, I said", "ask_human"))
    assert again["ticket"] == first["ticket"]
    assert "already with a person" in again["text"]
    assert len(tickets(core)) == 1


@pytest.mark.parametrize(
    ("intent", "reason", "urgency"),
    [("complain", "complaint", "normal"), ("report_leak", "leak", "urgent"), ("request_status", "status", "normal")],
)
async def test_what_needs_a_person_goes_to_one_with_its_reason(talk, core, intent, reason, urgency):
    hana = talk()
    offer = await hana.hear("action_offer_person", part("listen", intent))
    assert offer["offers"] == ["handoff"]
    assert [button["choice"]["intent"] for button in offer["quick_replies"]] == ["affirm", "deny"]
    await hana.hear("action_open_ticket", YES)
    (ticket,) = tickets(core)
    assert (ticket.reason, PRIORITIES[ticket.priority]) == (reason, urgency)


async def test_whoever_does_not_accept_an_answer_disputes_it(talk, core):
    hana = talk()
    await hana.hear("action_offer_person", part("you refused my request without any reason, I protest", "complain"))
    await hana.hear("action_open_ticket", YES)
    assert tickets(core)[0].reason == "dispute"


async def test_who_asks_for_a_person_on_their_own_asked(talk, core):
    hana = talk()
    await hana.hear("action_open_ticket", part("a person please", "ask_human"))
    assert tickets(core)[0].reason == "asked"


async def test_who_is_not_understood_twice_goes_to_a_person_for_that_reason(talk, core):
    hana = talk()
    for _ in range(2):
        await hana.hear("action_search_policy", part("blargh blargh", "nlu_fallback", 0.1))
    await hana.hear("action_open_ticket", YES)
    assert tickets(core)[0].reason == "again"


async def test_who_wants_what_the_policy_does_not_state_answered_goes_to_a_person_with_the_topic(talk, core):
    hana = talk("plusone")
    await hana.hear("action_answer", part("fax?", "ask_fax"))
    await hana.hear("action_open_ticket", YES)
    assert (tickets(core)[0].reason, tickets(core)[0].topic) == ("unanswered", "fax")


@pytest.mark.parametrize(
    ("company", "action", "said", "outcome"),
    [
        ("jcom", "action_answer", part("fee?", "ask_fee_amount"), {"kind": "answered", "topic": "fee_amount"}),
        ("plusone", "action_answer", part("fax?", "ask_fax"), {"kind": "not_stated", "topic": "fax"}),
        ("jcom", "action_search_policy", part("blargh", "nlu_fallback", 0.1), {"kind": "missed", "topic": None}),
        ("jcom", "action_open_ticket", part("a person", "ask_human"), {"kind": "handed_over", "topic": None}),
        ("jcom", "action_offer_person", part("you lost my file", "complain"), {"kind": "talk", "topic": None}),
        ("jcom", "action_repeat", part("pardon?", "repeat"), {"kind": "talk", "topic": None}),
    ],
)
async def test_what_came_of_a_message_is_told_for_statistics(talk, company, action, said, outcome):
    assert (await talk(company).hear(action, said))["outcome"] == outcome


async def test_a_clause_that_lies_near_is_told_as_that(talk):
    said = await talk("jcom").hear("action_search_policy", part("broadcasting security center", "nlu_fallback", 0.1))
    assert said["outcome"]["kind"] == "nearest"


# After a person had the conversation ------------------------------------------------------------------------------


@pytest.fixture
def answered(core, clock):
    """A person has taken the conversation, written, and given it back with what was settled."""

    def work(db, chat: str, settled: str) -> None:
        now = clock()
        conversation = core.conversations.find(db, chat)
        message = core.conversations.accept(db, conversation, "a person please", uuid.uuid4().hex, now).message
        ticket, _ = core.tickets.open(db, conversation, message.id, "asked", now)
        body = {"text": "We have found your letter of May.", "citations": [], "author_name": "Keiko"}
        core.conversations.say(db, chat, body, now, id=uuid.uuid4().hex, author="k" * 32)
        core.events.add(db, ticket.id, "handed_back", "k" * 32, now, {"settled": settled})

    return lambda conversation, settled="": core.database.transact(lambda db: work(db, conversation.id, settled))


@pytest.mark.parametrize("question", ["pardon?", "What did she say?", "what did Keiko tell me"])
async def test_who_asks_what_the_person_said_hears_it(talk, answered, question):
    hana = talk()
    await hana.hear("action_answer", part("fee?", "ask_fee_amount"))
    answered(hana, "the letter is answered until Friday")
    said = await hana.hear("action_repeat", part(question, "repeat"))
    assert "Keiko from" in said["text"]
    assert "We have found your letter of May." in said["text"]
    assert "the letter is answered until Friday" in said["text"]


async def test_what_the_assistant_said_since_is_repeated_unless_the_person_is_asked_about(talk, answered, core, clock):
    hana = talk()
    await hana.hear("action_answer", part("fee?", "ask_fee_amount"))
    answered(hana)
    core.database.transact(lambda db: core.conversations.messages.add(db, hana.id, "bot", {"text": "1,100 yen"}, clock()))
    assert "1,100 yen" in (await hana.hear("action_repeat", part("pardon?", "repeat")))["text"]
    assert "letter of May" in (await hana.hear("action_repeat", part("what did she say?", "repeat")))["text"]


async def test_what_is_not_understood_after_a_person_is_not_met_as_if_nothing_had_been(talk, answered):
    hana = talk()
    answered(hana, "the letter is answered until Friday")
    said = await hana.hear("action_search_policy", part("blargh", "nlu_fallback", 0.1))
    assert "the letter is answered until Friday" in said["text"]


async def test_who_wants_data_deleted_is_told_how_and_offered_a_person(talk, core):
    hana = talk("cloco")
    said = await hana.hear("action_explain_procedure", part("delete my data", "start_deletion"))
    assert said["offers"] == ["handoff"]
    assert said["citations"]
    assert hana.slots["offer_reason"] == "request"


async def test_another_persons_data_are_refused(talk, core):
    said = await talk().hear("action_refuse_others_data", part("show me my wife's calls", "request_others_data"))
    assert "another person's" in said["text"]
    assert tickets(core) == []


async def test_whoever_is_not_understood_twice_is_offered_a_person(talk):
    hana = talk()
    first = await hana.hear("action_search_policy", part("blargh", "nlu_fallback", 0.1))
    assert first["offers"] == []
    second = await hana.hear("action_search_policy", part("blargh blargh", "nlu_fallback", 0.1))
    assert second["offers"] == ["handoff"]
    assert "still haven't understood" in second["text"]


async def test_being_understood_in_between_starts_the_count_again(talk):
    hana = talk()
    await hana.hear("action_search_policy", part("blargh", "nlu_fallback", 0.1))
    await hana.hear("action_answer", part("fee?", "ask_fee_amount"))
    assert (await hana.hear("action_search_policy", part("blargh", "nlu_fallback", 0.1)))["offers"] == []


async def test_a_follow_up_to_nothing_is_no_crash(talk):
    said = await talk().hear("action_answer", part("and that?", "follow_up"))
    assert said["text"]


async def test_the_last_answer_is_given_again_with_its_clauses_and_its_offer(talk):
    hana = talk("plusone")
    said = await hana.hear("action_answer", part("fax?", "ask_fax"))
    again = await hana.hear("action_repeat", part("pardon?", "repeat"))
    assert again["text"] == f"Here it is again:\n\n{said['text']}"
    for kept in ("citations", "quick_replies", "offers"):
        assert again[kept] == said[kept]
    assert hana.slots["offered_person"] is True
    assert (await hana.hear("action_repeat", part("once more", "repeat")))["text"] == again["text"]


async def test_one_of_our_own_sentences_can_be_given_again_too(talk):
    hana = talk()
    hana.respond("You're welcome.")
    said = await hana.hear("action_repeat", part("pardon?", "repeat"))
    assert said["text"].endswith("You're welcome.")


async def test_before_the_first_answer_there_is_nothing_to_repeat(talk):
    said = await talk().hear("action_repeat", part("pardon?", "repeat"))
    assert "nothing to repeat" in said["text"]


async def test_mika_is_answered_and_handed_over_in_japanese(talk, core):
    mika = talk("jcom", "ja")
    assert "1,100円" in (await mika.hear("action_answer", part("手数料は？", "ask_fee_amount")))["text"]
    assert "受付番号" in (await mika.hear("action_open_ticket", part("担当者をお願いします", "ask_human")))["text"]
    assert tickets(core)[0].language == "ja"


async def test_two_questions_in_one_message_are_both_answered(talk):
    parts = part("What is the fee?", "ask_fee_amount"), part("And which ID?", "ask_id_documents")
    said = await talk().hear("action_answer", *parts)
    assert "1,100 yen" in said["text"]
    assert "passport" in said["text"]
