"""The whole product, real engine and all, with two people before it: Hana in the widget, Mika at the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, expect

from bot.bootstrap import Core, open_core
from bot.desk.person import Role
from bot.settings import read_settings
from tests.support.live_desk import ALWAYS
from tests.support.product import Product

from .chat import FEE, Chat
from .console import Console


@pytest.fixture
def core(product: Product) -> Iterator[Core]:
    """The running product's own database, its chat staffed whatever day it is."""
    core = open_core(read_settings({"DESK_DATA_DIR": str(product.folder)}), migrated=False)
    core.database.transact(lambda db: core.staffing.set_plan(db, "jcom", ALWAYS, datetime.now(UTC)))
    yield core
    core.close()


@pytest.fixture
def mika(product: Product, core: Core, open_browser: Callable[..., BrowserContext]) -> Console:
    """Mika of JCOM's desk, with the queue before her."""

    def let_in(db) -> str:
        now = datetime.now(UTC)
        person = core.people.add(db, "Mika", "mika@desk.example", [Role.AGENT], now, companies=("jcom",))
        return core.sessions.open(db, person, "a test's browser", now)[1]

    context = open_browser()
    context.add_cookies([{"name": "desk", "value": core.database.transact(let_in), "url": f"{product.url}/desk"}])
    return Console(context.new_page(), product).go("/desk?view=unassigned")


@pytest.fixture
def hana(product: Product, open_browser: Callable[..., BrowserContext]) -> Chat:
    page = open_browser().new_page()
    page.goto(f"{product.url}/demo/jcom")
    return Chat(page).open()


def test_hana_is_answered_by_the_assistant_then_by_mika_then_by_the_assistant_again(mika, hana):
    assert "1,100" in hana.ask(FEE).inner_text()
    hana.say("Can I talk to a real person, please?")
    row = mika.row(FEE)
    expect(row).to_contain_text("Customer is waiting")
    row.get_by_role("button", name="Take").click()
    mika.open(FEE)
    expect(mika.story).to_contain_text("1,100")
    expect(hana.log).to_contain_text("Mika")
    mika.reply("Good day, Hana. What can I do?")
    expect(hana.log).to_contain_text("Good day, Hana. What can I do?")
    # A question that the assistant knows well is Mika's as long as she has the chat.
    answers = hana.answers.count()
    hana.say("Which bank account do I pay the fee into?")
    expect(mika.story.locator(".entry.customer").last).to_contain_text("Which bank account")
    mika.reply("I have asked, and tell you here.")
    expect(hana.log).to_contain_text("I have asked, and tell you here.")
    expect(hana.answers).to_have_count(answers)
    mika.page.get_by_role("button", name="Back to the assistant").click()
    mika.page.locator("#settled-hand_back").fill("The account follows by post")
    mika.page.locator("#dialog-hand_back").get_by_role("button", name="Back to the assistant").click()
    expect(hana.log).to_contain_text("The account follows by post")
    assert "1,100" in hana.ask("And how much was the fee again?").inner_text()
    mika.page.get_by_role("button", name="Close ticket").click()
    mika.page.locator("#settled-close").fill("Told the account")
    mika.page.locator("#dialog-close").get_by_role("button", name="Close ticket").click()
    expect(mika.head).to_contain_text("Closed")
    hana.panel.get_by_role("button", name="Yes", exact=True).click()
    expect(mika.page.locator("#case")).to_contain_text("Good")
    hana.say("I need to speak to a human again")
    expect(mika.head).to_contain_text("Customer is waiting")
