"""However Hana writes her address or number, it is the same Hana."""

from __future__ import annotations

import pytest

from bot.desk.contacts import contact_key, person_key
from bot.desk.ticket import Contact


@pytest.mark.parametrize("typed", ["hana@example.com", " Hana@EXAMPLE.com ", "ｈａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ"])
def test_an_address_is_the_same_in_any_width_and_size(typed: str):
    assert person_key(typed) == "mail hana@example.com"


@pytest.mark.parametrize(
    "typed", ["03-1234-5678", "(03) 1234 5678", "０３ー１２３４ー５６７８", "+81 3 1234 5678", "+81 (0)3-1234-5678", "0312345678"]
)
def test_a_number_is_the_same_however_it_is_parted(typed: str):
    assert person_key(typed) == "phone 0312345678"


@pytest.mark.parametrize("typed", ["", "Hana", "hana@", "hana@example", "12 34", "P8J-XVVD", "1234567890123456", "fee 0312345678"])
def test_what_is_neither_has_no_key(typed: str):
    assert person_key(typed) is None


def test_a_person_is_found_by_the_address_first():
    assert contact_key(Contact(email="hana@example.com", phone="03-1234-5678")) == "mail hana@example.com"
    assert contact_key(Contact(phone="03-1234-5678")) == "phone 0312345678"
    assert contact_key(Contact(name="Hana")) is None
