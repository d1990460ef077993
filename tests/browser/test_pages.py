"""The public pages, as a browser gets and shows them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.product]

PATHS = ("/", "/demo/jcom", "/policies/jcom")


@pytest.fixture
def get(visit: Callable[..., Page], desk_url: str) -> Callable[..., APIResponse]:
    """Asks for a path without showing it."""
    page = visit("/")
    return lambda path, **headers: page.request.get(
        desk_url + path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def test_the_index_leads_to_every_companys_desk_and_policy(visit: Callable[..., Page]):
    page = visit("/")
    cards = page.locator(".card")
    expect(cards).to_have_count(5)
    page.get_by_role("link", name="Ask JCOM’s desk").click()
    expect(page).to_have_url(re.compile("/demo/jcom"))
    page.get_by_role("link", name="Read the policy").first.click()
    expect(page).to_have_url(re.compile("/policies/jcom"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("company", ["coocom", "cuc", "jcom", "cloco", "plusone"])
def test_a_policy_page_shows_every_clause_verbatim_under_its_anchor(visit: Callable[..., Page], company: str):
    from bot.knowledge.loader import load_library

    document = load_library().company(company).document
    page = visit(f"/policies/{company}")
    shown = page.locator(".clause").evaluate_all(
        "(clauses) => clauses.map((clause) => [clause.id, clause.querySelector('p').textContent])"
    )
    assert shown == [[clause.anchor, clause.text] for clause in document.clauses]
    headings = page.locator(".text h2").all_text_contents()
    assert headings == [text for kind, text in document.blocks() if kind == "heading"]


def test_a_clauses_own_link_highlights_it(visit: Callable[..., Page]):
    page = visit("/policies/jcom")
    page.get_by_role("link", name="Link to clause 30", exact=True).click()
    expect(page.locator("#c30:target")).to_be_in_viewport()
    assert page.url.endswith("#c30")


def test_the_pages_speak_the_readers_language(visit: Callable[..., Page]):
    page = visit("/policies/jcom", locale="ja-JP")
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("article")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_keyboard_skips_to_the_content(visit: Callable[..., Page]):
    page = visit("/policies/jcom")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.parametrize("path", PATHS)
def test_no_page_runs_or_styles_what_stands_inside_it(get: Callable[..., APIResponse], path: str):
    answer = get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    body = answer.text()
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", body)


@pytest.mark.parametrize("path", [*PATHS, "/widget.js", "/widget/jcom.json", "/companies.css"])
def test_what_has_not_changed_is_not_sent_again(get: Callable[..., APIResponse], path: str):
    first = get(path)
    assert first.status == 200
    again = get(path, If_None_Match=first.headers["etag"])
    assert again.status == 304
    assert again.body() == b""


def test_the_widgets_files_are_kept_for_good_under_their_version(get: Callable[..., APIResponse]):
    address = re.search(r"static/[0-9a-f]{12}/widget/", get("/widget.js").text())
    assert address
    kept = get(f"/{address[0]}element.js", Origin="https://shop.example")
    assert "immutable" in kept.headers["cache-control"]
    assert kept.headers["access-control-allow-origin"] == "*"
    older = get("/static/000000000000/widget/element.js")
    assert (older.status, older.headers["cache-control"]) == (200, "no-cache")
    assert get("/static/000000000000/widget/none.js").status == 404
    assert get("/static/000000000000/..%2f..%2fpages.py").status == 404


def test_an_unknown_company_gets_a_page_that_leads_on(visit: Callable[..., Page], get: Callable[..., APIResponse]):
    assert get("/policies/nobody").status == 404
    assert get("/demo/nobody").status == 404
    page = visit("/demo/nobody")
    page.get_by_role("main").get_by_role("link", name="All companies").click()
    expect(page.locator(".card")).to_have_count(5)
