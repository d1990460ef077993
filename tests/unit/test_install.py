"""On a bare machine the installer finds what is there, fetches what is missing, and says what it cannot do."""

from __future__ import annotations

import ast
import stat
import subprocess
import sys
from collections import namedtuple
from itertools import pairwise
from pathlib import Path

import pytest

from bot import install

HERE = (sys.version_info.major, sys.version_info.minor)


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A project with locks and nothing installed, on a machine without any Python but the one that runs."""
    locks = ["requirements.lock", "requirements-dev.lock"]
    for lock in (*locks, *(f"engine/{name}.lock" for name in ("requirements", "encoder", "dev"))):
        file = tmp_path / lock
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{lock} of today")
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "TOOLS", tmp_path / ".tools")
    monkeypatch.setattr(install, "glob", lambda pattern: [])
    monkeypatch.setattr(install.shutil, "which", lambda name, path=None: None)
    for name in ("DESK_PYTHON", "DESK_ENGINE_BASE_PYTHON", "DESK_ENCODER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def commands(monkeypatch) -> list[list[str]]:
    """What would be run; environments appear as uv would make them."""
    seen: list[list[str]] = []

    def run(command, problem):
        seen.append(command)
        if command[1] == "venv":
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.write_text("")

    monkeypatch.setattr(install, "run", run)
    monkeypatch.setattr(install, "find_uv", lambda: "uv")
    monkeypatch.setattr(install, "find_python", lambda uv, version, *_, **__: "python{}.{}".format(*version))
    monkeypatch.setattr(install, "install_browser", lambda: seen.append(["browser", "-"]))
    return seen


def locks_of(command: list[str]) -> list[str]:
    return [str(Path(b).name) for a, b in pairwise(command) if a == "--requirement"]


def test_a_first_run_makes_both_environments_from_their_locks(machine, commands):
    install.install(dev=False, encoder=True)
    assert [command[:2] for command in commands] == [["uv", "venv"], ["uv", "pip"], ["uv", "venv"], ["uv", "pip"]]
    assert locks_of(commands[1]) == ["requirements.lock"]
    assert locks_of(commands[3]) == ["requirements.lock", "encoder.lock"]
    assert all("--require-hashes" in command for command in commands if command[1] == "pip")


def test_a_second_run_does_nothing(machine, commands):
    install.install(dev=False, encoder=True)
    commands.clear()
    install.install(dev=False, encoder=True)
    assert commands == []


def test_a_changed_lock_is_installed_and_nothing_else(machine, commands):
    install.install(dev=False, encoder=True)
    commands.clear()
    (machine / "engine" / "encoder.lock").write_text("of tomorrow")
    install.install(dev=False, encoder=True)
    assert [locks_of(command) for command in commands] == [["requirements.lock", "encoder.lock"]]


def test_without_the_encoder_its_packages_are_not_installed(machine, commands):
    install.install(dev=False, encoder=False)
    assert locks_of(commands[-1]) == ["requirements.lock"]


@pytest.mark.parametrize(
    ("text", "wanted"), [("1", True), ("0", False), ("no", False), ("False", False), ("yes", True)]
)
def test_the_encoder_is_chosen_as_the_product_chooses_it(monkeypatch, text, wanted):
    chosen = []
    monkeypatch.setattr(install, "install", lambda dev, encoder: chosen.append(encoder))
    monkeypatch.setattr(sys, "argv", ["install.py"])
    monkeypatch.setenv("DESK_ENCODER", text)
    assert install.main() == 0
    assert chosen == [wanted]


def test_what_the_tests_need_is_installed_for_them_only(machine, commands):
    install.install(dev=True, encoder=True)
    assert locks_of(commands[1]) == ["requirements-dev.lock"]
    assert "dev.lock" in locks_of(commands[3])
    assert ["browser", "-"] in commands
    commands.clear()
    install.install(dev=False, encoder=True)  # what is there serves the product as well
    assert commands == []


# Finding Python --------------------------------------------------------------------------------------------------


@pytest.fixture
def no_fetching(monkeypatch):
    """uv reaches no network."""
    real = subprocess.run

    def run(command, **options):
        if command[:2] == ["uv", "python"]:
            return subprocess.CompletedProcess(command, 1)
        return real(command, **options)

    monkeypatch.setattr(install.subprocess, "run", run)


def test_the_python_that_runs_serves_where_it_is_new_enough(no_fetching):
    assert install.find_python("uv", (3, 8), "DESK_PYTHON", ()) == sys.executable
    assert install.find_python("uv", HERE, "DESK_PYTHON", (), exact=True) == sys.executable


def test_a_python_that_is_named_comes_first(machine, monkeypatch, no_fetching):
    named = machine / "python"
    named.write_text(f"#!/bin/sh\nexec {sys.executable} \"$@\"\n")
    named.chmod(named.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("DESK_PYTHON", str(named))
    assert install.find_python("uv", (3, 8), "DESK_PYTHON", ()) == str(named)


def test_pyenvs_python_is_found_without_being_chosen(machine, monkeypatch, no_fetching):
    pyenv, found = machine / "pyenv", sys.executable
    monkeypatch.setenv("PYENV_ROOT", str(pyenv))
    monkeypatch.setattr(install, "glob", lambda pattern: [found] if pattern.startswith(str(pyenv)) else [])
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert install.find_python("uv", HERE, "DESK_PYTHON", (), exact=True) == found


def test_a_shim_that_runs_no_python_is_passed_over(machine):
    shim = machine / "python3.10"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    assert install.version_of(str(shim)) is None
    assert install.version_of("/nowhere/python") is None
    assert install.version_of(sys.executable) == HERE


def test_a_missing_python_is_named_with_what_to_install_and_the_setting(no_fetching):
    with pytest.raises(install.CannotInstall) as told:
        install.find_python("uv", (3, 1), "DESK_ENGINE_BASE_PYTHON", (), exact=True)
    text = str(told.value)
    assert "Python 3.1 is needed for the dialogue engine" in text
    assert "DESK_ENGINE_BASE_PYTHON" in text


def test_a_full_disk_is_told_before_anything_is_fetched(monkeypatch, capsys, commands):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: usage(10**12, 10**12, 2**30))
    monkeypatch.setattr(sys, "argv", ["install.py"])
    assert install.main() == 1
    assert capsys.readouterr().err.startswith("Cannot install. The environments take 3 GB")
    assert commands == []


def test_the_installer_needs_nothing_but_an_old_python():
    """It runs before anything is installed, on whatever python3 the machine has."""
    tree = ast.parse(Path(install.__file__).read_text(), feature_version=(3, 8))
    nodes = list(ast.walk(tree))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)
