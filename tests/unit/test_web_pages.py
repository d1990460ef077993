"""The public pages, without a server: what they choose, write and promise."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.channels.web import pages
from bot.channels.web.assets import STATIC, Asset, Assets
from bot.channels.web.wording import OWN_NAMES, WORDING
from bot.knowledge.company import Hours
from bot.knowledge.document import Document

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "accepted", "expected"),
    [
        ("/", "", "en"),
        ("/", "ja", "ja"),
        ("/", "ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("/", "en;q=0.5,ja;q=0.8", "ja"),
        ("/", "fr,de;q=0.9", "en"),
        ("/", "ja;q=0,en;q=0.1", "en"),
        ("/", "ja;q=nonsense, en", "ja"),
        ("/?lang=ja", "en", "ja"),
        ("/?lang=xx", "ja", "ja"),
    ],
)
def test_a_reader_gets_the_language_that_they_like_best(path: str, accepted: str, expected: str):
    request = make_mocked_request("GET", path, headers={"Accept-Language": accepted})
    assert pages.choose_locale(request) == expected


@pytest.mark.parametrize(
    ("days", "en", "ja"),
    [
        ({0, 1, 2, 3, 4}, "Mon–Fri 10:00–14:00", "月–金 10:00–14:00"),
        ({0, 1, 2, 3, 4, 5, 6}, "every day 10:00–14:00", "毎日 10:00–14:00"),
        ({1, 3, 4}, "Tue, Thu and Fri 10:00–14:00", "火・木・金 10:00–14:00"),
        ({5, 6}, "Sat and Sun 10:00–14:00", "土・日 10:00–14:00"),
    ],
)
def test_hours_are_written_in_a_few_words(days: set[int], en: str, ja: str):
    hours = Hours(frozenset(days), time(10), time(14), "unknown", "")
    assert pages.write_hours(hours, "en") == en
    assert pages.write_hours(hours, "ja") == ja


def test_a_policys_own_language_is_told():
    assert pages.find_language("We may change this policy.") == "en"
    assert pages.find_language("本ポリシーは変更することがあります。") == "ja"


def test_headings_have_the_anchor_that_a_quoted_heading_is_cited_by():
    document = Document("Title\n\nFees\nIt costs 500 yen.", title={"en": "T"}, headings=[1, 3])
    assert pages.read_blocks(document) == [
        {"kind": "heading", "text": "Title", "anchor": "l1"},
        {"kind": "heading", "text": "Fees", "anchor": "l3"},
        {"kind": "clause", "text": "It costs 500 yen.", "anchor": "c1", "number": 1},
    ]
    assert document.locate("Fees").anchor == "l3"


def test_a_file_is_zipped_only_for_who_takes_that():
    asset = Asset.of(b"body " * 100, ".css")
    plain = asset.answer(make_mocked_request("GET", "/"), "no-cache")
    zipped = asset.answer(make_mocked_request("GET", "/", headers={"Accept-Encoding": "br, gzip"}), "no-cache")
    assert plain.body == b"body " * 100
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert len(zipped.body) < len(plain.body)
    assert "Accept-Encoding" in zipped.headers["Vary"]


def test_the_version_changes_with_any_file(tmp_path: Path):
    (tmp_path / "widget.js").write_text('"static/current/widget/"')
    before = Assets(tmp_path)
    (tmp_path / "more.js").write_text("1")
    after = Assets(tmp_path)
    assert before.version != after.version
    entry = after.find("widget.js")
    assert entry and entry.body.decode() == f'"static/{after.version}/widget/"'


def test_the_pages_answer_every_address_that_they_promise():
    library = SimpleNamespace(companies=list)
    paths = {route.path for route in pages.routes(library, SimpleNamespace(address="http://desk"))}
    assert {"/", "/demo/{company}", "/policies/{company}", "/widget.js"} <= paths
    assert all(isinstance(route, web.RouteDef) for route in pages.routes(library, SimpleNamespace(address="")))


def test_every_text_of_the_pages_is_there_in_every_language():
    for name, texts in WORDING.items():
        assert set(texts) == set(OWN_NAMES), name
        fields = {locale: set(re.findall(r"\{(\w+)\}", text)) for locale, text in texts.items()}
        assert fields["ja"] <= fields["en"], name


def test_every_text_of_the_widget_is_there_in_both_languages():
    source = (STATIC / "widget" / "strings.js").read_text("utf-8")
    english, japanese = source.split("\n  ja: {")
    names = [re.findall(r"^    (\w+):", part, re.M) for part in (english, japanese)]
    assert names[0] == names[1]
    assert len(names[0]) > 50


def test_what_the_widgets_tag_and_style_take_is_documented():
    document = (ROOT / "docs" / "widget.md").read_text("utf-8")
    entry = (STATIC / "widget.js").read_text("utf-8")
    taken = re.search(r"const \{ ([\w, ]+) \} = script\.dataset", entry)
    assert taken
    wishes = {f"data-{name}" for name in taken[1].split(", ")}
    variables = set(re.findall(r"--desk-[a-z-]+", (STATIC / "widget" / "style.js").read_text("utf-8")))
    assert wishes and variables
    assert {name for name in wishes | variables if f"`{name}`" not in document} == set()


def test_the_widgets_entry_asks_for_every_module_at_once():
    entry = (STATIC / "widget.js").read_text("utf-8")
    listed = set(re.findall(r'"(\w+)"', entry.split("const modules = ")[1].split("]")[0]))
    assert listed | {"element"} == {file.stem for file in (STATIC / "widget").glob("*.js")}


def test_every_module_of_the_widget_is_documented():
    document = (ROOT / "docs" / "widget.md").read_text("utf-8")
    modules = {f"widget/{file.name}" for file in (STATIC / "widget").glob("*.js")}
    assert {name for name in modules if f"`{name}`" not in document} == set()


def test_the_whole_widget_is_at_most_40_kb_as_it_travels():
    assets = Assets()
    files = [path.relative_to(STATIC).as_posix() for path in (STATIC / "widget").glob("*.js")]
    assert len(files) > 10
    travels = sum(len(assets.find(name).zipped) for name in ("widget.js", *files))
    assert travels <= 40 * 1024
