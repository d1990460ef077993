"""Takes the pictures in docs/images from a running product: `python -m tests.browser.pictures http://127.0.0.1:8080`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from .chat import FEE, Chat
from .conftest import FLAGS, find_chromium

IMAGES = Path(__file__).parents[2] / "docs" / "images"

WIDE = {"width": 1120, "height": 720}
PHONE = {"width": 375, "height": 720}


def take(desk_url: str) -> None:
    """The chat closed, open with a citation unfolded, on a telephone, in the dark; and the clause in its place."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)

        def visit(path: str, size: dict[str, int], **wishes: object) -> Page:
            usual = {"locale": "en-US", "timezone_id": "Asia/Tokyo", "reduced_motion": "reduce"}
            page = browser.new_context(viewport=size, **{**usual, **wishes}).new_page()
            page.goto(desk_url + path)
            return page

        def save(page: Page, name: str) -> None:
            page.wait_for_load_state("networkidle")
            page.screenshot(path=IMAGES / f"{name}.png")

        def ask(page: Page, question: str = FEE) -> Chat:
            chat = Chat(page).open()
            answer = chat.ask(question)
            answer.locator("summary").first.click()
            return chat

        closed = visit("/demo/jcom", WIDE)
        Chat(closed).launcher.wait_for()
        save(closed, "widget-closed")
        for name, size, theme in (
            ("widget-citation", WIDE, "light"),
            ("widget-phone", PHONE, "light"),
            ("widget-dark", WIDE, "dark"),
        ):
            page = visit("/demo/jcom", size, color_scheme=theme)
            chat = ask(page)
            save(page, name)
        with page.context.expect_page() as opened:
            chat.answers.get_by_role("link").first.click()
        opened.value.set_viewport_size(WIDE)
        opened.value.emulate_media(color_scheme="light")
        save(opened.value, "policy-clause")
        save(visit("/", WIDE), "companies")
        japanese = visit("/demo/jcom?lang=ja", PHONE, locale="ja-JP")
        ask(japanese, "開示の手数料はいくらですか？")
        save(japanese, "widget-japanese")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1].rstrip("/"))
