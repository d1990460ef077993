"""A company puts one tag on its own site, of another origin and with a strict policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .chat import FEE, Chat

pytestmark = [pytest.mark.browser, pytest.mark.product]

#: All that may be transferred before the first message, in bytes.
MOST = 40 * 1024


def watch_policy(page: Page) -> None:
    """Collects what the page's policy forbids, from before the first script on."""
    page.add_init_script(
        "window.refused = []; addEventListener('securitypolicyviolation', "
        "({violatedDirective, blockedURI}) => refused.push(`${violatedDirective} ${blockedURI}`))"
    )


def test_the_chat_works_under_a_strict_policy_on_another_origin(
    open_browser: Callable[..., BrowserContext], shop_url: Callable[..., str]
):
    page = open_browser().new_page()
    watch_policy(page)
    page.goto(shop_url())
    chat = Chat(page)
    answer = chat.open().ask(FEE)
    expect(answer).to_contain_text("1,100")
    # The sheet is in force: the launcher is fixed in its corner, the panel has its colours.
    assert chat.panel.evaluate("(panel) => getComputedStyle(panel).position") == "fixed"
    page.reload()
    expect(chat.open().answers).to_have_count(1)
    assert page.evaluate("refused") == []


def test_the_chat_asks_nothing_of_third_parties_and_sets_no_cookies(
    open_browser: Callable[..., BrowserContext], shop_url: Callable[..., str], desk_url: str
):
    context = open_browser()
    page = context.new_page()
    address = shop_url()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url.replace("ws", "http", 1)))
    page.goto(address)
    Chat(page).open().ask(FEE)
    assert context.cookies() == []
    assert [url for url in asked if not url.startswith((desk_url, address.rsplit("/", 1)[0]))] == []


def test_all_that_is_loaded_before_the_first_message_is_small(
    open_browser: Callable[..., BrowserContext], shop_url: Callable[..., str], desk_url: str
):
    page = open_browser().new_page()
    loaded = []
    page.on("requestfinished", lambda request: loaded.append(request))
    page.goto(shop_url())
    Chat(page).open()
    page.wait_for_load_state("networkidle")
    sizes = {one.url: one.sizes()["responseBodySize"] for one in loaded if one.url.startswith(desk_url)}
    assert any(url.endswith("/widget.js") for url in sizes)
    assert sum(sizes.values()) <= MOST, sizes


def test_the_page_chooses_language_theme_and_colour(
    open_browser: Callable[..., BrowserContext], shop_url: Callable[..., str]
):
    page = open_browser().new_page()
    page.goto(shop_url('data-company="jcom" data-locale="ja" data-theme="dark"', language="en"))
    page.locator("desk-chat").evaluate("(chat) => chat.style.setProperty('--desk-accent', 'rgb(90, 20, 110)')")
    chat = Chat(page).open()
    expect(chat.panel).to_contain_text("自動応答アシスタント")
    surface = chat.panel.evaluate("(panel) => getComputedStyle(panel).backgroundColor")
    assert surface == "rgb(22, 25, 31)"
    chat.close()
    assert chat.launcher.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(90, 20, 110)"


def test_the_page_language_is_the_chats_and_then_the_browsers(
    open_browser: Callable[..., BrowserContext], shop_url: Callable[..., str]
):
    page = open_browser(locale="en-US").new_page()
    page.goto(shop_url(language="ja"))
    expect(Chat(page).launcher).to_contain_text("窓口に質問")
    page = open_browser(locale="ja-JP").new_page()
    page.goto(shop_url(language=""))
    expect(Chat(page).launcher).to_contain_text("窓口に質問")


def test_yuki_asks_about_fees_in_japanese(visit: Callable[..., Page]):
    yuki = Chat(visit("/demo/jcom?lang=ja", locale="ja-JP"))
    answer = yuki.open().ask("開示の手数料はいくらですか？")
    expect(answer).to_contain_text("1,100")
    expect(answer.locator(".citations")).to_contain_text("ポリシーの原文")


def test_a_page_opens_the_chat_from_its_own_button(hana: Chat):
    button = hana.page.get_by_role("button", name="Ask a question")
    button.click()
    expect(hana.box).to_be_focused()
    hana.box.press("Escape")
    expect(button).to_be_focused()
