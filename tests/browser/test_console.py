"""Hana writes in the widget, Mika works at the desk: two browsers at once, before a real gateway with a scripted engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.live_desk import LiveDesk
from tests.support.staff import StaffClient

from .chat import Chat


class Console:
    """What somebody of the staff sees and does."""

    def __init__(self, page: Page, desk: LiveDesk, who: StaffClient):
        self.page = page
        self.desk = desk
        self.who = who
        self.rows = page.locator("[data-row]")
        self.story = page.locator("#story")
        self.box = page.get_by_role("textbox", name="Your text")

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


@pytest.fixture(scope="module")
def desk(tmp_path_factory, library) -> Iterator[LiveDesk]:
    desk = LiveDesk(tmp_path_factory.mktemp("console"), library)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def at_desk(desk: LiveDesk, open_browser: Callable[..., BrowserContext]) -> Callable[..., Console]:
    """Somebody of the staff in a browser of their own."""

    def sit_down(*roles: str, name: str = "Mika", companies=("jcom",), locale: str = "en", **wishes: object) -> Console:
        who = desk.staff(*roles, name=name, companies=companies, locale=locale)
        context = open_browser(**wishes)
        context.add_cookies([{"name": "desk", "value": who.cookies["desk"], "url": f"{desk.url}/desk"}])
        return Console(context.new_page(), desk, who)

    return sit_down


@pytest.fixture
def hana(desk: LiveDesk, open_browser: Callable[..., BrowserContext]) -> Chat:
    """Hana, a customer of JCOM, with the chat open."""
    page = open_browser().new_page()
    page.goto(f"{desk.url}/demo/jcom")
    return Chat(page).open()


def test_hana_asks_for_a_person_and_is_helped(at_desk, hana):
    mika = at_desk().go("/desk?view=unassigned")
    hana.ask("How much is a copy?")
    hana.say("I want to talk to a person")
    row = mika.row("How much is a copy?")
    expect(row).to_contain_text("Customer is waiting")
    row.get_by_role("button", name="Take").click()
    expect(row).to_have_count(0)
    mika.open("How much is a copy?")
    expect(mika.story).to_contain_text("You said: How much is a copy?")
    # Both type, and each sees it of the other.
    hana.box.press_sequentially("my name is")
    expect(mika.page.locator("#customer-types")).to_contain_text("my name is")
    mika.box.press_sequentially("Good day, Hana")
    expect(hana.panel).to_contain_text(re.compile("Mika.*(typing|writing)"))
    mika.reply("Good day, Hana. What can I do?")
    expect(hana.log).to_contain_text("Good day, Hana. What can I do?")
    # The assistant is silent while a person is there.
    answers = hana.answers.count()
    hana.say("Is anybody there?")
    expect(mika.story.locator(".entry.customer").last).to_contain_text("Is anybody there?")
    expect(hana.answers).to_have_count(answers)
    # A note stays with the staff, a citation goes to the customer.
    mika.page.get_by_text("Private note", exact=True).click()
    mika.box.fill("She has asked before")
    mika.page.get_by_role("button", name="Keep the note").click()
    expect(mika.story.locator(".entry.note")).to_contain_text("She has asked before")
    mika.page.get_by_text("Reply", exact=True).click()
    mika.page.get_by_role("tab", name="Policy").click()
    mika.page.get_by_role("searchbox", name="Search the policy").fill("fee disclosure")
    mika.page.locator("#policy-found [data-cite]").first.click()
    expect(mika.page.locator("#enclosed [data-enclosed]")).to_have_count(1)
    mika.reply("It stands here:")
    said = hana.log.locator(".turn").filter(has_text="It stands here:")
    expect(said.locator("summary, details").first).to_be_visible()
    expect(hana.log).not_to_contain_text("She has asked before")
    # Back to the assistant, which says so and answers again.
    mika.page.get_by_role("button", name="Back to the assistant").click()
    mika.page.locator("#settled-hand_back").fill("The fee is known")
    mika.page.locator("#dialog-hand_back").get_by_role("button", name="Back to the assistant").click()
    expect(hana.log).to_contain_text("The fee is known")
    assert "You said: And the hours?" in hana.ask("And the hours?").inner_text()
    # Closed, rated, and open again when she comes back.
    mika.page.get_by_role("button", name="Close", exact=True).click()
    mika.page.locator("#settled-close").fill("Told the fee")
    mika.page.locator("#dialog-close").get_by_role("button", name="Close", exact=True).last.click()
    expect(mika.page.locator("#ticket-head")).to_contain_text("Closed")
    hana.panel.get_by_role("button", name=re.compile("helped|Yes|satisf|Good", re.I)).first.click()
    expect(mika.page.locator("#case")).to_contain_text("Good")
    hana.say("One more thing for a person, please")
    expect(mika.page.locator("#ticket-head")).to_contain_text("Customer is waiting")
