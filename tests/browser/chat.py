"""The chat as a customer uses it, for tests to speak in the customer's terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, Route, expect

#: Where a conversation's messages are posted to and read from.
MESSAGES = re.compile(r"/api/v1/conversations/[^/]+/messages")

FEE = "How much does a disclosure cost?"


class Chat:
    """One page with the widget on it."""

    def __init__(self, page: Page):
        self.page = page
        self.launcher = page.locator("desk-chat .launcher")
        self.panel = page.get_by_role("dialog")
        self.box = self.panel.locator("textarea")
        self.log = self.panel.get_by_role("log")
        self.notes = self.log.locator(".note")
        self.own = self.log.locator(".turn.customer")
        self.answers = self.log.locator(".turn.bot")

    def open(self) -> Chat:
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def close(self) -> None:
        self.panel.get_by_role("button", name=re.compile("Close|閉じる")).click()

    def say(self, text: str) -> None:
        """Writes and sends; the answer is not waited for."""
        self.box.fill(text)
        self.box.press("Enter")

    def ask(self, text: str) -> Locator:
        """Writes, sends, and waits for the answer."""
        before = self.answers.count()
        self.say(text)
        answer = self.answers.nth(before)
        expect(answer).to_be_visible()
        return answer

    def choose(self, item: str) -> None:
        """An item of the menu."""
        self.panel.get_by_role("button", name="More").click()
        self.panel.get_by_role("button", name=item).click()

    @contextmanager
    def slow_post(self) -> Iterator[Callable[[], None]]:
        """Keeps the message that is sent within on its way, until the function that this gives is called."""
        held: list[Route] = []

        def hold(route: Route) -> None:
            if route.request.method == "POST":
                held.append(route)
            else:
                route.continue_()

        def release() -> None:
            held.pop().continue_()
            self.page.unroute(MESSAGES)

        self.page.route(MESSAGES, hold)
        with self.page.expect_request(lambda request: request.method == "POST" and bool(MESSAGES.search(request.url))):
            yield release

    @property
    def remembered(self) -> list[str]:
        """What the browser keeps on this site."""
        return self.page.evaluate("[...Object.values(localStorage), ...Object.values(sessionStorage)]")
