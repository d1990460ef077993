"""What a customer should not have typed is masked before anybody sees it; everything else stays as typed."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.jp import in_ as my_number

from bot.desk.masking import MASK, mask

SOURCES = Path(__file__).parents[2] / "bot" / "knowledge" / "sources"

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
WIDTHS = (str, lambda digits: digits.translate(WIDE))
#: How people part the digits of one number.
SPACERS = st.sampled_from(
    ["", " ", "-", "  ", " - ", "\u3000", "．", ".", "/", "\n", "\t", "－", "‐", "ー", "\u200b", "\u00a0", ","]
)
#: Beginnings of real card numbers, with the lengths that each network issues.
NETWORKS = [
    *(("4", length) for length in (13, 16, 19)),
    *((prefix, 16) for prefix in ("51", "2221", "3528", "6011", "62")),
    *((prefix, 15) for prefix in ("34", "37")),
    ("36", 14),
    ("62", 19),
]


@st.composite
def cards(draw) -> str:
    """The digits of a card number that its network could have issued."""
    prefix, length = draw(st.sampled_from(NETWORKS))
    free = length - len(prefix) - 1
    body = prefix + draw(st.text("0123456789", min_size=free, max_size=free))
    return body + luhn.calc_check_digit(body)


@st.composite
def my_numbers(draw) -> str:
    body = draw(st.text("0123456789", min_size=11, max_size=11))
    assume(len(set(body)) > 1)
    return body + my_number.calc_check_digit(body)


@st.composite
def typed(draw, digits: str) -> str:
    """The digits as somebody types them: in groups of any size, one spacer between them, any width."""
    spacer, width = draw(SPACERS), draw(st.sampled_from(WIDTHS))
    pieces, left = [], digits
    while left:
        size = draw(st.integers(1, 6))
        pieces.append(width(left[:size]))
        left = left[size:]
    return spacer.join(pieces)


BEFORE = st.sampled_from(["", "my card is ", "カード番号は", "Please charge ", "visa:", "see (", "I have 2 cats. "])
AFTER = st.sampled_from(["", " thanks", "です。", ") ok", ", exp 12/27", "\nHana"])


@given(st.data(), BEFORE, AFTER)
def test_no_digit_of_a_card_number_gets_through_however_it_is_spaced(data, before, after):
    card = data.draw(cards())
    written = data.draw(typed(card))
    masked = mask(before + written + after)
    assert "card" in masked.kinds
    place = masked.text[len(before) : len(before) + len(written)]
    assert not re.search(r"\d", place)
    assert place.count(MASK) == len(card)


@given(st.data(), BEFORE, AFTER)
def test_no_digit_of_a_my_number_gets_through_when_it_is_called_one(data, before, after):
    number = data.draw(my_numbers())
    written = data.draw(typed(number))
    words = "my number "
    masked = mask(words + before + written + after)
    start = len(words + before)
    assert not re.search(r"\d", masked.text[start : start + len(written)])


@given(my_numbers(), st.sampled_from(["", " ", "-", "\u3000"]))
def test_a_my_number_in_its_usual_form_is_known_without_the_word(number, spacer):
    written = spacer.join((number[:4], number[4:8], number[8:]))
    masked = mask(f"here you are: {written}")
    assert not re.search(r"\d", masked.text)
    assert masked.kinds  # a few My Numbers pass for something else as well; what counts is that they are masked


@given(st.text())
def test_only_digits_change_and_every_other_character_keeps_its_place(text):
    masked = mask(text)
    assert len(masked.text) == len(text)
    assert all(new in (old, MASK) for new, old in zip(masked.text, text, strict=True))
    assert (masked.text == text) == (not masked.kinds)


@given(st.text("0123456789 -.a", max_size=60))
@example("4111 1111 1111 1111 4111 1111 1111 1111")
def test_what_was_masked_once_needs_no_second_masking(text):
    once = mask(text).text
    assert mask(once).text == once


@pytest.mark.parametrize("source", sorted(SOURCES.glob("*.txt")), ids=lambda path: path.stem)
def test_whoever_pastes_a_policy_gets_every_number_of_it_through(source):
    """Telephone and fax numbers, postcodes, dates: a customer asks about them as they stand there."""
    policy = source.read_text()
    assert mask(policy).text == policy
    for line in policy.split("\n"):
        assert mask(line).text == line


@pytest.mark.parametrize(
    "text",
    [
        "is 0120-999-000 free?",
        "call 03-5860-7565 or 0120-700-779",
        "03-5860-7565, 0120-700-779, 050-5846-4327",
        "my mobile is 090-1234-5678",
        "+81 90 1234 5678",
        "+81-3-5860-7565",
        "postcode 160-0023, phone 03-3345-8190",
        "2026-11-24 10:00",
        "1,100 yen or 1,000 yen?",
        "my reference is K7M-2P9X",
        "ticket 20261124-000123",
        "電話番号は03-4477-2503、FAXは03-4477-2501です",
        "the insurance agency's telephone number is 03-3345-8190",
        "JIS Q 15001:2017 and ISO 27001",
    ],
)
def test_what_is_no_secret_stays_as_it_was_typed(text):
    assert mask(text).text == text


def test_a_my_number_followed_by_another_number_is_still_masked():
    number = "12345678901" + my_number.calc_check_digit("12345678901")
    masked = mask(f"My number is {number[:4]} {number[4:8]} {number[8:]}. 2 of us live here")
    assert masked.text == "My number is ●●●● ●●●● ●●●●. 2 of us live here"
    assert masked.kinds == ("my_number",)


def test_a_card_number_beside_other_numbers_is_masked_and_the_telephone_number_is_not():
    masked = mask("3782 822463 10005, 090-1234-5678")
    assert masked.text == "●●●● ●●●●●● ●●●●●, 090-1234-5678"
    assert mask("room 12 3782 822463 10005").text.endswith("●●●● ●●●●●● ●●●●●")


def test_the_expiry_date_and_the_security_code_go_with_the_card():
    masked = mask("4111 1111 1111 1111 exp 12/27 cvv 123")
    assert not re.search(r"\d", masked.text)
    assert mask("4111111111111111 12/27 123").text == "●" * 16 + " ●●/●● ●●●"
    assert mask("セキュリティコードは123です").text == "セキュリティコードは●●●です"


def test_a_mistyped_card_number_is_masked_when_it_is_called_a_card():
    assert mask("my visa 4111 1111 1111 1112").text == "my visa ●●●● ●●●● ●●●● ●●●●"
    assert mask("my visa is 4111 1111 1111 1112, 12/27").kinds == ("card",)


@pytest.mark.parametrize(
    "text",
    [
        "my insurer number is 06139999",
        "insurance card number: 12-345678",
        "Insured person's symbol and number 12-34 567890",
        "my health insurance no. 01 23 456",
        "the symbol on my insurance card is 1234 and the number is 567890",
        "hokensho no bango 12345678",
        "保険者番号は06139999です",
        "被保険者証の記号・番号は12・345678です",
        "保険証の番号：１２３４５６７８",
        "保険証です。記号1234 番号567890",
    ],
)
def test_an_insurance_cards_numbers_are_known_by_the_words_beside_them(text):
    masked = mask(text)
    assert masked.kinds == ("insurance",)
    assert not re.search(r"\d", masked.text)


def test_each_kind_is_told_once_in_the_order_of_severity_found():
    masked = mask("card 4111111111111111 and 5555555555554444, insurer number 06139999")
    assert masked.kinds == ("card", "insurance")
    assert not re.search(r"\d", masked.text)


def test_full_width_and_circled_digits_count_as_digits():
    assert mask("４１１１　１１１１　１１１１　１１１１").text == "●●●●　●●●●　●●●●　●●●●"


def test_masking_the_longest_message_takes_no_noticeable_time():
    for text in ("1 " * 2000, "4" * 4000, "41111111" * 500, "0120-999-000 " * 300, "insurance number " * 230):
        began = time.perf_counter()
        mask(text[:4000])
        assert time.perf_counter() - began < 1.0
