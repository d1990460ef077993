"""The master keys stay together: made once, changed whole, and a damaged file is not taken for an empty one."""

from __future__ import annotations

import stat

import pytest

from bot.storage.cipher import WrongKey
from bot.storage.keyring import Keyring


def test_two_processes_agree_on_the_first_key(tmp_path):
    file = tmp_path / "master.keys"
    assert Keyring(file).newest() == Keyring(file).newest()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_new_version_wraps_and_the_old_one_still_opens(tmp_path):
    ring = Keyring(tmp_path / "master.keys")
    first = ring.newest()[1]
    assert ring.add() == 2
    assert ring.newest()[0] == 2
    assert ring.find(1) == first
    assert list(tmp_path.iterdir()) == [ring.file]


def test_the_newest_version_is_never_removed(tmp_path):
    ring = Keyring(tmp_path / "master.keys")
    ring.newest()
    ring.remove(1)
    assert ring.versions() == (1,)


@pytest.mark.parametrize("content", ["", "{}x", '{"1": "short"}', '{"one": "AAAA"}', "[]"])
def test_a_damaged_file_stops_everything_and_is_kept(tmp_path, content):
    file = tmp_path / "master.keys"
    file.write_text(content)
    with pytest.raises(WrongKey, match="backup"):
        Keyring(file).newest()
    assert file.read_text() == content
