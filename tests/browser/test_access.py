"""Everybody can use it: by keyboard, by screen reader, on a small or enlarged display, in light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .chat import FEE, Chat

pytestmark = [pytest.mark.browser, pytest.mark.product]

THEMES = ("light", "dark")
LOCALES = {"en": FEE, "ja": "開示の手数料はいくらですか？"}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("locale", LOCALES)
def test_axe_finds_no_barrier_in_the_chat(
    visit: Callable[..., Page], find_barriers: Callable[[Page], list[str]], locale: str, theme: str
):
    page = visit(f"/demo/jcom?lang={locale}", color_scheme=theme)
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    assert find_barriers(page) == []
    chat.open()
    assert find_barriers(page) == []
    answer = chat.ask(LOCALES[locale])
    answer.locator("summary").first.click()
    chat.box.fill("a" * 3990)
    assert find_barriers(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_no_barrier_in_the_menu_the_question_and_the_small_display(
    visit: Callable[..., Page], find_barriers: Callable[[Page], list[str]], theme: str
):
    page = visit("/demo/jcom", width=375, height=700, color_scheme=theme)
    chat = Chat(page)
    assert find_barriers(page) == []
    chat.open().ask("I want to make a complaint about how you handle my data.")
    assert find_barriers(page) == []
    chat.panel.get_by_role("button", name="More").click()
    assert find_barriers(page) == []
    chat.panel.get_by_role("button", name="Forget this chat").click()
    assert find_barriers(page) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("path", ["/", "/policies/jcom", "/policies/coocom", "/policies/nobody"])
def test_axe_finds_no_barrier_on_the_pages(
    visit: Callable[..., Page], find_barriers: Callable[[Page], list[str]], path: str, locale: str, theme: str
):
    page = visit(f"{path}?lang={locale}", color_scheme=theme)
    expect(page.locator("html")).to_have_attribute("lang", locale)
    assert find_barriers(page) == []


def test_every_company_has_colours_that_can_be_read(
    visit: Callable[..., Page], find_barriers: Callable[[Page], list[str]]
):
    for theme in THEMES:
        index = visit("/", color_scheme=theme)
        for address in index.locator(".card .button").evaluate_all("(links) => links.map((link) => link.href)"):
            index.goto(address)
            Chat(index).open()
            assert find_barriers(index) == [], address


def test_kenji_asks_by_keyboard_alone(visit: Callable[..., Page]):
    page = visit("/demo/jcom")
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    press_until_focused(page, chat, ".launcher")
    page.keyboard.press("Enter")
    expect(chat.box).to_be_focused()
    page.keyboard.type(FEE)
    page.keyboard.press("Enter")
    expect(chat.answers).to_have_count(1)
    expect(chat.box).to_be_focused()
    press_until_focused(page, chat, "summary", back=True)
    page.keyboard.press("Enter")
    expect(chat.answers.locator("blockquote").first).to_be_visible()
    press_until_focused(page, chat, "details a")
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    expect(opened.value.locator(".clause:target")).to_be_visible()
    opened.value.close()
    press_until_focused(page, chat, '[aria-controls="menu"]', back=True)
    page.keyboard.press("Enter")
    expect(chat.panel.get_by_role("button", name="Talk to a person").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.panel.get_by_role("button", name="More")).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_the_open_chat_is_no_trap_on_a_large_display(visit: Callable[..., Page]):
    page = visit("/demo/jcom")
    chat = Chat(page).open()
    expect(chat.panel).not_to_have_attribute("aria-modal", "true")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.closest('main')"):
            return
    pytest.fail("the focus never left the chat")


def test_a_telephone_shows_the_chat_on_its_whole_screen(visit: Callable[..., Page]):
    page = visit("/demo/jcom", width=375, height=700, has_touch=True)
    chat = Chat(page).open()
    assert chat.panel.bounding_box() == {"x": 0, "y": 0, "width": 375, "height": 700}
    expect(chat.panel).to_have_attribute("aria-modal", "true")
    expect(chat.panel).to_be_focused()  # not the box: the keyboard would cover what is to be read first
    for key in ("Tab", "Shift+Tab"):
        for _ in range(20):
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.localName") == "desk-chat"
    page.mouse.move(100, 300)
    page.mouse.wheel(0, 400)
    assert page.evaluate("scrollY") == 0
    chat.ask(FEE)
    chat.close()
    expect(chat.launcher).to_be_focused()
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") != "hidden"


@pytest.mark.parametrize(
    ("width", "height"), [(320, 568), (640, 400), (320, 256)], ids=["320 px", "200 % zoom", "400 % zoom"]
)
def test_nothing_has_to_be_scrolled_sideways(visit: Callable[..., Page], desk_url: str, width: int, height: int):
    page = visit("/demo/jcom", width=width, height=height)
    assert overflow(page) == 0
    chat = Chat(page).open()
    answer = chat.ask(FEE)
    for _ in ("folded", "unfolded"):
        assert overflow(page) == 0
        assert chat.panel.locator(".scroller").evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
        answer.locator("summary").first.click()
    for part in (chat.box, chat.panel.get_by_role("button", name="Close the chat")):
        expect(part).to_be_in_viewport(ratio=1)
    for path in ("/", "/policies/jcom", "/policies/coocom", "/policies/cloco"):
        page.goto(desk_url + path)
        assert overflow(page) == 0, path


def test_every_control_is_large_enough_to_hit(visit: Callable[..., Page]):
    page = visit("/demo/jcom", width=375, height=700)
    chat = Chat(page).open()
    chat.ask(FEE).locator("summary").first.click()
    chat.panel.get_by_role("button", name="More").click()
    small = chat.panel.evaluate(
        """(panel) => [...panel.querySelectorAll("button, summary, textarea, a")]
            .filter((one) => one.getClientRects().length)
            .map((one) => [one.className || one.localName, one.getBoundingClientRect()])
            .filter(([, {width, height}]) => width < 24 || height < 24).map(([name]) => name)"""
    )
    assert small == []


def test_nothing_moves_for_who_wants_no_motion(visit: Callable[..., Page]):
    moving = "document.querySelector('desk-chat').shadowRoot.getAnimations().length"
    for motion in ("no-preference", "reduce"):
        page = visit("/demo/jcom", reduced_motion=motion)
        chat = Chat(page).open()
        with chat.slow_post() as release:
            chat.say(FEE)
        expect(chat.panel.locator(".dots")).to_be_visible()
        assert (page.evaluate(moving) == 0) == (motion == "reduce")
        release()
        expect(chat.answers).to_have_count(1)


def test_new_answers_are_read_out_and_a_history_is_not(hana: Chat):
    expect(hana.open().log).to_have_attribute("aria-live", "polite")
    hana.ask(FEE)
    hana.page.reload()
    expect(hana.launcher).to_be_visible()
    log = hana.page.locator("desk-chat .log")
    expect(log.locator(".turn")).to_have_count(2)
    expect(log).to_have_attribute("aria-live", "off")


def press_until_focused(page: Page, chat: Chat, wanted: str, back: bool = False) -> None:
    """Goes on with the Tab key until the element of the widget has the focus."""
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate(
            "(wanted) => document.activeElement.shadowRoot?.activeElement?.matches(wanted) ?? false", wanted
        ):
            return
    pytest.fail(f"{wanted} was never reached")


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
