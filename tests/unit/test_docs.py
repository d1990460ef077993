"""What README and docs say is so: settings, files, commands, links, error sentences, and the example that they give."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from bot.__main__ import main
from bot.knowledge.check import find_faults
from bot.knowledge.loader import HERE, load_library
from bot.settings import Settings
from bot.storage.cipher import WrongKey

ROOT = Path(__file__).resolve().parents[2]
OPERATORS = ROOT / "docs" / "operators.md"
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
DOCUMENTS += [ROOT / "docker" / "README.md", *sorted((ROOT / "benchmarks").rglob("*.md"))]

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())

#: Made on the machine, and in no commit.
MADE = re.compile(r"(^|/)(\.venv|\.env|var|results|models)(/|$)")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def flat(text: str) -> str:
    """The text in one line, without emphasis."""
    return " ".join(text.replace("*", "").split())


def tracked_files() -> list[Path]:
    """Every file of the tree that is committed or about to be."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


# Settings ---------------------------------------------------------------------------------------------------------


def test_every_setting_is_documented_with_its_default():
    rows = dict(re.findall(r"^\| `(DESK_\w+)` \| (.+?) \|", read(OPERATORS), re.M))
    for spec in fields(Settings):
        name, default = spec.metadata["name"], spec.default
        assert name in rows, f"{name} is not documented"
        if isinstance(default, bool):
            default = int(default)
        if isinstance(default, float):
            default = f"{default:g}"
        if str(default) not in ("", "."):
            assert rows[name] == f"`{default}`", f"{name} has another default than is documented"


def test_no_setting_is_documented_that_is_not_there():
    code = "\n".join(read(path) for path in tracked_files() if path.suffix in (".py", ".yml", ".sh") or not path.suffix)
    for name in sorted(set(re.findall(r"`(DESK_\w+)`", read(OPERATORS) + read(ROOT / "README.md")))):
        assert name in code, f"{name} is documented and read by nothing"


def test_every_variable_that_the_product_reads_is_documented():
    documented = read(OPERATORS)
    for path in tracked_files():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ("bot", "actions", "engine"):
            if "tests" in path.parts:
                continue
            for name in re.findall(r"""["'](DESK_[A-Z_]+)["']""", read(path)):
                assert f"`{name}`" in documented, f"{path.relative_to(ROOT)} reads {name}"


# Files and links ---------------------------------------------------------------------------------------------------


def named_paths(document: Path) -> Iterator[str]:
    """What a document calls by a path of this tree, between backticks; <placeholders> as they are."""
    top = {path.relative_to(ROOT).parts[0] for path in tracked_files()}
    text = re.sub(r"^```.*?^```", "", read(document), flags=re.M | re.S)
    for word in re.findall(r"`([^`\s]+)`", text):
        if word.split("/")[0] in top and not MADE.search(word):
            yield word


@each_document
def test_every_path_that_a_document_names_is_there(document: Path):
    for word in named_paths(document):
        pattern = re.sub(r"<\w+>", "*", word).rstrip("/")
        assert any(ROOT.glob(pattern)), f"{document.name} names {word}"


def test_every_folder_of_the_product_stands_in_the_map():
    text = read(ROOT / "README.md")
    for path in tracked_files():
        parts = path.relative_to(ROOT).parts
        if parts[0].startswith(".") or len(parts) < 2:
            continue
        folder = f"{parts[0]}/{parts[1]}/" if parts[0] == "bot" and len(parts) > 2 else f"{parts[0]}/"
        assert f"`{folder}" in text, f"{folder} does not stand in the README's map"


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as a forge makes them."""
    text = re.sub(r"^```.*?^```", "", read(document), flags=re.M | re.S)
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@each_document
def test_every_link_leads_somewhere(document: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", read(document)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        other = (document.parent / name).resolve() if name else document
        assert other.exists(), f"{document.name} links to {target}"
        if fragment:
            assert fragment in anchors(other), f"{document.name} links to {target}"


def test_every_document_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        document = waiting.pop()
        if document in reached or document.suffix != ".md":
            continue
        reached.add(document)
        targets = re.findall(r"\]\(([^)#\s]+)", read(document))
        waiting += [(document.parent / target).resolve() for target in targets if ":" not in target]
    wanted = {path for path in DOCUMENTS if "data" not in path.parts}
    assert {path.relative_to(ROOT).as_posix() for path in wanted - reached} == set()


def test_every_picture_is_described():
    for document in DOCUMENTS:
        for words in re.findall(r"!\[([^\]]*)\]", read(document)):
            assert len(words) > 10, f"{document.name} has a picture without words"


def test_every_decision_is_dated_and_listed():
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", read(folder / "README.md"), re.M)
    assert [name for _, _, name in listed] == sorted(path.name for path in folder.glob("0*.md"))
    for number, title, name in listed:
        lines = read(folder / name).splitlines()
        assert lines[0] == f"# {number}. {title}"
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", lines[2])


# Commands ----------------------------------------------------------------------------------------------------------


@each_document
def test_every_make_target_that_a_document_names_is_there(document: Path):
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.M))
    for line in re.findall(r"`([^`\n]+)`|^((?:\w+=\S+ )?make .+|make \w.*)$", read(document), re.M):
        words = "".join(line).split()
        if "make" in words[:3] and words[-1] != "make":
            target = words[words.index("make") + 1]
            assert target in targets, f"{document.name} names make {target}"


def test_every_make_target_that_is_phony_is_there():
    text = read(ROOT / "Makefile")
    phony = re.search(r"^\.PHONY: (.+)$", text, re.M)
    assert phony
    assert set(phony[1].split()) == set(re.findall(r"^([a-z-]+):", text, re.M))


@each_document
def test_every_command_that_a_document_names_is_there(document: Path, capsys: pytest.CaptureFixture[str]):
    for module, rest in re.findall(r"python -m ([\w.]+)((?: [\w-]+)*)", flat(read(document))):
        if module == "bot":
            words = rest.split()
            known = words[: 2 if words[:1] in (["knowledge"], ["ticket"], ["audit"], ["search"], ["keys"], ["requests"]) else 1]
            with pytest.raises(SystemExit) as ended:
                main([*known, "--help"])
            assert ended.value.code == 0, f"{document.name} names python -m bot {rest}: {capsys.readouterr().err}"
        else:
            place = ROOT.joinpath(*module.split("."))
            found = place.with_suffix(".py").exists() or (place / "__main__.py").exists()
            assert found, f"{document.name} names python -m {module}"


# Error sentences ---------------------------------------------------------------------------------------------------

ERRORS = {"NotReady", "BadSetting", "CannotInstall", "SettingMissing", "EncoderMissing"}
ERRORS |= {"TrackerKeyError", "TrackerUnreadable"}


def sentences(path: Path) -> Iterator[list[str]]:
    """The fixed words of each error that a module raises for the operator."""
    for node in ast.walk(ast.parse(read(path))):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        # The installer hands the words of its errors to the function that runs a command.
        if getattr(node.func, "id", None) not in ERRORS | ({"run"} if path.name == "install.py" else set()):
            continue
        texts = [part.value for part in ast.walk(node.args[-1]) if isinstance(part, ast.Constant)]
        pieces = [piece for text in texts if isinstance(text, str) for piece in re.split(r"%\w", text)]
        if fixed := [piece.strip(" ,;:'()") for piece in pieces if len(piece.split()) > 2]:
            yield fixed


def test_every_error_that_stops_the_product_is_explained():
    explained = flat(read(OPERATORS))
    for path in tracked_files():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ("bot", "engine"):
            for pieces in sentences(path):
                # A sentence is known by the first words of a piece of it that is always the same.
                beginnings = [" ".join(piece.split()[:6]) for piece in pieces]
                assert any(flat(one) in explained for one in beginnings), f"{path.name} says {pieces}"


def test_a_wrong_key_is_explained():
    assert flat(WrongKey.__doc__ or "").split(":")[0] in flat(read(OPERATORS))


# The example of a company ------------------------------------------------------------------------------------------


def test_the_example_of_a_facts_file_holds(tmp_path: Path):
    text = read(ROOT / "docs" / "knowledge.md")
    numbered = re.search(r"^```text\n(.*?)^```", text, re.M | re.S)
    facts = re.search(r"^```yaml\n(.*?)^```", text, re.M | re.S)
    assert numbered and facts
    for name in ("sources", "companies"):
        (tmp_path / name).mkdir()
    (tmp_path / "sources" / "aoba.txt").write_text(re.sub(r"^\d+ +", "", numbered[1], flags=re.M), encoding="utf-8")
    (tmp_path / "companies" / "aoba.yml").write_text(facts[1], encoding="utf-8")
    for name in ("wording.yml", "law.yml", "follow_ups.yml", "procedures.yml", "paper.yml"):
        shutil.copy(HERE / name, tmp_path)
    topics = yaml.safe_load(facts[1])["facts"]
    catalogue = yaml.safe_load(read(HERE / "catalogue.yml"))["groups"]
    some = {group: {key: rows[key] for key in rows if key in topics} for group, rows in catalogue.items()}
    (tmp_path / "catalogue.yml").write_text(yaml.safe_dump({"groups": some}, allow_unicode=True), encoding="utf-8")
    library = load_library(tmp_path)
    assert find_faults(library) == []
    assert sorted(library.company("aoba").facts) == sorted(topics)


# The tree ----------------------------------------------------------------------------------------------------------

#: Written apart, so that this file does not name what it forbids.
REGISTRIES = [name + ending for name, ending in (("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".org"))]
REGISTRIES += ["deb.debian" + ".org", "index" + "-url =", "extra-index" + "-url"]
MACHINE = re.compile(r"(?<![\w.-])/(?:root|work|home/\w+|Users/\w+)/")


def test_no_file_names_a_package_registry_or_a_place_on_somebodys_machine():
    found = []
    for path in tracked_files():
        if path.is_relative_to(HERE / "sources") or path == Path(__file__):
            continue
        try:
            text = read(path)
        except UnicodeDecodeError:
            continue
        named = [host for host in REGISTRIES if host in text]
        named += MACHINE.findall(text)
        found += [f"{path.relative_to(ROOT)}: {one}" for one in named]
    assert found == []


def test_the_locks_hold_versions_and_hashes_and_no_address():
    locks = [path for path in tracked_files() if path.suffix == ".lock"]
    assert locks
    for path in locks:
        text = read(path)
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://", text), path.name


def test_what_is_new_stands_in_the_changelog():
    assert "\n## [Unreleased]\n" in read(ROOT / "CHANGELOG.md")
