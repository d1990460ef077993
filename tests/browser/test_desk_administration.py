"""Figures, settings and the audit log in a browser: for everybody's eyes, by keyboard, on a phone, without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.delivery.measuring import measure
from bot.desk.clock import now
from bot.storage.tables import conversations, outcomes, tickets
from tests.support.live_desk import LiveDesk

ROLES = ("supervisor", "privacy_officer")

PAGES = (
    "/desk/supervision",
    "/desk/audit",
    "/desk/audit?action=ticket.take",
    "/desk/settings/replies",
    "/desk/settings/replies/new",
    "/desk/settings/hours",
    "/desk/settings/hours/jcom",
    "/desk/settings/clocks/jcom",
    "/desk/settings/absence",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory, library) -> Iterator[LiveDesk]:
    """A desk with a week of figures."""
    desk = LiveDesk.empty(tmp_path_factory.mktemp("administration"), library)
    desk.start()
    core = desk.gateway.core

    def fill(db) -> None:
        moment = now()
        about = {"locale": "en", "channel": "web", "created_at": moment, "updated_at": moment}
        db.execute(conversations.insert().values(id="c", company="jcom", **about))
        for number in range(20):
            opened = moment - timedelta(days=number % 7, hours=2)
            row = {"id": f"t{number}", "reference": f"r{number}", "message": f"m{number}", "conversation": "c", "reason": "asked"}
            row |= {"company": ("jcom", "cuc")[number % 2], "status": "closed", "language": "en", "channel": "web"}
            row |= {"opened_at": opened, "updated_at": opened, "replied_at": opened, "closed_at": moment, "rating": 1}
            db.execute(tickets.insert().values(row))
            row = {"message": f"m{number}", "conversation": "c", "company": "jcom", "channel": "web", "locale": "en", "at": opened}
            kind = ("answered", "not_stated", "nearest", "missed", "handed_over", "talk")[number % 6]
            db.execute(outcomes.insert().values(kind=kind, topic="fee_amount", **row))

    core.database.transact(fill)
    desk.wait(measure(core))
    yield desk
    desk.stop()


@pytest.fixture
def sit_down(desk: LiveDesk, open_browser: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """A page of somebody who may see all of these."""

    def sit_down(*, companies=("jcom", "cuc"), locale: str = "en", **wishes: object) -> Page:
        who = desk.staff(*ROLES, name="Mari", companies=companies, locale=locale)
        context = open_browser(**wishes)
        context.add_cookies([{"name": "desk", "value": who.cookies["desk"], "url": f"{desk.url}/desk"}])
        return context.new_page()

    return sit_down


@pytest.mark.parametrize("locale", ["en", "ja"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_barrier(desk, sit_down, find_barriers, theme, locale):
    page = sit_down(locale=locale, color_scheme=theme)
    for path in PAGES:
        page.goto(desk.url + path)
        for fold in page.locator("details.more-figures").all():
            fold.evaluate("one => one.open = true")
        assert find_barriers(page) == [], path


def test_what_is_refused_is_no_barrier_either(desk, sit_down, find_barriers):
    page = sit_down()
    page.goto(f"{desk.url}/desk/settings/replies/new")
    page.locator("#shortcut").fill("two words")
    page.locator("#title").fill("A title")
    page.locator("#body").fill("{nobody}")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#body")).to_have_attribute("aria-invalid", "true")
    assert find_barriers(page) == []
    page.goto(f"{desk.url}/desk/settings/clocks/jcom")
    page.locator("[name=leak_reply]").fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[name=leak_reply]")).to_have_attribute("aria-invalid", "true")
    assert find_barriers(page) == []


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_runs_over_the_edge(desk, sit_down, width):
    """640 is a display of 1280 at 200 %."""
    page = sit_down(width=width, height=700)
    for path in PAGES:
        page.goto(desk.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_every_number_of_a_chart_can_be_read_without_colour(desk, sit_down):
    page = sit_down(forced_colors="active")
    page.goto(f"{desk.url}/desk/supervision")
    chart = page.get_by_role("img", name="Tickets that came and tickets that were closed, by day")
    expect(chart.locator("text", has_text="20")).to_have_count(1)
    shares = page.locator("#assistant-title").locator("xpath=ancestor::section")
    expect(shares).to_contain_text("Policy does not state it: 4 (20.0 %)")
    # Whatever differs by colour differs by pattern, too.
    fills = page.eval_on_selector_all(".share rect", "all => all.map(one => one.getAttribute('fill') || one.className.baseVal)")
    assert len(set(fills)) == len(fills) == 6


def test_settings_work_without_scripts(desk, sit_down):
    page = sit_down(java_script_enabled=False)
    page.goto(f"{desk.url}/desk/settings/replies/new")
    page.locator("#shortcut").fill("without")
    page.locator("#title").fill("Without scripts")
    page.locator("#body").fill("Dear {customer_name}")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".letter")).to_have_text("Dear Hana Mori")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Without scripts")).to_be_visible()
    page.goto(f"{desk.url}/desk/settings/hours/cuc")
    page.locator("[name=sat_0_from]").fill("10:00")
    page.locator("[name=sat_0_to]").fill("12:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#content")).to_contain_text("10:00–12:00")
    page.goto(f"{desk.url}/desk/audit")
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("#verification")).to_contain_text("The log is whole")
    page.get_by_label("Did what").select_option("canned.add")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"{desk.url}/desk/supervision?company=cuc")
    expect(page.locator("#by-company")).to_be_visible()


def test_a_reply_is_written_by_keyboard_alone(desk, sit_down):
    page = sit_down()
    page.goto(f"{desk.url}/desk/settings/replies")
    page.get_by_role("link", name="New ready reply").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/replies/new")
    page.locator("#shortcut").focus()
    for text in ("keys", "By keyboard", "Yours, {agent_name}"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="By keyboard")).to_be_visible()


def test_a_table_is_taken_along_as_a_file(desk, sit_down):
    page = sit_down()
    page.goto(f"{desk.url}/desk/supervision")
    with page.expect_download() as waiting:
        page.locator("section", has=page.locator("#by-company")).get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename.startswith("company-")
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("company,name,opened")
    assert len(text.splitlines()) == 3
