"""Hana left. A link in a mail leads her back into her case, in whatever browser she reads mail in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.bootstrap import Core, open_core
from bot.desk.clock import now
from bot.desk.mail import Mail
from bot.settings import Settings

from .chat import FEE, Chat

SCHEMES = ["light", "dark"]


@pytest.fixture
def core(request: pytest.FixtureRequest) -> Iterator[Core]:
    """What the product stands on. DESK_TEST_DATA is the data folder of one that was not started by the tests."""
    folder = os.environ.get("DESK_TEST_DATA") or request.getfixturevalue("product").folder
    core = open_core(Settings(data_dir=Path(folder)), migrated=False)
    yield core
    core.close()


@pytest.fixture
def mailed_link(hana: Chat, core: Core) -> str:
    """Hana asked something on a company's page and left. The link that the desk has mailed to her."""
    hana.open().ask(FEE)
    kept = next(json.loads(text) for text in hana.remembered if text.startswith("{"))
    hana.page.close()
    return "/case/" + core.database.transact(lambda db: core.case_links.make(db, kept["id"], now()))


def enter(page: Page) -> Chat:
    page.get_by_role("button", name="Open the chat").click()
    return Chat(page)


def test_hana_reads_on_and_writes_back_where_she_reads_her_mail(mailed_link: str, visit: Callable[..., Page]):
    chat = enter(visit(mailed_link))
    expect(chat.panel).to_be_visible()
    expect(chat.own).to_have_count(1)
    expect(chat.answers).to_have_count(1)
    chat.ask("Thank you!")
    expect(chat.own).to_have_count(2)


def test_the_key_stands_in_no_address_and_not_on_the_page_and_goes_with_the_tab(mailed_link: str, visit: Callable[..., Page]):
    page = visit(mailed_link)
    chat = enter(page)
    expect(chat.own).to_have_count(1)
    [kept] = [json.loads(text) for text in chat.remembered if text.startswith("{")]
    assert kept["token"] not in page.content()
    assert kept["token"] not in page.url
    assert mailed_link not in page.url
    assert page.evaluate("localStorage.length") == 0
    page.go_back()
    assert kept["token"] not in page.content()


def test_a_reload_goes_on_where_the_link_would_not(mailed_link: str, visit: Callable[..., Page]):
    page = visit(mailed_link)
    expect(enter(page).own).to_have_count(1)
    page.reload()
    chat = Chat(page)
    expect(chat.own).to_have_count(1)
    another = page.context.new_page()
    another.goto(page.url)
    expect(another).to_have_url(re.compile("/demo/jcom"))


def test_a_chat_that_the_browser_had_before_stays_as_it_is(mailed_link: str, visit: Callable[..., Page]):
    page = visit("/demo/jcom")
    mine = Chat(page).open()
    mine.ask("Who are you?")
    page.goto(page.url.partition("/demo")[0] + mailed_link)
    expect(enter(page).own).to_contain_text([FEE])
    page.goto(page.url.partition("/cases")[0] + "/demo/jcom")
    expect(Chat(page).open().own).to_contain_text(["Who are you?"])


def test_whoever_opens_the_link_again_is_told_how_to_get_another(mailed_link: str, visit: Callable[..., Page]):
    expect(enter(visit(mailed_link)).panel).to_be_visible()
    again = visit(mailed_link)
    expect(again.get_by_role("heading", level=1)).to_have_text("This link does not open any more")
    expect(again.get_by_text("name your reference")).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nobody_is_kept_out_of_these_pages(mailed_link: str, visit: Callable[..., Page], find_barriers, scheme: str):
    page = visit(mailed_link, color_scheme=scheme)
    assert find_barriers(page) == []
    expect(enter(page).panel).to_be_visible()
    assert find_barriers(page) == []
    assert find_barriers(visit(mailed_link, color_scheme=scheme)) == []


def test_the_link_is_followed_by_keyboard_alone(mailed_link: str, visit: Callable[..., Page]):
    page = visit(mailed_link)
    button = page.get_by_role("button", name="Open the chat")
    for _ in range(10):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(Chat(page).box).to_be_focused()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nobody_is_kept_out_of_the_local_mailbox(core: Core, visit: Callable[..., Page], find_barriers, scheme: str):
    mail = Mail("hana@example.com", "An answer", "Read it here:\n\nhttp://127.0.0.1:8080/case/abc\n")
    core.database.transact(lambda db: core.outbox.add(db, f"test {scheme}", mail, now()))
    page = visit("/dev/mail", color_scheme=scheme)
    first = page.get_by_role("link", name="An answer").first
    while not first.is_visible():
        page.wait_for_timeout(500)  # the outbox is looked into every few seconds
        page.reload()
    assert find_barriers(page) == []
    first.click()
    expect(page.get_by_text("hana@example.com")).to_be_visible()
    assert find_barriers(page) == []
