"""Requests are kept under keys of their own: readable while they are needed, gone for good when they are erased."""

from __future__ import annotations

import pytest

from bot.desk.errors import RequestChanged
from bot.desk.request import Mover, Needs, State
from bot.storage.cipher import WrongKey
from bot.storage.keyring import Keyring
from bot.storage.references import free_reference
from bot.storage.requests import Requests
from bot.storage.tables import request_fields, request_keys
from bot.storage.vault import Erased, Vault

CUSTOMER, STAFF = Mover.CUSTOMER, Mover.STAFF


@pytest.fixture
def keyring(tmp_path) -> Keyring:
    return Keyring(tmp_path / "master.keys")


@pytest.fixture
def kept(core, clock, keyring):
    return Desk(core, clock, Requests(Vault(keyring)))


class Desk:
    """Hana's conversation and her requests."""

    def __init__(self, core, clock, requests: Requests):
        self.core, self.clock, self.requests = core, clock, requests
        self.hana = self.do(lambda db: core.conversations.open(db, "jcom", "en", "web", clock())[0])

    def do(self, work):
        return self.core.database.transact(work)

    def open(self, kind: str = "disclosure", **needs):
        return self.do(lambda db: self.requests.open(db, self.hana, kind, Needs(**{"fee": 1100, **needs}), self.clock()))

    def move(self, request, move, mover=STAFF, **shown):
        return self.do(lambda db: self.requests.move(db, request, move, mover, self.clock(), shown))

    def fields(self, request):
        return self.do(lambda db: self.requests.read_fields(db, request.id))

    def put(self, request, name, value):
        self.do(lambda db: self.requests.put_field(db, request.id, name, value))


def test_what_hana_began_is_gone_on_with_and_not_begun_twice(kept):
    assert kept.open().id == kept.open().id
    assert kept.open("deletion").id != kept.open().id


def test_her_answers_come_back_and_the_last_one_counts(kept):
    request = kept.open()
    kept.put(request, "name", "花 Hana")
    kept.put(request, "email", "hana@example.org")
    kept.put(request, "email", "hana@example.com")
    assert kept.fields(request) == {"name": "花 Hana", "email": "hana@example.com"}


def test_a_request_is_moved_to_its_end_and_every_move_is_kept(kept):
    request = kept.open(contact=False)
    request = kept.move(request, "submit", CUSTOMER)
    request = kept.move(request, "receive_documents", CUSTOMER)
    request = kept.move(request, "verify_identity", identity_by="mika", identity_how="upload")
    request = kept.move(request, "record_payment", amount=1100)
    request = kept.move(request, "answer", answer_method="mail")
    stored = kept.do(lambda db: kept.requests.find(db, request.id))
    assert stored == request
    assert stored.state is State.ANSWERED
    moves = kept.do(lambda db: kept.requests.list_moves(db, request.id))
    assert [move.target for move in moves] == [
        "awaiting_documents", "identity_check", "awaiting_payment", "in_progress", "answered"
    ]


def test_a_submitted_request_is_found_by_its_reference(kept):
    request = kept.move(kept.open(), "submit", CUSTOMER)
    reference = kept.do(lambda db: kept.requests.reference_of(db, request.id))
    assert kept.do(lambda db: kept.requests.find_by_reference(db, reference)).id == request.id


def test_two_tabs_submit_once(kept):
    request = kept.open()
    kept.move(request, "submit", CUSTOMER)
    with pytest.raises(RequestChanged):
        kept.move(request, "submit", CUSTOMER)
    assert len(kept.do(lambda db: kept.requests.list_moves(db, request.id))) == 1


def test_an_erased_request_cannot_be_read_and_leaves_a_proof(kept):
    request = kept.open()
    kept.put(request, "name", "Hana")
    assert kept.do(lambda db: kept.requests.erase(db, request.id, "customer", kept.clock()))
    assert kept.fields(request) == {}
    with pytest.raises(Erased):
        kept.put(request, "name", "Hana")
    assert not kept.do(lambda db: kept.requests.erase(db, request.id, "customer", kept.clock()))


def test_even_a_copy_of_the_rows_tells_nothing_once_the_key_is_erased(kept):
    request = kept.open()
    kept.put(request, "name", "Hana")
    sealed = kept.do(lambda db: db.execute(request_fields.select()).one().sealed_value)
    kept.do(lambda db: kept.requests.erase(db, request.id, "retention", kept.clock()))
    with pytest.raises(Erased):
        kept.do(lambda db: kept.requests.vault.open(db, request.id, "name", sealed))


def test_an_answer_moved_to_another_field_or_request_is_not_read(kept):
    mine, other = kept.open(), kept.open("deletion")
    kept.put(mine, "name", "Hana")
    sealed = kept.do(lambda db: db.execute(request_fields.select()).one().sealed_value)
    for request, place in ((mine, "email"), (other, "name")):
        with pytest.raises(WrongKey):
            kept.do(lambda db, r=request, p=place: kept.requests.vault.open(db, r.id, p, sealed))


def test_a_master_key_is_changed_while_others_read(kept, keyring):
    requests = [kept.open(kind) for kind in ("disclosure", "deletion", "correction")]
    for request in requests:
        kept.put(request, "name", f"Hana {request.kind}")
    running = Requests(Vault(Keyring(keyring.file)))  # another process, which read the ring before
    kept.do(lambda db: running.read_fields(db, requests[0].id))
    keyring.add()
    kept.put(requests[0], "email", "hana@example.org")
    assert kept.do(lambda db: kept.requests.vault.rewrap(db, 2)) == 2
    assert kept.do(kept.requests.vault.list_versions) == {1, 2}
    assert kept.do(lambda db: kept.requests.vault.rewrap(db)) == 1
    assert kept.do(kept.requests.vault.list_versions) == {2}
    keyring.remove(1)
    assert keyring.versions() == (2,)
    for request in requests:
        assert kept.do(lambda db, r=request: running.read_fields(db, r.id))["name"] == f"Hana {request.kind}"


def test_a_lost_master_key_says_which_file_to_put_back(kept, keyring):
    request = kept.open()
    kept.do(lambda db: db.execute(request_keys.update().values(master=7)))
    with pytest.raises(WrongKey, match=r"master\.keys"):
        kept.put(request, "name", "Hana")


def test_a_reference_that_a_ticket_or_a_request_has_is_not_given_again(kept):
    request = kept.move(kept.open(), "submit", CUSTOMER)
    taken = kept.do(lambda db: kept.requests.reference_of(db, request.id))
    message = kept.do(lambda db: kept.core.conversations.accept(db, kept.hana, "A person, please.", "m1", kept.clock())).message
    ticket, _ = kept.do(lambda db: kept.core.tickets.open(db, kept.hana, message.id, "asked", kept.clock()))
    made = iter([taken, ticket.reference, "FREE-234"])
    assert kept.do(lambda db: free_reference(db, lambda: next(made))) == "FREE-234"
