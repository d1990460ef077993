"""Getting into the console with a browser: by keyboard, with a second factor, without a barrier, at any width."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.casework.welcome import make_first_link
from tests.support.live_desk import LiveDesk, now
from tests.support.staff import ALL, PASSWORD, StaffClient, give_password


@pytest.fixture(scope="module")
def desk(tmp_path_factory, library) -> Iterator[LiveDesk]:
    desk = LiveDesk.empty(tmp_path_factory.mktemp("entrance"), library)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def visit(open_browser: Callable[..., BrowserContext], desk: LiveDesk) -> Callable[..., Page]:
    """A page of the console; with somebody's session, if they are named."""

    def visit_one(path: str, who: StaffClient | None = None, **wishes: object) -> Page:
        context = open_browser(**wishes)
        if who:
            context.add_cookies([{"name": "desk", "value": who.cookies["desk"], "url": f"{desk.url}/desk"}])
        page = context.new_page()
        page.goto(desk.url + path)
        return page

    return visit_one


def test_the_first_administrator_comes_in_by_keyboard_alone_and_sets_up_a_second_factor(desk, visit):
    token = make_first_link(desk.core, now())
    page = visit(f"/desk/welcome/{token}")
    expect(page.get_by_role("heading", name="The first administrator")).to_be_visible()
    for text in ("Aya Mori", "Tab", "aya@desk.example", "Tab", PASSWORD, "Tab", PASSWORD):
        page.keyboard.press("Tab") if text == "Tab" else page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your password is kept")).to_be_visible()

    page.goto(f"{desk.url}/desk/account")
    expect(page.get_by_text("Your role opens much")).to_be_visible()
    page.get_by_role("link", name="Set up a second factor").first.press("Enter")
    expect(page.get_by_role("img", name="Square code")).to_be_visible()
    secret = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).at(now()))
    page.keyboard.press("Enter")
    expect(page.locator(".codes code")).to_have_count(10)
    code = page.locator(".codes code").first.inner_text()

    page.get_by_role("link", name="I have kept them").press("Enter")
    page.locator("details.menu summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.get_by_label("E-mail address").fill("aya@desk.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(code.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".who-name")).to_have_text("Aya Mori")


def test_what_is_wrong_is_tied_to_its_field(visit):
    page = visit("/desk/sign-in")
    page.get_by_label("E-mail address").fill("hana@desk.example")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Password")).to_have_accessible_description("The e-mail address or the password is not right.")
    expect(page.get_by_label("E-mail address")).to_have_value("hana@desk.example")


def pages_of(desk: LiveDesk) -> list[tuple[str, StaffClient | None]]:
    """Every page about getting in, accounts and people, with who sees it."""
    aya = desk.staff("administrator", "privacy_officer", companies=ALL, name="Aya")
    hana = desk.staff(name="Hana")
    desk.wait(give_password(hana))
    token = desk.do(lambda db: desk.core.staff_links.make(db, "reset", hana.id, now()))
    own = ["/desk/account", "/desk/account/second-factor", "/desk/people", "/desk/people/invite", f"/desk/people/{hana.id}"]
    return [("/desk/sign-in", None), (f"/desk/welcome/{token}", None), ("/desk/welcome/used", None), *((path, aya) for path in own)]


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_barrier(desk, visit, find_barriers, theme, locale):
    for path, who in pages_of(desk):
        assert find_barriers(visit(path, who, color_scheme=theme, locale=locale)) == [], path


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_runs_over_the_edge(desk, visit, width):
    """640 is a display of 1280 at 200 %."""
    for path, who in pages_of(desk):
        page = visit(path, who, width=width, height=700)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
