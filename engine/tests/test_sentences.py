"""How a message is cut into its sentences and questions."""

import pytest

from engine import sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("How much is it?", ["How much is it?"]),
        ("How much is it? And when are you open?", ["How much is it?", "And when are you open?"]),
        ("I sent 500 yen. The bank kept some. Is that ok?", ["I sent 500 yen.", "The bank kept some.", "Is that ok?"]),
        ("what does it cost and how do i pay", ["what does it cost", "how do i pay"]),
        ("What does it cost, and can I pay by card?", ["What does it cost", "can I pay by card?"]),
        ("手数料はいくらですか。何時まで開いていますか。", ["手数料はいくらですか。", "何時まで開いていますか。"]),
        ("手数料はいくらですか、振込できますか", ["手数料はいくらですか", "振込できますか"]),
        ("Line one\nLine two", ["Line one", "Line two"]),
        ("how much?And when do I pay?", ["how much?", "And when do I pay?"]),
    ],
)
def test_hana_asks_two_things_and_both_are_seen(text, parts):
    assert sentences.split(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Is www.example.co.jp/privacy.html yours?",
        "Does JCOM Co. Ltd. keep recordings?",
        "Which ID do you take, e.g. a passport?",
        "Is 1.100 yen right?",
        "Do you comply with JIS Q 15001?",
        "Who and what is the complaint body?",
        "Can my son or daughter send it for me?",
        "My mail is hana.sato@example.jp",
    ],
)
def test_nothing_is_cut_inside_an_address_a_number_or_an_abbreviation(text):
    assert sentences.split(text) == [text]


def test_a_greeting_is_cut_from_the_question_behind_it():
    assert sentences.split("Hello, how much is the fee?") == ["Hello,", "how much is the fee?"]
    assert sentences.split("こんにちは。手数料はいくらですか")[-1] == "手数料はいくらですか"


def test_a_greeting_alone_stays_whole():
    assert sentences.split("Good morning!") == ["Good morning!"]


def test_a_long_letter_keeps_its_last_sentences_apart():
    parts = sentences.split(" ".join(f"This is sentence number {n}." for n in range(20)))
    assert len(parts) == sentences.MOST_SEGMENTS
    assert parts[-1] == "This is sentence number 19."
    assert parts[0].startswith("This is sentence number 0.")


@pytest.mark.parametrize("text", ["", "   ", "?!", "\n\n", "。", "👍", "/"])
def test_a_text_without_a_word_stays_as_it_is(text):
    assert sentences.split(text) == [text]


def test_no_word_of_a_message_is_lost():
    text = "I moved. My old address is still there!! Can you fix it? How long does that take? thanks."
    assert " ".join(sentences.split(text)) == text


@pytest.mark.parametrize("text", ["is it free", "Tell me the fee.", "いくらですか", "I would like to know the address"])
def test_kenji_asks_without_a_question_mark(text):
    assert sentences.asks(text)


@pytest.mark.parametrize("text", ["I called you yesterday.", "When I called nobody answered", "My name is Kenji."])
def test_a_story_asks_nothing(text):
    assert not sentences.asks(text)
