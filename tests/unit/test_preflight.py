"""What stands in the way of a start is told in one sentence that says what to do, before anything is started."""

from __future__ import annotations

import os
import socket
from collections import namedtuple
from dataclasses import replace

import pytest

from bot.settings import Settings
from bot.supervisor import preflight, run
from bot.supervisor.preflight import NotReady, check_knowledge, check_ports, check_room, take_lock
from tests.support.small_library import small_library


@pytest.fixture
def taken():
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path, port=free_port(), engine_port=free_port(), actions_port=free_port())


@pytest.mark.parametrize("field", ["port", "engine_port", "actions_port"])
def test_a_port_in_use_is_named_with_the_setting_to_change(settings, taken, field):
    name = f"DESK_{field.upper()}"
    check_ports(settings)
    with pytest.raises(NotReady, match=rf"Port {taken} .* Stop what uses it, or set {name} to another\."):
        check_ports(replace(settings, **{field: taken}))


def test_a_port_of_a_part_that_runs_elsewhere_is_not_ours_to_check(settings, taken):
    check_ports(replace(settings, engine_port=taken, engine_url="http://engine:5005"))


def test_an_address_that_this_machine_does_not_have_is_named(settings):
    with pytest.raises(NotReady, match=r"192\.0\.2\.1"):
        check_ports(replace(settings, host="192.0.2.1"))


def test_a_full_disk_is_said_to_be_full(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: usage(10**12, 10**12, 5 * 2**20))
    with pytest.raises(NotReady, match=r"Only 5 MB are free .* 300 MB are needed"):
        check_room(tmp_path)


def test_a_folder_that_cannot_be_made_or_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReady, match="DESK_DATA_DIR"):
        check_room(tmp_path / "file" / "var")
    monkeypatch.setattr(preflight.os, "access", lambda *_: False)
    with pytest.raises(NotReady, match="cannot be written"):
        check_room(tmp_path)


def test_one_data_folder_serves_one_product_at_a_time(tmp_path):
    lock = take_lock(tmp_path)
    with pytest.raises(NotReady, match="already running"):
        take_lock(tmp_path)
    lock.close()
    take_lock(tmp_path).close()


def test_policy_files_that_do_not_hold_stop_the_start(tmp_path):
    library = small_library(tmp_path, lambda company: company["facts"].pop("fax"))
    with pytest.raises(NotReady, match=r"1 faults.*knowledge check"):
        check_knowledge(library)


def test_a_start_that_cannot_be_ends_with_a_sentence_and_no_trace(settings, taken, capsys):
    before = os.umask(0o022)
    try:
        assert run.run(replace(settings, port=taken)) == 1
    finally:
        os.umask(before)
    said = capsys.readouterr()
    assert said.err.startswith(f"The desk cannot start. Port {taken}")
    assert "Traceback" not in said.err
    assert said.err.count("\n") == 1


def test_a_missing_engine_environment_says_what_to_run(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("DESK_ENGINE_PYTHON", str(tmp_path / "python"))
    with pytest.raises(NotReady, match="make install"):
        run.train_if_needed(settings)


def test_the_addresses_to_open_are_those_of_every_company(settings, library):
    core = namedtuple("core", "library")(library)
    told = run.tell_addresses(replace(settings, public_url="https://desk.example/"), core)
    for company in library.companies():
        assert f"https://desk.example/demo/{company.key} " in told
