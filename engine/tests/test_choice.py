"""What a message is about, when its sentences say different things."""

from engine.choice import FALLBACK, Reading, choose


def reading(intent, confidence, asks=False, words=6, **ranking):
    return Reading(intent, confidence, asks, words, {intent: confidence, **ranking})


def test_a_single_sentence_is_what_the_whole_is():
    whole = reading("ask_fee_amount", 0.9)
    assert choose(whole, [whole]).reading is whole
    assert choose(whole, [whole]).meant == (0,)


def test_a_story_is_read_as_a_whole_though_its_last_sentence_alone_misleads():
    """Sending from overseas my bank takes its cut too. Is that on me or on you?"""
    whole = reading("ask_fee_transfer_charge", 0.99)
    story = reading("ask_fee_transfer_charge", 0.99)
    tail = reading("follow_up", 0.9, asks=True)
    choice = choose(whole, [story, tail])
    assert choice.reading.intent == "ask_fee_transfer_charge"
    assert choice.meant == (0,)


def test_a_greeting_loses_against_the_question_behind_it():
    choice = choose(reading("greet", 0.8), [reading("greet", 1.0, words=1), reading("ask_phone", 0.9, asks=True)])
    assert choice.reading.intent == "ask_phone"
    assert choice.meant == (1,)


def test_two_questions_are_both_meant():
    whole = reading("ask_policy_dates", 0.99)
    choice = choose(whole, [reading("ask_policy_dates", 1.0, asks=True), reading("ask_representative", 0.98, asks=True)])
    assert choice.meant == (0, 1)


def test_a_short_tail_is_no_second_question():
    """Is that ok?"""
    whole = reading("ask_id_documents", 0.9)
    choice = choose(whole, [reading("ask_id_documents", 0.9), reading("ask_fee_amount", 0.95, asks=True, words=2)])
    assert choice.meant == (0,)


def test_a_statement_beside_the_question_counts_only_if_the_whole_thought_of_it():
    whole = reading("ask_fee_amount", 0.8)
    alone = reading("ask_phone", 0.8)
    assert choose(whole, [reading("ask_fee_amount", 0.9, asks=True), alone]).meant == (0,)
    thought = reading("ask_fee_amount", 0.8, ask_phone=0.1)
    assert choose(thought, [reading("ask_fee_amount", 0.9, asks=True), alone]).meant == (0, 1)


def test_where_the_whole_is_not_understood_the_surest_sentence_decides():
    whole = reading(FALLBACK, 0.3, ask_human=0.2)
    choice = choose(whole, [reading("out_of_scope", 0.95), reading("ask_human", 0.7, asks=True)])
    assert choice.reading.intent == "ask_human"


def test_where_nothing_is_understood_nothing_is_made_up():
    whole = reading(FALLBACK, 0.3)
    choice = choose(whole, [reading("ask_phone", 0.4), reading("ask_fax", 0.4)])
    assert choice.reading.intent == FALLBACK
    assert choice.meant == ()
