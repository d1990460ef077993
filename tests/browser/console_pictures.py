"""Takes the console's pictures in docs/images, in both themes, of the demonstration: `python -m tests.browser.console_pictures`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bot.bootstrap import open_core
from bot.demo.seed import fill
from bot.desk.person import Permission, Person
from bot.settings import Settings
from tests.support.live_desk import LiveDesk

from .conftest import FLAGS, find_chromium
from .pictures import IMAGES

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 720}


def take() -> None:
    """Every page by somebody who may see it; the queue and a ticket on a telephone and in Japanese, too."""
    with tempfile.TemporaryDirectory() as folder:
        core = open_core(Settings(data_dir=Path(folder)))
        fill(core, datetime.now(UTC), print)
        desk = LiveDesk(core)
        desk.start(always_staffed=False)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            take_all(browser, desk)
            browser.close()
        desk.stop()


def take_all(browser: Browser, desk: LiveDesk) -> None:
    people = desk.do(desk.core.people.list)

    def who(permission: Permission, locale: str = "en") -> Person:
        able = [one for one in people if one.may(permission) and one.all_companies]
        return next((one for one in able if one.locale == locale), able[0])

    agent, reader = who(Permission.WORK_TICKETS), who(Permission.WORK_TICKETS, "ja")
    chief, officer = who(Permission.MANAGE_STAFFING), who(Permission.READ_AUDIT)
    story = find_ticket(desk, "en", "web")
    pages: list[tuple[str, str, Person, Callable[[Page], object] | None]] = [
        ("queue", "/desk?view=all", agent, None),
        ("ticket", f"/desk/tickets/{story}", agent, None),
        ("policy", f"/desk/tickets/{story}", agent, open_policy),
        ("assign", f"/desk/tickets/{story}", agent, lambda page: page.keyboard.press("a")),
        ("register", "/desk/register", agent, None),
        ("search", "/desk/search", agent, search),
        ("shortcuts", "/desk?view=mine", agent, lambda page: page.keyboard.press("?")),
        ("account", "/desk/account", agent, None),
        ("figures", "/desk/supervision", officer, None),
        ("replies", "/desk/settings/replies", chief, None),
        ("hours", "/desk/settings/hours", chief, None),
        ("absence", "/desk/settings/absence", chief, None),
        ("people", "/desk/people", chief, None),
        ("audit", "/desk/audit", officer, None),
    ]
    for theme in ("light", "dark"):
        ending = "" if theme == "light" else "-dark"
        for name, path, person, does in pages:
            save(visit(browser, desk, path, person, theme, WIDE, does), f"console-{name}{ending}")
        save(visit(browser, desk, "/desk/sign-in", None, theme, WIDE), f"console-sign-in{ending}")
    save(visit(browser, desk, "/desk?view=all", reader, "light", PHONE), "console-phone")
    save(visit(browser, desk, f"/desk/tickets/{find_ticket(desk, 'ja', 'web')}", reader, "light", WIDE), "console-japanese")


def find_ticket(desk: LiveDesk, language: str, channel: str) -> str:
    """An open one with much to tell, in that language."""
    query = (
        "select t.reference from tickets t join messages m on m.conversation = t.conversation "
        "where t.language = :language and t.channel = :channel and t.status <> 'closed' group by t.id, t.reference "
        "order by (select count(*) from notes n where n.ticket = t.id) desc, count(*) desc limit 1"
    )
    return desk.do(lambda db: db.exec_driver_sql(query, {"language": language, "channel": channel}).scalar_one())


def visit(
    browser: Browser,
    desk: LiveDesk,
    path: str,
    person: Person | None,
    theme: str,
    size: dict[str, int],
    does: Callable[[Page], object] | None = None,
) -> Page:
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale="en-US", timezone_id="Asia/Tokyo", reduced_motion="reduce"
    )
    if person:
        _, token = desk.do(lambda db: desk.core.sessions.open(db, person, "Chromium, Linux, 127.0.0.1", datetime.now(UTC)))
        context.add_cookies([{"name": "desk", "value": token, "url": f"{desk.url}/desk"}])
    page = context.new_page()
    answer = page.goto(desk.url + path)
    assert answer is not None
    assert answer.ok, f"{path}: {answer.status}"
    page.wait_for_timeout(600)
    if does:
        does(page)
        page.wait_for_timeout(600)
    return page


def open_policy(page: Page) -> None:
    page.locator("#tab-policy").click()
    page.locator("#policy .fact").first.wait_for()
    page.locator("#policy .fact summary").first.click()


def search(page: Page) -> None:
    page.locator("#q").fill("address")
    page.keyboard.press("Enter")
    page.locator(".hits").wait_for()


def save(page: Page, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / f"{name}.png")
    page.context.close()


if __name__ == "__main__":
    take()
