"""Hana writes in the widget, Mika works at the desk: two browsers at once, before a real gateway with a scripted engine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from bot.desk.canned import CannedReply
from tests.support.live_desk import LiveDesk, now

from .chat import Chat
from .console import Console


@pytest.fixture(scope="module")
def desk(tmp_path_factory, library) -> Iterator[LiveDesk]:
    desk = LiveDesk.empty(tmp_path_factory.mktemp("console"), library)
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def at_desk(desk: LiveDesk, open_browser: Callable[..., BrowserContext]) -> Iterator[Callable[..., Console]]:
    """Somebody of the staff in a browser of their own."""

    forbidden: list[str] = []

    def sit_down(*roles: str, name: str = "Mika", companies=("jcom",), locale: str = "en", **wishes: object) -> Console:
        who = desk.staff(*roles, name=name, companies=companies, locale=locale)
        context = open_browser(**wishes)
        context.add_cookies([{"name": "desk", "value": who.cookies["desk"], "url": f"{desk.url}/desk"}])
        page = context.new_page()
        page.on("console", lambda said: forbidden.append(said.text) if "Security Policy" in said.text else None)
        return Console(page, desk, who)

    yield sit_down
    assert forbidden == []


@pytest.fixture
def hana(desk: LiveDesk, open_browser: Callable[..., BrowserContext]) -> Chat:
    """Hana, a customer of JCOM, with the chat open."""
    page = open_browser().new_page()
    page.goto(f"{desk.url}/demo/jcom")
    return Chat(page).open()


@pytest.fixture
def ask(desk: LiveDesk) -> Callable[..., str]:
    """A customer's case, made without a browser; its reference."""

    def ask_for_person(question: str, company: str = "jcom", locale: str = "en") -> str:
        async def talk() -> str:
            chat = await desk.gateway.open(company, locale)
            await chat.ask(question)
            return (await chat.ask("A person, please")).body["state"]["ticket"]["reference"]

        return desk.wait(talk())

    return ask_for_person


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
    hana.box.fill("")
    expect(mika.page.locator("#customer-types")).to_be_hidden()
    mika.box.press_sequentially("Good day, Hana")
    expect(hana.panel).to_contain_text("Mika is writing")
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
    mika.page.get_by_role("button", name="Close ticket").click()
    mika.page.locator("#settled-close").fill("Told the fee")
    mika.page.locator("#dialog-close").get_by_role("button", name="Close ticket").click()
    expect(mika.page.locator("#ticket-head")).to_contain_text("Closed")
    hana.panel.get_by_role("button", name="Yes", exact=True).click()
    expect(mika.page.locator("#case")).to_contain_text("Good")
    hana.say("One more thing for a person, please")
    expect(mika.page.locator("#ticket-head")).to_contain_text("Customer is waiting")


def test_ken_of_another_company_sees_nothing_of_it(at_desk, ask):
    ken = at_desk(name="Ken", companies=("cuc",)).go("/desk?view=all")
    mika = at_desk().go("/desk?view=all")
    reference = ask("Is this seen by JCOM alone?")
    expect(mika.row("Is this seen by JCOM alone?")).to_be_visible()
    expect(ken.row("Is this seen by JCOM alone?")).to_have_count(0)
    expect(ken.page.locator("#toasts .toast")).to_have_count(0)
    for path in ("", "/story", "/case", "/policy", "/contact"):
        answer = ken.page.request.get(f"{ken.desk.url}/desk/tickets/{reference}{path}")
        assert answer.status == 404
        assert "seen by JCOM" not in answer.text()


def test_a_ticket_is_worked_from_queue_to_closed_by_keyboard_alone(at_desk, ask):
    ask("Can I do it by keyboard?")
    mika = at_desk().go("/desk?view=mine")
    mika.press("g", "u")
    expect(mika.page).to_have_url(re.compile("view=unassigned"))
    mika.page.wait_for_load_state()
    link = mika.row("Can I do it by keyboard?").locator("[data-open]")
    while not link.evaluate("link => link === document.activeElement"):
        mika.press("j")
    mika.press("Enter")
    expect(mika.head).to_contain_text("Can I do it by keyboard?")
    mika.press("t")
    expect(mika.page.get_by_role("button", name="Release")).to_be_visible()
    mika.press("n")
    expect(mika.box).to_be_focused()
    mika.page.keyboard.type("By keys")
    mika.press("Control+Enter")
    expect(mika.story.locator(".entry.note")).to_contain_text("By keys")
    mika.press("Tab", "Shift+Tab", "Escape")
    mika.page.locator("#story-scroll").focus()
    mika.press("r")
    mika.page.keyboard.type("Yes, you can.")
    mika.press("Control+Enter")
    expect(mika.page.locator(".undo")).to_be_visible()
    mika.page.locator("#now-1").focus()
    mika.press("Enter")
    expect(mika.story.locator(".entry.staff")).to_contain_text("Yes, you can.")
    mika.page.locator("#story-scroll").focus()
    mika.press("e")
    expect(mika.page.locator("#settled-close")).to_be_focused()
    mika.page.keyboard.type("It works")
    mika.press("Control+Enter")
    expect(mika.head).to_contain_text("Closed")
    expect(mika.story).to_contain_text("Mika closed it: It works")


def test_a_reply_is_taken_back_within_ten_seconds(at_desk, ask):
    ask("Can you take it back?")
    mika = at_desk().open("Can you take it back?")
    mika.box.fill("A slip of the pen")
    mika.press("Control+Enter")
    expect(mika.page.locator(".undo")).to_contain_text("about to be sent")
    expect(mika.box).to_have_value("")
    mika.box.fill("And this since")
    mika.page.get_by_role("button", name="Take it back").click()
    expect(mika.box).to_have_value("A slip of the pen\n\nAnd this since")
    expect(mika.page.locator(".undo")).to_have_count(0)
    expect(mika.story.locator(".entry.staff")).to_have_count(0)


def test_a_reply_leaves_by_itself(at_desk, ask):
    ask("Does it leave by itself?")
    mika = at_desk().open("Does it leave by itself?")
    mika.box.fill("It does.")
    mika.press("Control+Enter")
    expect(mika.page.locator(".undo")).to_be_visible()
    expect(mika.story.locator(".entry.staff")).to_contain_text("It does.", timeout=20_000)
    expect(mika.page.locator(".undo")).to_have_count(0)


def test_what_was_typed_is_there_after_a_reload(at_desk, ask):
    ask("Is my draft kept?")
    mika = at_desk().open("Is my draft kept?")
    mika.page.get_by_text("Private note", exact=True).click()
    mika.box.press_sequentially("Half a thought")
    expect(mika.page.locator("#draft-state")).to_have_text("Draft kept")
    mika.page.reload()
    expect(mika.box).to_have_value("Half a thought")
    # A note stays a note, so that it is not sent by mistake.
    expect(mika.page.get_by_role("radio", name="Private note")).to_be_checked()


def test_two_take_the_same_ticket_and_one_is_told(at_desk, ask):
    reference = ask("Who has me?")
    mika, ken = at_desk(), at_desk(name="Ken")
    for one in (mika, ken):
        one.open("Who has me?")
    # Ken's page has not heard of it yet when he presses the same button.
    ken.page.route("**/case", lambda route: route.abort())
    mika.page.get_by_role("button", name="Take").click()
    expect(mika.page.get_by_role("button", name="Release")).to_be_visible()
    ken.box.fill("What I have typed")
    ken.page.get_by_role("button", name="Take").click()
    expect(ken.toasts).to_contain_text("Mika has just taken this ticket.")
    expect(ken.box).to_have_value("What I have typed")
    assert reference in ken.head.inner_text()


def test_colleagues_see_who_looks_and_who_writes(at_desk, ask):
    ask("Who looks at me?")
    mika, ken = at_desk(), at_desk(name="Ken")
    mika.open("Who looks at me?")
    ken.open("Who looks at me?")
    expect(mika.page.locator("#lookers")).to_contain_text("Ken is looking")
    ken.box.press_sequentially("I think")
    expect(mika.page.locator("#lookers")).to_contain_text("Ken is writing")
    ken.go("/desk")
    expect(mika.page.locator("#lookers")).not_to_contain_text("Ken")


def test_the_console_comes_back_by_itself_after_a_restart(at_desk, ask):
    ask("Are you still there?")
    mika = at_desk().open("Are you still there?")
    mika.box.fill("Half an answer")
    mika.desk.wait(mika.desk.gateway.stop())
    expect(mika.page.locator(".live")).to_have_attribute("data-state", "lost")
    mika.desk.wait(mika.desk.gateway.start())
    expect(mika.page.locator(".live")).to_have_attribute("data-state", "live", timeout=30_000)
    expect(mika.box).to_have_value("Half an answer")
    mika.reply("Still here.")


def test_shortcuts_can_be_switched_off(at_desk):
    mika = at_desk().go("/desk?view=all")
    mika.press("?")
    mika.page.get_by_role("checkbox", name="Shortcuts are on").uncheck()
    mika.press("Escape", "g", "m", "?")
    expect(mika.page.get_by_role("dialog")).to_have_count(0)
    expect(mika.page).to_have_url(re.compile("view=all"))
    mika.go("/desk?view=all")
    mika.press("g", "m")
    expect(mika.page).to_have_url(re.compile("view=all"))
    # Everything is reachable otherwise, the list of them, too.
    mika.page.get_by_role("button", name="Keyboard shortcuts").click()
    mika.page.get_by_role("checkbox", name="Shortcuts are on").check()
    mika.press("Escape", "g", "m")
    expect(mika.page).to_have_url(re.compile("view=mine"))


def test_the_queue_stays_under_the_fingers_while_it_changes(at_desk, ask):
    ask("The one in hand")
    mika = at_desk().go("/desk?view=all")
    link = mika.row("The one in hand").locator("[data-open]")
    link.focus()
    ask("The one that comes")
    expect(mika.row("The one that comes")).to_be_visible()
    expect(link).to_be_focused()


def test_a_letter_is_registered_and_found_again(at_desk):
    mika = at_desk().go("/desk")
    mika.press("c")
    mika.page.get_by_label("Name").fill("Taro Demo")
    mika.page.get_by_role("textbox", name="E-mail").fill("taro.demo@mail.example")
    mika.page.get_by_label("What they want").fill("Please delete the file of my late mother.")
    mika.page.get_by_role("button", name="Register", exact=True).click()
    expect(mika.toasts).to_contain_text("Registered.")
    expect(mika.story).to_contain_text("Please delete the file of my late mother.")
    reference = mika.page.locator("#ticket-head .ref").inner_text()
    # By the person, without their address in any address of a page.
    mika.press("/")
    mika.page.locator("#q").fill("taro.demo@mail.example")
    mika.press("Enter")
    expect(mika.page.locator(".hits")).to_contain_text(reference)
    assert "taro" not in mika.page.url
    # And by its reference, straight.
    mika.page.locator("#q").fill(reference.lower().replace("-", ""))
    mika.press("Enter")
    expect(mika.page).to_have_url(re.compile(f"/desk/tickets/{reference}"))


def test_the_contact_is_shown_when_somebody_asks_to_see_it(at_desk):
    mika = at_desk().go("/desk/register")
    mika.page.get_by_label("Telephone").fill("03-1234-5678")
    mika.page.get_by_label("What they want").fill("Please call me back about my contact.")
    mika.page.get_by_role("button", name="Register", exact=True).click()
    expect(mika.page.locator("#case")).not_to_contain_text("1234")
    mika.page.get_by_role("link", name="Show").click()
    expect(mika.page.get_by_label("Telephone")).to_have_value(re.compile("1234"))


PAGES = ["/desk?view=all", "/desk?view=waiting", "/desk/search", "/desk/register", "/desk/shift", "/desk/nowhere"]


@pytest.mark.parametrize("locale", ["en", "ja"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_barrier(at_desk, ask, find_barriers, theme, locale):
    ticket = ask(f"Barriers {theme} {locale}?")
    mika = at_desk("supervisor", companies=("jcom", "cuc"), locale=locale, color_scheme=theme)
    for path in (*PAGES, f"/desk/tickets/{ticket}", f"/desk/tickets/{ticket}/assign"):
        mika.page.goto(mika.desk.url + path)
        assert find_barriers(mika.page) == [], path
    mika.page.goto(f"{mika.desk.url}/desk/tickets/{ticket}")
    mika.page.locator("#tab-policy").click()
    expect(mika.page.locator("#policy .fact").first).to_be_visible()
    mika.page.locator("#act-close").click()
    assert find_barriers(mika.page) == []
    mika.page.keyboard.press("Escape")
    mika.page.locator("[data-opens=shortcuts]").click()
    assert find_barriers(mika.page) == []


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_runs_over_the_edge(at_desk, ask, width):
    """640 is a display of 1280 at 200 %."""
    ticket = ask(f"How narrow is {width}?")
    mika = at_desk("supervisor", companies=("jcom", "cuc"), width=width, height=700)
    for path in (*PAGES, f"/desk/tickets/{ticket}"):
        mika.page.goto(mika.desk.url + path)
        assert mika.page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_what_is_begun_beside_the_story_outlasts_a_refresh(at_desk, ask):
    ask("Is my contact kept?")
    mika, ken = at_desk().open("Is my contact kept?"), at_desk("supervisor", name="Ken").open("Is my contact kept?")
    mika.page.get_by_role("link", name="Add").click()
    mika.page.get_by_label("Name").fill("Taro Demo")
    mika.page.get_by_label("Subject").fill("Half a subject")
    ken.page.get_by_label("Priority").select_option("High")
    expect(mika.story).to_contain_text("Ken set the priority: High")
    expect(mika.page.get_by_label("Priority")).to_have_value("2")
    expect(mika.page.get_by_label("Name")).to_have_value("Taro Demo")
    expect(mika.page.get_by_label("Subject")).to_have_value("Half a subject")
    mika.page.locator("#contact").get_by_role("button", name="Save").click()
    expect(mika.toasts).to_contain_text("Saved.")


def test_what_was_typed_outlasts_the_session(at_desk, ask):
    ask("Is my session over?")
    mika = at_desk().open("Is my session over?")
    mika.desk.do(lambda db: mika.desk.core.sessions.end_all(db, mika.who.id))
    mika.box.fill("Written too late")  # at once: the page hears of the end by itself before long
    expect(mika.page.locator("#draft-state")).to_have_text("Draft not kept yet")
    mika.press("Control+Enter")
    expect(mika.page).to_have_url(re.compile("/desk/sign-in"))
    _, token = mika.desk.do(lambda db: mika.desk.core.sessions.open(db, mika.who.person, "again", now()))
    mika.page.context.add_cookies([{"name": "desk", "value": token, "url": f"{mika.desk.url}/desk"}])
    mika.open("Is my session over?")
    expect(mika.box).to_have_value("Written too late")


def test_whoever_takes_one_after_the_other_keeps_their_place(at_desk, ask):
    for number in (1, 2):
        ask(f"Take me one after the other, {number}")
    mika = at_desk().go("/desk?view=unassigned")
    first = mika.row("Take me one after the other, 1")
    first.locator("[data-open]").focus()
    place = [row.inner_text() for row in mika.rows.all()].index(first.inner_text())
    mika.press("t")
    expect(first).to_have_count(0)
    expect(mika.rows.nth(place).locator("[data-open]")).to_be_focused()


def test_a_ticket_is_tagged_linked_and_merged_beside_its_story(at_desk, ask):
    ask("The first of two")
    other = ask("The second of two")
    mika = at_desk().open("The first of two")
    mika.page.locator("#new-tag").fill("moved")
    mika.press("Enter")
    expect(mika.page.locator(".tags .chip")).to_contain_text("moved")
    expect(mika.page.locator("#new-tag")).to_have_value("")
    mika.page.get_by_role("button", name="Remove the tag moved").click()
    expect(mika.page.locator(".tags .chip")).to_have_count(0)
    mika.page.locator("#new-tag").fill("mo")
    expect(mika.page.locator("#known-tags option")).to_have_count(0)
    mika.page.locator("#other-ticket").fill(other)
    mika.page.get_by_role("button", name="Link", exact=True).click()
    expect(mika.page.locator(".related")).to_contain_text("The second of two")
    mika.page.on("dialog", lambda asked: asked.accept())
    mika.page.locator("#other-ticket").fill(other)
    mika.page.get_by_role("button", name="Merge", exact=True).click()
    expect(mika.page).to_have_url(re.compile(other))
    expect(mika.story).to_contain_text("The first of two")


def test_ready_replies_come_at_a_slash(at_desk, ask):
    reference = ask("Is there a ready reply?")
    mika = at_desk()
    greeting = CannedReply("", "jcom", "en", "hello", "A greeting", "Good day, this is {agent_name} about {reference}.")
    mika.desk.do(lambda db: mika.desk.core.canned.add(db, greeting))
    mika.open("Is there a ready reply?")
    mika.box.press_sequentially("/hel")
    expect(mika.page.get_by_role("option", name="A greeting")).to_be_visible()
    mika.press("Enter")
    expect(mika.box).to_have_value(f"Good day, this is Mika about {reference}.")
    assert mika.page.locator(".undo").count() == 0


def test_a_call_is_told_wherever_mika_is(at_desk, ask):
    mika = at_desk().go("/desk/search")
    ask("Does anybody hear me?")
    call = mika.toasts.locator(".toast").filter(has_text="A customer is waiting")
    expect(call).to_be_visible()
    call.get_by_role("link", name="Open").click()
    expect(mika.head).to_contain_text("Does anybody hear me?")


def test_colours_are_chosen_in_the_menu_and_kept(at_desk):
    mika = at_desk(color_scheme="light").go("/desk")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = mika.page.evaluate(ground)
    mika.page.locator("details.menu:has(.avatar) > summary").click()
    mika.page.get_by_role("button", name="Dark").click()
    assert mika.page.evaluate(ground) != light
    dark = mika.page.evaluate(ground)
    mika.go("/desk/search")
    assert mika.page.evaluate(ground) == dark


def test_files_are_dropped_and_go_along(at_desk, hana):
    hana.ask("May I see the form?")
    hana.say("A person, please")
    mika = at_desk().open("May I see the form?")
    mika.page.locator("#files").set_input_files({"name": "form.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 a form"})
    expect(mika.page.locator("#enclosed")).to_contain_text("form.pdf")
    mika.reply("Here it is")
    expect(hana.log).to_contain_text("form.pdf")
    mika.page.locator("#files").set_input_files({"name": "virus.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"})
    expect(mika.toasts).to_contain_text("Only pictures")
