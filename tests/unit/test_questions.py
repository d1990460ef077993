"""Who asks a yes/no question hears yes or no first; who asks anything else does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.questions import asks_yes_or_no, is_japanese


@pytest.mark.parametrize(
    "text",
    [
        "is tax added on top?",
        "Is it free",
        "do i have to pay in advance?",
        "can my lawyer do it for me?",
        "Can I pay by card?",
        "so the transfer fee is extra?",
        "Hello, does COOCOM take a passport?",
        "I have a licence. Is that enough?",
        "if I ask twice, do I pay twice?",
        "will you still process it?",
        "1000 yen, is that with tax?",
        "and do you also take cash?",
        "don't you need a stamp?",
        "isn't it 500 yen?",
        "Could a friend hand it in?",
        "Are you open on Sundays?",
        "500 yen, right?",
        "Is there a form?",
        "may I fax it to you?",
        "can you confirm that it is free?",
        "Can you send it by e-mail?",
    ],
)
def test_a_yes_no_question_is_one(text):
    assert asks_yes_or_no(text)


@pytest.mark.parametrize(
    "text",
    [
        "how much is it?",
        "What does a disclosure cost?",
        "fee?",
        "tell me the fee",
        "Can you tell me the number?",
        "Could you please tell me what it costs?",
        "Could you kindly let me know the fax number?",
        "Would you explain how I pay?",
        "may i ask what the fee is?",
        "can i have the address please?",
        "What do I do if it is lost?",
        "When are you open?",
        "Is it possible? I mean, what does it cost?",
        "I paid 500 yen. What happens now?",
        "",
        "   ",
        "?",
    ],
)
def test_any_other_question_or_request_is_none(text):
    assert not asks_yes_or_no(text)


@pytest.mark.parametrize(
    "text",
    [
        "手数料はかかりますか",
        "無料ですか？",
        "税込みですか",
        "振込手数料は別ですか？",
        "パスポートは使えますか",
        "訂正は無料でしょうか",
        "現金で払えませんか",
    ],
)
def test_mikas_yes_no_question_is_one(text):
    assert asks_yes_or_no(text)


@pytest.mark.parametrize(
    "text",
    [
        "手数料はいくらですか",
        "どこに送ればいいですか",
        "何が必要ですか",
        "いつ払うのですか",
        "手数料を教えてください",
        "受付時間は何時からですか",
        "誰に聞けばいいですか",
    ],
)
def test_mikas_other_question_is_none(text):
    assert not asks_yes_or_no(text)


@given(st.text(max_size=200))
def test_no_message_is_too_odd_for_it(text):
    assert asks_yes_or_no(text) in (True, False)


@pytest.mark.parametrize(
    "text", ["手数料はいくらですか", "JCOMの開示手数料は?", "てすうりょう", "カード", "fee はいくらですか"]
)
def test_japanese_is_known_by_its_script(text):
    assert is_japanese(text)


@pytest.mark.parametrize(
    "text",
    [
        "What does a disclosure cost?",
        "",
        "1,100 yen",
        "What does “在中” on the envelope mean?",
        "the page says 開示, is that what I want?",
        "Wie viel kostet das?",
    ],
)
def test_an_english_sentence_stays_english_though_it_quotes_a_japanese_word(text):
    assert not is_japanese(text)
