"""The master key is changed while requests come in: nothing is unreadable at any point, and a run that was killed is finished."""

from __future__ import annotations

import threading

import pytest

from bot.desk.request import Needs
from bot.storage.keyring import Keyring
from bot.storage.rotation import rotate
from bot.storage.vault import Vault


class Killed(BaseException):
    """The process is gone."""


def keep(core, clock, count: int) -> list[str]:
    """So many requests, each with a name."""

    def work(db) -> str:
        chat, _ = core.conversations.open(db, "jcom", "en", "web", clock())
        request = core.requests.open(db, chat, "disclosure", Needs(), clock())
        core.requests.put_field(db, request.id, "name", f"Hana {request.id}")
        return request.id

    return [core.database.transact(work) for _ in range(count)]


def check_readable(core, ids: list[str]) -> None:
    for id in ids:
        assert core.database.transact(lambda db, id=id: core.requests.read_fields(db, id)) == {"name": f"Hana {id}"}


def test_everything_is_wrapped_by_the_new_key_and_the_old_one_is_gone(core, clock):
    ids = keep(core, clock, 5)
    told: list[int] = []
    done = rotate(core.database, core.vault, told.append, batch=2)
    assert (done.version, done.added, done.wrapped, done.removed) == (2, True, 5, (1,))
    assert told == [2, 4, 5]
    assert core.vault.keyring.versions() == (2,)
    check_readable(core, ids)


def test_another_process_reads_on_with_what_it_had_read_before(core, clock):
    ids = keep(core, clock, 1)
    other = Vault(Keyring(core.settings.master_keys))
    other.keyring.newest()
    rotate(core.database, core.vault)
    keys = core.database.transact(lambda db: other._key(db, ids[0]))
    assert keys == core.database.transact(lambda db: core.vault._key(db, ids[0]))


@pytest.mark.parametrize("moment", ["add", "first batch", "second batch", "look", "remove"])
def test_a_rotation_that_is_killed_is_finished_by_the_next(core, clock, monkeypatch, moment):
    ids = keep(core, clock, 4)
    left = {"second batch": 1}.get(moment, 0)
    name = {"add": "add", "remove": "remove", "look": "list_versions"}.get(moment, "rewrap")
    target = core.vault.keyring if moment in ("add", "remove") else core.vault
    real = getattr(type(target), name)

    def die(self, *args):
        nonlocal left
        if left:
            left -= 1
            return real(self, *args)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(type(target), name, die)
        with pytest.raises(Killed):
            rotate(core.database, core.vault, batch=2)
    check_readable(core, ids)
    done = rotate(core.database, core.vault, batch=2)
    assert done.added is (moment == "add")
    assert core.vault.keyring.versions() == (2,)
    check_readable(core, ids)


def test_requests_that_come_in_meanwhile_are_readable_afterwards(core, clock):
    ids, stop = keep(core, clock, 3), threading.Event()

    def customers() -> None:
        while not stop.is_set():
            ids.extend(keep(core, clock, 1))

    thread = threading.Thread(target=customers)
    thread.start()
    try:
        for _ in range(3):
            rotate(core.database, core.vault, batch=2)
    finally:
        stop.set()
        thread.join()
    check_readable(core, ids)


def test_a_key_made_by_a_version_that_is_replaced_in_this_moment_is_wrapped_anew(core, clock, monkeypatch):
    ring = core.vault.keyring
    ring.newest()
    real, rotated = Keyring.newest, []

    def newest(self):
        found = real(self)
        if not rotated:
            rotated.append(True)
            ring.add()  # another process begins a rotation between the reading and the writing
        return found

    monkeypatch.setattr(Keyring, "newest", newest)
    ids = keep(core, clock, 1)
    assert core.database.transact(core.vault.list_versions) == {2}
    check_readable(core, ids)


def test_two_who_rotate_at_once_lose_no_key(core, clock):
    ids = keep(core, clock, 6)
    others = [Vault(Keyring(core.settings.master_keys)) for _ in range(2)]
    threads = [threading.Thread(target=rotate, args=(core.database, vault)) for vault in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_readable(core, ids)
