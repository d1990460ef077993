"""The console as a member of staff uses it, for tests to speak in their terms."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.support.live_desk import LiveDesk
from tests.support.product import Product
from tests.support.staff import StaffClient


class Console:
    """What somebody of the staff sees and does."""

    def __init__(self, page: Page, desk: LiveDesk | Product, who: StaffClient | None = None):
        self.page = page
        self.desk = desk
        self.who = who
        self.rows = page.locator("[data-row]")
        self.story = page.locator("#story")
        self.box = page.locator("#text")
        self.head = page.locator("#ticket-head")
        self.toasts = page.locator("#toasts")

    def go(self, path: str = "/desk") -> Console:
        self.page.goto(self.desk.url + path)
        expect(self.page.locator(".live")).to_have_attribute("data-state", "live")
        return self

    def row(self, text: str) -> Locator:
        return self.rows.filter(has_text=text)

    def open(self, text: str) -> Console:
        """The ticket of that subject, from the queue."""
        self.go("/desk?view=all").row(text).locator("[data-open]").click()
        expect(self.story).to_be_visible()
        expect(self.page.locator(".live")).to_have_attribute("data-state", "live")
        return self

    def reply(self, text: str, then: str = "open") -> None:
        """Writes and sends at once."""
        self.box.fill(text)
        self.page.get_by_label("and then").select_option(then)
        self.page.get_by_role("button", name="Send", exact=True).click()
        self.page.get_by_role("button", name="Send now").click()
        expect(self.story.locator(".entry.staff").filter(has_text=text)).to_be_visible()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
