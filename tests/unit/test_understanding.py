"""From what the engine read to what Kenji asks about: each question once, in order, follow-ups in their place."""

from __future__ import annotations

import pytest

from bot.knowledge.understanding import find_questions, likeliest_topics, read_parse
from tests.support.parses import heard, parse, part, understood


def topics(library, message, last_topic: str | None = None) -> list[str]:
    return [question.topic for question in find_questions(message, library, last_topic)]


def test_one_question_is_one_topic(library):
    assert topics(library, heard("fee?", "ask_fee_amount")) == ["fee_amount"]


def test_two_questions_are_two_topics_in_their_order_and_in_their_own_words(library):
    message = understood(part("What is the fax number?", "ask_fax"), part("And what does it cost?", "ask_fee_amount"))
    questions = find_questions(message, library, None)
    assert [(q.topic, q.text) for q in questions] == [
        ("fax", "What is the fax number?"),
        ("fee_amount", "And what does it cost?"),
    ]


def test_the_same_question_twice_is_answered_once(library):
    message = understood(part("fee?", "ask_fee_amount"), part("how much, I said", "ask_fee_amount"))
    assert topics(library, message) == ["fee_amount"]


def test_courtesies_and_what_is_no_topic_are_no_questions(library):
    message = understood(part("Hello!", "greet"), part("fee?", "ask_fee_amount"), part("thanks", "thank"))
    assert topics(library, message) == ["fee_amount"]
    for intent in ("greet", "ask_human", "ask_identity", "ask_language", "out_of_scope", "nlu_fallback"):
        assert topics(library, heard("x", intent)) == []


def test_the_story_around_a_question_is_not_answered(library):
    message = understood(
        part("I paid cash last time.", "ask_fee_payment_method", meant=False),
        part("What is the fee?", "ask_fee_amount"),
    )
    assert topics(library, message) == ["fee_amount"]


def test_what_only_the_whole_message_shows_is_found(library):
    parts = part("my daughter", "nlu_fallback"), part("which papers", "nlu_fallback")
    message = understood(*parts, whole="ask_id_documents")
    assert topics(library, message) == ["id_documents"]


def test_what_the_rest_of_the_message_mentions_fills_in_what_a_question_leaves_open(library):
    message = understood(
        part("I want a correction.", "nlu_fallback", right="correction"), part("What does it cost?", "ask_fee_amount")
    )
    (question,) = find_questions(message, library, None)
    assert question.mentions == {"right": frozenset({"correction"})}


def test_what_the_question_itself_mentions_counts_more(library):
    message = understood(
        part("I had a correction before.", "nlu_fallback", right="correction"),
        part("What does a disclosure cost?", "ask_fee_amount", right="disclosure"),
    )
    (question,) = find_questions(message, library, None)
    assert question.mentions == {"right": frozenset({"disclosure"})}


def test_where_the_engine_wavers_between_two_topics_both_are_found(library):
    message = heard("do I pay the bank?", "ask_fee_transfer_charge", 0.35, ranking={"ask_fee_payment_method": 0.3})
    (question,) = find_questions(message, library, None)
    assert (question.topic, question.rival) == ("fee_transfer_charge", "fee_payment_method")


@pytest.mark.parametrize(
    ("confidence", "ranking"),
    [
        (0.9, {"ask_fee_payment_method": 0.08}),
        (0.4, {"ask_fee_payment_method": 0.05}),
        (0.4, {"ask_human": 0.35}),
        (0.4, {"out_of_scope": 0.35, "ask_fee_payment_method": 0.05}),
        (0.4, {}),
    ],
)
def test_a_distant_second_or_no_topic_is_no_rival(library, confidence, ranking):
    (question,) = find_questions(heard("x", "ask_fee_transfer_charge", confidence, ranking=ranking), library, None)
    assert question.rival is None


def test_parse_data_without_segments_or_with_nothing_in_them_can_be_read():
    message = read_parse({"text": "fee?", "intent": {"name": "ask_fee_amount", "confidence": 0.9}, "entities": []})
    assert [p.intent for p in message.parts] == ["ask_fee_amount"]
    empty = read_parse({"text": None, "intent": {}, "intent_ranking": None, "entities": None, "segments": None})
    assert (empty.whole.text, empty.whole.intent, empty.whole.confidence) == ("", "nlu_fallback", 0.0)


# Follow-ups ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "text", "mentions", "topic"),
    [
        ("fee_amount", "how do I pay it?", {"payment": "cash"}, "fee_payment_method"),
        ("fee_amount", "with tax?", {}, "fee_tax"),
        ("fee_amount", "and for a correction?", {"right": "correction"}, "fee_other_requests"),
        ("fee_other_requests", "and for a disclosure?", {"right": "disclosure"}, "fee_amount"),
        ("fee_amount", "and for two?", {}, "fee_unit"),
        ("phone", "and by fax?", {"channel": "fax"}, "fax"),
        ("submit_method", "and by fax?", {"channel": "fax"}, "submit_method"),
        ("response_method", "by e-mail too?", {"channel": "email"}, "response_method"),
        ("phone", "what about saturdays?", {"day": "saturday"}, "hours"),
        ("id_documents", "and a passport?", {"document": "passport"}, "id_documents"),
        ("id_masking", "and on the licence?", {"document": "drivers_license"}, "id_masking"),
        ("submit_method", "what if my daughter goes?", {"agent": "family"}, "agent_documents"),
        ("submit_method", "I am her father", {"agent": "parent"}, "legal_representative"),
        ("cookies", "and google?", {"party": "google"}, "cookies"),
        ("retention", "and my CV?", {"data": "cv"}, "retention"),
        ("third_party_provision", "the police as well?", {"party": "police"}, "third_party_exceptions"),
        ("complaint_body", "what is their number?", {}, "complaint_body_contact"),
        ("submit_method", "how long will that take?", {}, "response_time"),
        (None, "and what does that cost?", {}, "fee_amount"),
    ],
)
def test_a_follow_up_leans_on_the_last_answer(library, last, text, mentions, topic):
    assert topics(library, heard(text, "follow_up", **mentions), last) == [topic]


@pytest.mark.parametrize("last", [None, "fee_amount", "a topic of last year"])
def test_a_follow_up_that_nothing_certain_can_be_made_of_is_no_question(library, last):
    assert topics(library, heard("and that?", "follow_up"), last) == []


def test_every_follow_up_rule_leads_to_a_topic_and_speaks_of_what_there_is(library):
    groups = {topic.group for topic in library.topics.values()}
    for rule in library.follow_ups:
        assert rule["topic"] == "same" or rule["topic"] in library.topics, rule
        assert set(rule.get("after", ())) <= groups | set(library.topics), rule
        assert set(rule) <= {"after", "mentions", "values", "asked", "topic"}, rule


# What was only suspected -----------------------------------------------------------------------------------------


def test_suspected_topics_come_best_first_from_whole_and_parts(library):
    message = understood(
        part("a", "nlu_fallback", 0.3, ranking={"ask_fax": 0.25, "ask_phone": 0.1}),
        part("b", "nlu_fallback", 0.3, ranking={"ask_hours": 0.28, "ask_human": 0.29, "ask_nothing": 0.9}),
    )
    assert likeliest_topics(message, library, 0.2) == [("hours", 0.28), ("fax", 0.25)]
    assert likeliest_topics(read_parse(parse(part("a", "greet"))), library, 0.2) == []
