"""The console's words: in both languages, with the same gaps, and none asked for that is not there."""

from __future__ import annotations

import re
from string import Formatter

import jinja2
import pytest

from bot.console.pages import HERE, read_wording

WORDING = read_wording()
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
CODE = sorted(HERE.glob("*.py"))

#: Dates, which the languages make of different parts.
DATES = {"supervision.day", "supervision.a_day"}

SAID = re.compile(r"""\bsay\(\s*(?:request,\s*)?["']([a-z_]+\.[A-Za-z_]+)["']\s*(~)?""")


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(WORDING))
def test_a_word_stands_in_english_and_in_japanese_with_the_same_gaps(key):
    words = WORDING[key]
    assert set(words) == {"en", "ja"}
    assert all(words.values())
    assert gaps(words["en"]) == gaps(words["ja"]) or key in DATES


@pytest.mark.parametrize("file", TEMPLATES + CODE, ids=lambda file: file.name)
def test_every_word_that_a_page_says_is_there(file):
    for key, goes_on in SAID.findall(file.read_text(encoding="utf-8")):
        if goes_on:
            assert any(known.startswith(key) for known in WORDING), f"{file.name} says {key}..."
        else:
            assert key in WORDING, f"{file.name} says {key}"


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_no_page_has_a_script_or_a_style_inside(file):
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on", text)
    jinja2.Environment(autoescape=True).parse(text)


def test_the_scripts_say_only_what_the_wording_has():
    for file in (HERE / "static").glob("*.js"):
        if file.name != "htmx.min.js":
            for key in re.findall(r'\bsay\("(\w+)"', file.read_text(encoding="utf-8")):
                assert f"script.{key}" in WORDING, f"{file.name} says {key}"
