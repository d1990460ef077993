"""What Hana wrote can be read with the desk's key, in its own row, and in no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.storage.cipher import Cipher, WrongKey, derive_key

SECRET = bytes(range(32))


@given(st.text(), st.text())
def test_a_text_comes_back_as_it_was_written(text, place):
    cipher = Cipher(SECRET)
    assert cipher.decrypt(cipher.encrypt(text, place), place) == text


def test_a_ciphertext_moved_to_another_row_cannot_be_read():
    cipher = Cipher(SECRET)
    sealed = cipher.encrypt("my address is 1-2-3 Minato", "message 1")
    with pytest.raises(WrongKey):
        cipher.decrypt(sealed, "message 2")


def test_another_key_reads_nothing_and_the_error_names_the_setting():
    sealed = Cipher(SECRET).encrypt("hello", "message 1")
    with pytest.raises(WrongKey, match="DESK_SECRET_KEY"):
        Cipher(bytes(32)).decrypt(sealed, "message 1")


@given(st.data())
def test_one_changed_byte_is_noticed(data):
    cipher = Cipher(SECRET)
    sealed = bytearray(cipher.encrypt("fee?", "message 1"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(WrongKey):
        cipher.decrypt(bytes(sealed), "message 1")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(20)])
def test_what_is_cut_short_is_a_wrong_key_and_no_crash(sealed):
    with pytest.raises(WrongKey):
        Cipher(SECRET).decrypt(sealed, "message 1")


def test_the_same_words_twice_look_different_at_rest():
    cipher = Cipher(SECRET)
    assert cipher.encrypt("yes", "message 1") != cipher.encrypt("yes", "message 1")


def test_equal_values_have_equal_hashes_under_one_key_only():
    assert Cipher(SECRET).hash("token") == Cipher(SECRET).hash("token")
    assert Cipher(SECRET).hash("token") != Cipher(bytes(32)).hash("token")
    assert Cipher(SECRET).hash("token") != Cipher(SECRET).hash("Token")


def test_a_value_that_is_no_valid_unicode_has_a_hash_too():
    """A header may hold any bytes; aiohttp hands them on as lone surrogates."""
    assert Cipher(SECRET).hash("\udcff") != Cipher(SECRET).hash("\udcfe")


def test_keys_for_two_purposes_have_nothing_in_common():
    assert derive_key(SECRET, "texts") != derive_key(SECRET, "lookups")
    assert len(derive_key(SECRET, "texts")) == 32
