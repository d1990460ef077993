"""What an answer owes a customer: the fact first, what it rests on, what follows, in their language, and no more."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest

from bot.knowledge.answering import Answerer, speak
from bot.knowledge.company import Company, localise
from bot.knowledge.understanding import Understood
from tests.support.parses import heard, part, understood
from tests.support.small_library import small_library

COMPANIES = ["coocom", "cuc", "jcom", "cloco", "plusone"]
OPEN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # Tuesday noon in Tokyo
CLOSED = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def desk(library, clock):
    """Asks a company's desk."""
    answerer = Answerer(library, clock)

    def ask(company: str, message: Understood, locale: str = "en", last_topic: str | None = None):
        return answerer.answer(library.company(company), message, locale, last_topic)

    return ask


# The fact, and what it rests on ----------------------------------------------------------------------------------


def test_the_fact_comes_first_and_its_clause_is_quoted(desk):
    reply = desk("jcom", heard("what does a disclosure cost?", "ask_fee_amount"))
    assert re.match(r"JCOM charges 1,100 yen", reply.text)
    assert "1,000 yen (1,100 yen including tax) per request" in reply.citations[0].quote
    assert reply.citations[0].url.startswith("/policies/jcom#")
    assert reply.citations[0].version == "2020-04-01"
    assert reply.topic == "fee_amount"


@pytest.mark.parametrize("key", COMPANIES)
def test_whatever_is_asked_is_stated_with_a_quote_or_said_not_to_be_stated(desk, library, key):
    company = library.company(key)
    for topic in library.topics:
        reply = desk(key, heard("?", f"ask_{topic}"))
        statement = company.facts[topic].statement
        assert reply.text
        assert reply.topic == topic
        if statement.stated:
            assert reply.citations, topic
        else:
            assert reply.offers == ("handoff",), topic


@pytest.mark.parametrize("key", COMPANIES)
def test_every_citation_is_verbatim_in_that_companys_policy_and_leads_to_its_page(desk, library, key):
    company = library.company(key)
    for topic in library.topics:
        for citation in desk(key, heard("?", f"ask_{topic}")).citations:
            assert citation.quote in company.document.source
            assert citation.url.startswith(f"/policies/{key}#")
            assert citation.section
            assert citation.document == localise(company.document.title, "en")


@pytest.mark.parametrize("key", COMPANIES)
def test_no_company_answers_with_anothers_name_or_address(desk, library, key):
    others = [other for other in library.companies() if other.key != key]
    for topic in library.topics:
        text = desk(key, heard("?", f"ask_{topic}")).text
        for other in others:
            assert not re.search(rf"\b{re.escape(other.short['en'])}\b", text), (topic, other.key)


def test_no_answer_gives_the_address_that_clocos_spam_guard_ate(desk, library):
    for topic in library.topics:
        reply = desk("cloco", heard("your e-mail address?", f"ask_{topic}"))
        assert "[email protected]" not in reply.text, topic


def test_a_narrower_question_gets_the_narrower_answer(desk):
    general = desk("jcom", heard("fee?", "ask_fee_amount"))
    narrow = desk("jcom", heard("fee for a correction?", "ask_fee_amount", right="correction"))
    assert general.text != narrow.text
    assert "does not state a fee for correction" in narrow.text


# Yes or no -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("is a disclosure free?", "No."),
        ("do I have to pay?", "Yes."),
        ("is it 1100 yen?", "Yes."),
        ("is it 500 yen?", "No."),
    ],
)
def test_a_yes_no_question_gets_its_yes_or_no_first(desk, text, beginning):
    assert desk("jcom", heard(text, "ask_fee_amount")).text.startswith(beginning)


@pytest.mark.parametrize("text", ["how much is it?", "can you tell me the fee?", "what do I have to pay?"])
def test_any_other_question_gets_neither(desk, text):
    assert desk("jcom", heard(text, "ask_fee_amount")).text.startswith("JCOM charges")


def test_mikas_yes_no_question_gets_its_hai_or_iie(desk):
    assert desk("jcom", heard("無料ですか？", "ask_fee_amount")).text.startswith("いいえ。")


# Not stated ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", COMPANIES)
def test_what_the_policy_does_not_state_is_said_so_and_a_person_is_offered(desk, library, key):
    company = library.company(key)
    for topic, fact in company.facts.items():
        if fact.statement.stated:
            continue
        reply = desk(key, heard("?", f"ask_{topic}"))
        assert re.search(r"\b(not|no|nothing|nowhere|neither|none|never|only)\b", reply.text), (topic, reply.text)
        assert localise(company.desk, "en") in reply.text, topic
        assert "Shall I pass your question on" in reply.text, topic


def test_a_silent_policy_is_said_not_to_state_what_was_asked(tmp_path, clock):
    library = small_library(tmp_path)
    reply = Answerer(library, clock).answer(library.company("acorn"), heard("fax?", "ask_fax"), "en")
    assert reply.text.startswith("Acorn's privacy policy does not state a fax number.")
    assert "Acorn desk can tell you" in reply.text
    assert reply.offers == ("handoff",)


# Language --------------------------------------------------------------------------------------------------------

FEES = ["fee_amount", "fee_tax", "fee_unit", "fee_other_requests", "fee_payment_method", "fee_transfer_charge"]


@pytest.mark.parametrize("key", COMPANIES)
@pytest.mark.parametrize("topic", FEES)
def test_mika_is_answered_about_fees_in_japanese_whatever_language_her_chat_has(desk, key, topic):
    for locale in ("en", "ja"):
        reply = desk(key, heard("手数料について教えてください", f"ask_{topic}"), locale)
        words = re.sub(r"[A-Za-z.:()]+", "", reply.text)
        assert re.search(r"[\u3040-\u30ff]", words)
        assert "現在英語のみ" not in reply.text
        assert not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", reply.text), reply.text


def test_an_answer_that_is_there_in_english_only_says_so_in_japanese(tmp_path, clock):
    library = small_library(tmp_path)
    reply = Answerer(library, clock).answer(library.company("acorn"), heard("支払い方法は？", "ask_payment"), "ja")
    assert reply.text.startswith("このご案内は現在英語のみです。")
    assert "By bank transfer." in reply.text


def test_hana_is_answered_in_english_in_an_english_chat(desk):
    assert desk("jcom", heard("fee?", "ask_fee_amount")).text.startswith("JCOM charges")


@pytest.mark.parametrize(
    ("message", "chat", "spoken"),
    [
        ("手数料は？", "en", "ja"),
        ("fee?", "ja", "ja"),
        ("How much is a disclosure?", "ja", "en"),
        ("My Numberは？", "ja", "ja"),
        ("fee?", "en", "en"),
        ("What does 在中 on the envelope mean?", "en", "en"),
        ("combien?", "fr", "en"),
    ],
)
def test_the_language_is_that_of_a_plain_sentence_else_the_chats(library, message, chat, spoken):
    assert speak(message, chat, library.company("jcom")) == spoken


def test_a_company_without_japanese_answers_in_english(tmp_path):
    library = small_library(tmp_path, lambda company: company["company"].update(locales=["en"]))
    assert speak("手数料は？", "ja", library.company("acorn")) == "en"


# Several questions, another company ------------------------------------------------------------------------------


def test_both_parts_of_a_question_are_answered_in_their_order(desk):
    message = understood(part("What is the fee?", "ask_fee_amount"), part("And which ID?", "ask_id_documents"))
    reply = desk("jcom", message)
    assert reply.text.index("1,100 yen") < reply.text.index("driver's licence")
    assert len({citation.quote for citation in reply.citations}) == len(reply.citations) >= 2
    assert reply.topic == "id_documents"


def test_two_parts_that_are_not_stated_offer_a_person_once(desk):
    message = understood(part("Fax?", "ask_fax"), part("E-mail?", "ask_email"), part("Fee?", "ask_fee_amount"))
    reply = desk("plusone", message)
    assert reply.text.count("Shall I pass your question on") == 1
    assert reply.offers == ("handoff",)


def test_a_speech_is_answered_by_its_first_questions(desk, library):
    parts = [part(f"{topic}?", f"ask_{topic}") for topic in list(library.topics)[:9]]
    assert len(desk("jcom", understood(*parts)).text) < 6000


def test_a_desk_does_not_speak_for_another_company(desk):
    reply = desk("coocom", heard("what does JCOM charge for a disclosure?", "ask_fee_amount"))
    assert reply.text.startswith("You have reached COOCOM's desk, so I can't speak for JCOM.")
    assert "500 yen" in reply.text
    assert "1,100" not in reply.text
    assert all(citation.url.startswith("/policies/coocom") for citation in reply.citations)


def test_its_own_name_or_a_word_that_holds_anothers_is_no_other_company(desk):
    for text in ("what does COOCOM charge?", "cucumber", "is the cucina open", "jcommerce?"):
        assert "can't speak for" not in desk("coocom", heard(text, "ask_fee_amount")).text


def test_where_two_topics_may_be_meant_both_are_given_under_their_titles(desk):
    message = heard("do I pay the bank?", "ask_fee_transfer_charge", 0.35, ranking={"ask_fee_payment_method": 0.3})
    reply = desk("coocom", message)
    assert "Transfer charge:" in reply.text
    assert "How to pay:" in reply.text


# What follows now ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("moment", "words"), [(OPEN, "open now, until 18:00"), (CLOSED, "closed at the moment")])
def test_a_telephone_number_comes_with_whether_somebody_answers_it_now(desk, clock, moment, words):
    clock.set(moment)
    for topic in ("phone", "hours"):
        reply = desk("jcom", heard("your number?", f"ask_{topic}"))
        assert words in reply.text


@pytest.mark.parametrize("key", ["jcom", "coocom"])
def test_every_answer_with_a_telephone_number_says_so(desk, library, key):
    """Faxes are taken day and night, and the bodies for complaints keep hours that nobody states."""
    for topic in library.topics:
        if topic == "fax":
            continue
        reply = desk(key, heard("?", f"ask_{topic}"))
        if re.search(r"\b0\d{1,3}-\d{2,4}-\d{3,4}\b", reply.text) and library.topics[topic].group != "complaints":
            assert "telephone is" in reply.text, (topic, reply.text)


def test_what_the_law_says_is_marked_as_the_laws(desk, library):
    reply = desk("jcom", heard("fee for a correction?", "ask_fee_other_requests"))
    note = localise(library.law["no_fee_except_disclosure"].text, "en")
    assert note in reply.text
    assert note.startswith("This is the law, not this company's policy")
    assert all(note not in citation.quote for citation in reply.citations)


def test_every_note_on_the_law_says_that_it_is_the_law_and_was_reviewed(library):
    for note in library.law.values():
        assert "This is the law, not this company's policy" in note.text["en"]
        assert "法律の定めです" in note.text["ja"]
        assert note.source
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", note.reviewed)


def test_related_topics_are_offered_as_buttons_and_not_too_many(desk, library):
    for topic in library.topics:
        buttons = desk("jcom", heard("?", f"ask_{topic}")).quick_replies
        assert len(buttons) <= 3
        assert all(button.title for button in buttons)
    reply = desk("jcom", heard("fee?", "ask_fee_amount"))
    assert {button.intent for button in reply.quick_replies} <= {f"ask_{topic}" for topic in library.topics}


def test_follow_ups_lean_on_the_last_answer(desk):
    reply = desk("coocom", heard("how do I pay it?", "follow_up", payment="bank_transfer"), last_topic="fee_amount")
    assert reply.topic == "fee_payment_method"
    assert "bank transfer" in reply.text


# What was not understood -----------------------------------------------------------------------------------------


@pytest.fixture
def search(library, clock):
    answerer = Answerer(library, clock)
    return lambda company, message, locale="en": answerer.search(library.company(company), message, locale)


def test_the_nearest_clause_is_shown_as_just_that(search, library):
    jcom = library.company("jcom")
    clause = max(jcom.document.clauses, key=lambda clause: len(clause.text))
    words = " ".join(clause.text.split()[:40])
    reply = search("jcom", heard(f"hm, {words} ...?", "nlu_fallback", 0.2))
    assert reply.text.startswith("I found no clause that clearly answers this. The nearest one")
    (citation,) = reply.citations
    assert citation.quote == clause.text
    assert citation.url == f"/policies/jcom#{clause.anchor}"
    assert reply.offers == ("handoff",)
    assert reply.understood is False


def test_what_was_only_suspected_is_shown_as_the_nearest_clause_too(search, library):
    reply = search("jcom", heard("umm the money thing", "nlu_fallback", 0.3, ranking={"ask_fee_amount": 0.28}))
    assert reply.text.startswith("I found no clause that clearly answers this.")
    assert reply.citations[0].quote == library.company("jcom").facts["fee_amount"].statement.quotes[0].text


def test_a_clause_that_stands_twice_is_shown_where_the_fact_has_it(tmp_path, clock):
    def change(company):
        company["facts"]["sale"]["quotes"] = [{"text": "Acorn", "occurrence": 2}]

    library = small_library(tmp_path, change)
    acorn = library.company("acorn")
    quote = acorn.facts["sale"].statement.quotes[0]
    assert acorn.document.locate("Acorn").anchor != quote.anchor
    message = heard("x", "nlu_fallback", 0.3, ranking={"ask_sale": 0.28})
    (citation,) = Answerer(library, clock).search(acorn, message, "en").citations
    assert citation.url.endswith(f"#{quote.anchor}")


@pytest.mark.parametrize("text", ["what's the weather?", "zzz", "", "🙂", "tell me a joke about cats", "x" * 4000])
def test_what_has_nothing_to_do_with_the_policy_meets_a_friendly_boundary(search, text):
    reply = search("plusone", heard(text, "nlu_fallback", 0.2))
    assert "outside what I can help with" in reply.text
    assert (reply.citations, reply.offers, reply.understood) == ((), (), False)


# What belongs with a person --------------------------------------------------------------------------------------


@pytest.fixture
def answerer(library, clock) -> Answerer:
    return Answerer(library, clock)


KINDS = ["disclosure", "purpose_notice", "correction", "addition", "deletion", "suspend_use", "erasure"]


@pytest.mark.parametrize("key", COMPANIES)
@pytest.mark.parametrize("kind", [*KINDS, "stop_third_party", "third_party_records"])
def test_who_wants_a_request_made_is_told_the_procedure_quoted_and_offered_a_person(answerer, library, key, kind):
    company: Company = library.company(key)
    for locale in ("en", "ja"):
        reply = answerer.explain_procedure(company, kind, heard("do it", f"start_{kind}"), locale)
        assert reply.offers == ("handoff",)
        assert reply.citations
        assert [button.intent for button in reply.quick_replies] == ["affirm", "deny"]
    reply = answerer.explain_procedure(company, kind, heard("do it", f"start_{kind}"), "en")
    assert ("does not list" in reply.text) == (kind not in company.requests)


def test_a_question_beside_the_wish_is_answered_as_well(answerer, library):
    message = understood(part("Delete my data.", "start_deletion"), part("What is your fax number?", "ask_fax"))
    reply = answerer.explain_procedure(library.company("cloco"), "deletion", message, "en")
    assert "03-4477-2501" in reply.text


@pytest.mark.parametrize("reason", ["complaint", "leak", "status", "again"])
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_a_person_is_offered_for_what_needs_one(answerer, library, reason, locale):
    reply = answerer.offer_person(library.company("jcom"), reason, heard("x", "complain"), locale)
    assert reply.offers == ("handoff",)
    assert [button.intent for button in reply.quick_replies] == ["affirm", "deny"]
    assert localise(library.company("jcom").desk, locale) in reply.text


def test_nobody_is_shown_another_persons_data(answerer, library):
    for company in library.companies():
        reply = answerer.refuse_others_data(company, heard("show me my wife's calls", "request_others_data"), "en")
        assert "certainly not another person's" in reply.text
        assert company.short["en"] in reply.text


@pytest.mark.parametrize(("new", "words"), [(True, "Your reference is K7M-2P9X"), (False, "already with a person")])
def test_a_ticket_is_told_with_its_reference(answerer, library, new, words):
    reply = answerer.tell_ticket(library.company("jcom"), "K7M-2P9X", "en", new=new)
    assert words in reply.text
    assert "K7M-2P9X" in reply.text


# Our own words ---------------------------------------------------------------------------------------------------


def test_every_text_of_ours_is_there_in_english_and_japanese_with_the_same_blanks(library):
    for key, texts in library.wording.items():
        if key == "answer_in_english":
            continue
        assert set(texts) == {"en", "ja"}, key
        blanks = [set(re.findall(r"\{(\w+)\}", text)) for text in texts.values()]
        assert blanks[0] - blanks[1] <= {"short", "desk"}, key
        assert blanks[1] - blanks[0] <= {"short", "desk"}, key


def test_no_answer_has_a_blank_that_was_not_filled_in(desk, library):
    for key in COMPANIES:
        for topic in library.topics:
            for locale in ("en", "ja"):
                text = desk(key, heard("?", f"ask_{topic}"), locale).text
                assert not re.search(r"[{}]|\bNone\b", text), (key, topic)


@pytest.mark.parametrize("words", ["can i ", "手数料", "if it is, ", "5"])
def test_nobody_can_keep_the_desk_busy_with_one_long_message(library, words):
    """Patterns are searched for in up to 4,000 characters; one that takes long holds everybody up."""
    text = (words * 4000)[:4000]
    for company in library.companies():
        for topic, fact in company.facts.items():
            began = time.perf_counter()
            for statement in fact.statements_for(text, {}):
                for lead in statement.leads:
                    lead.fits(text)
            assert time.perf_counter() - began < 2.0, (company.key, topic)
