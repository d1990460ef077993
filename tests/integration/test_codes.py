"""A code proves a contact once: for ten minutes, three tries, and not five hundred times a minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.desk.code import Verdict, read_code
from bot.desk.errors import TooManyRequests
from bot.desk.request import Needs
from bot.storage.codes import Codes
from bot.storage.keyring import Keyring
from bot.storage.requests import Requests
from bot.storage.tables import contact_codes
from bot.storage.vault import Vault

ADDRESS = "hana@example.org"


@pytest.fixture
def desk(core, clock, tmp_path):
    return Desk(core, clock, Requests(Vault(Keyring(tmp_path / "master.keys"))))


class Desk:
    """Requests for whose contact codes are sent."""

    def __init__(self, core, clock, requests):
        self.core, self.clock, self.requests = core, clock, requests
        self.codes = Codes(core.cipher)
        self.request = self.begin()

    def begin(self) -> str:
        def open_request(db):
            conversation, _ = self.core.conversations.open(db, "jcom", "en", "web", self.clock())
            return self.requests.open(db, conversation, "disclosure", Needs(), self.clock()).id

        return self.core.database.transact(open_request)

    def issue(self, address=ADDRESS, *, request=None, later=timedelta(), purpose="contact"):
        now = self.clock() + later
        return self.core.database.transact(lambda db: self.codes.issue(db, request or self.request, purpose, address, now))

    def check(self, code, *, later=timedelta(), request=None, purpose="contact"):
        now = self.clock() + later
        return self.core.database.transact(lambda db: self.codes.check(db, request or self.request, purpose, code, now))


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_the_right_code_counts_once(desk):
    code = desk.issue()
    assert desk.check(code) is Verdict.RIGHT
    assert desk.check(code) is Verdict.EXPIRED


def test_the_third_wrong_try_spends_the_code(desk):
    code = desk.issue()
    assert [desk.check(other_than(code)) for _ in range(3)] == [Verdict.WRONG, Verdict.WRONG, Verdict.SPENT]
    assert desk.check(code) is Verdict.SPENT


def test_a_code_is_good_for_ten_minutes(desk):
    code = desk.issue()
    assert desk.check(code, later=timedelta(minutes=10)) is Verdict.EXPIRED
    assert desk.check(code, later=timedelta(minutes=9, seconds=59)) is Verdict.RIGHT


def test_only_the_newest_code_counts(desk):
    first = desk.issue()
    second = desk.issue(later=timedelta(minutes=1))
    if first != second:
        assert desk.check(first, later=timedelta(minutes=2)) is Verdict.WRONG
    assert desk.check(second, later=timedelta(minutes=2)) is Verdict.RIGHT


def test_a_code_for_one_thing_opens_no_other(desk):
    code = desk.issue()
    assert desk.check(code, purpose="download") is Verdict.EXPIRED
    assert desk.check(code, request=desk.begin()) is Verdict.EXPIRED


def test_a_request_gets_five_codes_an_hour(desk):
    for n in range(5):
        desk.issue(f"hana{n}@example.org")
    with pytest.raises(TooManyRequests) as caught:
        desk.issue("hana5@example.org", later=timedelta(minutes=20))
    assert caught.value.retry_after == pytest.approx(2400, abs=1)
    desk.issue("hana5@example.org", later=timedelta(minutes=61))


def test_an_address_is_not_flooded_by_many_requests(desk):
    for _ in range(5):
        desk.issue(request=desk.begin())
    with pytest.raises(TooManyRequests):
        desk.issue("HANA@example.org ", request=desk.begin())


def test_many_asked_for_at_once_are_counted_all_the_same(desk):
    def ask(n):
        try:
            return desk.issue(f"hana{n}@example.org")
        except TooManyRequests:
            return None

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(ask, range(24)))
    assert sum(code is not None for code in codes) == 5


def test_no_code_and_no_address_stands_in_the_database(desk):
    code = desk.issue()
    row = desk.core.database.transact(lambda db: db.execute(contact_codes.select()).one())
    assert code.encode() not in bytes(row.code_hash)
    assert code not in str(tuple(row))
    assert "hana" not in str(tuple(row))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        ("123 456", "123456"),
        ("１２３４５６", "123456"),
        ("it's 123-456 I think", "123456"),
        ("12345", None),
        ("1234567", None),
        ("123456 or 654321", None),
        ("my phone is 03-1234-5678", None),
        ("", None),
    ],
)
def test_a_code_is_read_as_people_type_it(typed, read):
    assert read_code(typed) == read
