"""What Hana sees and can do in the widget while a person has her case, by mouse and by keyboard, in both languages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.casework.casework import CASEWORK, Casework
from bot.delivery.services import SERVICES, Services
from bot.desk.person import Person
from bot.desk.reply import Draft
from bot.desk.ticket import Ticket
from tests.support.live_desk import LiveDesk

from .chat import Chat

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 200


@pytest.fixture(scope="module")
def desk(tmp_path_factory, library) -> Iterator[LiveDesk]:
    desk = LiveDesk.empty(tmp_path_factory.mktemp("handoff"), library)
    desk.start()
    yield desk
    desk.stop()


class Clerk:
    """Somebody of the desk without a browser."""

    def __init__(self, desk: LiveDesk, person: Person):
        self.desk = desk
        self.person = person

    @property
    def services(self) -> Services:
        return self.desk.gateway.app[SERVICES]

    @property
    def casework(self) -> Casework:
        return self.desk.gateway.app[CASEWORK]

    def on_loop(self, act: Callable):
        async def run():
            return act()

        return self.desk.wait(run())

    def comes(self) -> None:
        self.on_loop(lambda: self.services.presence.enter(self.person, self.person.id))

    def goes(self) -> None:
        self.on_loop(lambda: self.services.presence._seats.clear())

    @property
    def ticket(self) -> Ticket:
        """The newest."""
        return self.desk.do(lambda db: max(self.desk.core.tickets.list(db), key=lambda one: (one.opened_at, one.id)))

    def take(self, ticket: Ticket) -> None:
        self.desk.wait(self.casework.tickets.take(self.person, ticket.id))

    def reply(self, ticket: Ticket, text: str, files: dict[str, bytes] | None = None) -> None:
        async def send() -> None:
            kept = [await self.casework.files.upload(self.person, ticket.id, name, body) for name, body in (files or {}).items()]
            draft = Draft(text, attachments=tuple(file.id for file in kept))
            held = await self.casework.replies.send(self.person, ticket.id, draft, f"form {text}")
            await self.casework.replies.send_now(self.person, ticket.id, held.id)

        self.desk.wait(send())

    def hand_back(self, ticket: Ticket, settled: str = "") -> None:
        self.desk.wait(self.casework.replies.hand_back(self.person, ticket.id, settled))

    def close(self, ticket: Ticket, settled: str = "") -> None:
        self.desk.wait(self.casework.closing.close(self.person, ticket.id, settled))


@pytest.fixture
def keiko(desk: LiveDesk) -> Iterator[Clerk]:
    keiko = Clerk(desk, desk.staff(name="Keiko Mori").person)
    keiko.comes()
    yield keiko
    keiko.goes()
    for ticket in desk.do(desk.core.tickets.list):
        keiko.close(ticket)


@pytest.fixture
def customer(desk: LiveDesk, open_browser: Callable[..., BrowserContext]) -> Callable[..., Chat]:
    """A customer of JCOM with the chat open."""

    def come(locale: str = "en-US", **wishes: object) -> Chat:
        page = open_browser(locale=locale, **wishes).new_page()
        page.goto(f"{desk.url}/demo/jcom")
        return Chat(page).open()

    return come


def strip(chat: Chat):
    return chat.panel.locator(".strip:not(.lost)")


def call(chat: Chat, text: str = "A person, please") -> None:
    chat.say(text)
    expect(strip(chat)).to_be_visible()


def test_hana_sees_that_a_person_is_called_comes_writes_and_goes(customer, keiko):
    hana = customer()
    call(hana)
    expect(strip(hana)).to_contain_text("A person is being called · you are next · reference")
    expect(hana.panel.locator(".subtitle")).to_have_text("A person is being called")
    ticket = keiko.ticket
    keiko.take(ticket)
    expect(hana.notes.last).to_contain_text("Keiko from J:COM Customer Center has joined the chat.")
    expect(strip(hana)).to_contain_text("A person has your case")
    expect(hana.panel.locator(".subtitle")).to_have_text("A person is answering")
    keiko.on_loop(lambda: keiko.services.presence.types(keiko.person, ticket))
    expect(hana.panel.locator(".typing")).to_contain_text("Keiko is writing…")
    keiko.reply(ticket, "Good day!")
    said = hana.log.locator(".turn.staff")
    expect(said.locator(".sender")).to_have_text("Keiko · desk staff")
    expect(said).to_contain_text("Good day!")
    expect(hana.panel.locator(".typing")).to_be_hidden()
    keiko.hand_back(ticket, "the fee is 1,100 yen.")
    expect(hana.notes.last).to_contain_text("What was settled: the fee is 1,100 yen.")
    expect(hana.panel.locator(".subtitle")).to_have_text("Automated assistant")
    hana.ask("And the tax?")


def test_the_last_words_stay_in_sight_when_the_case_takes_its_room(desk, customer):
    hana = customer()
    for number in range(4):
        hana.ask(f"A question that takes some lines, so that the chat is longer than its window, number {number}")
    call(hana)  # nobody is there, so she is told at some length where the answer will come
    expect(hana.panel.get_by_role("button", name="Leave an e-mail address")).to_be_visible()
    scroller = hana.panel.locator(".scroller")
    expect(hana.notes.last).to_be_in_viewport(ratio=1)
    assert scroller.evaluate("it => it.scrollHeight - it.scrollTop - it.clientHeight") < 2


def test_how_many_are_ahead_goes_down_before_her_eyes(desk, customer, keiko):
    async def others() -> list[Ticket]:
        chats = [await desk.gateway.open("jcom") for _ in range(2)]
        return [(await chat.say("A person, please")).body["state"]["ticket"]["reference"] for chat in chats]

    references = desk.wait(others())
    hana = customer()
    call(hana)
    expect(strip(hana)).to_contain_text("2 people are ahead of you")
    for reference, told in zip(references, ("one person is ahead of you", "you are next"), strict=True):
        keiko.take(desk.do(lambda db, one=reference: desk.core.tickets.find_by_reference(db, one)))
        expect(strip(hana)).to_contain_text(told)
    expect(hana.notes).to_have_count(1)


def test_keiko_sees_what_hana_types_while_she_has_the_chat_and_hana_is_told_so(desk, customer, keiko):
    hana = customer()
    expect(hana.panel.locator(".intro")).to_contain_text("the desk also sees what you are typing; that is not kept")
    call(hana)
    keiko.take(keiko.ticket)
    expect(hana.panel.locator("#seen")).to_have_text("The desk sees what you type while a person has the chat.")
    heard: list[str] = []

    async def listen() -> None:
        with keiko.services.feed.listen(lambda happening: happening.kind == "typing") as queue:
            while not heard or heard[-1] != "":
                heard.append((await asyncio.wait_for(queue.get(), 20)).data["text"])

    listening = asyncio.run_coroutine_threadsafe(listen(), desk.loop)
    hana.box.press_sequentially("My number is 12", delay=40)
    hana.page.wait_for_timeout(900)
    hana.box.press("Enter")
    listening.result(30)
    assert "My number is 12" in heard
    assert len(heard) <= 5


def test_hana_leaves_an_address_by_keyboard_and_hears_that_it_was_taken(desk, customer, keiko):
    keiko.goes()
    hana = customer()
    call(hana)
    expect(strip(hana)).to_contain_text("Passed on to a person")
    expect(hana.notes.last).to_contain_text("nobody is free to come right now")
    hana.panel.get_by_role("button", name="Leave an e-mail address").focus()
    hana.page.keyboard.press("Enter")
    field = hana.panel.get_by_label("Your e-mail address")
    expect(field).to_be_focused()
    hana.page.keyboard.type("hana")
    hana.page.keyboard.press("Enter")
    told = hana.panel.locator(".told")
    expect(told).to_contain_text("does not look like an e-mail address")
    expect(field).to_be_focused()
    hana.page.keyboard.type("@example.com")
    hana.page.keyboard.press("Enter")
    expect(told).to_have_text("Thank you. You will be told by e-mail as well.")
    expect(told).to_have_role("status")
    expect(hana.panel.get_by_role("button", name="Change")).to_be_focused()
    assert keiko.ticket.contact.email == "hana@example.com"
    hana.page.reload()
    Chat(hana.page).open()
    expect(hana.panel.locator(".case")).to_contain_text("You are told by e-mail, too.")


def test_hana_sends_a_file_and_takes_another_back(desk, customer, keiko):
    hana = customer()
    expect(hana.panel.get_by_role("button", name="Add a file")).to_be_hidden()
    call(hana)
    keiko.take(keiko.ticket)
    clip = hana.panel.get_by_role("button", name="Add a file")
    with hana.page.expect_file_chooser() as chooser:
        clip.click()
    chooser.value.set_files(
        [
            {"name": "passport.png", "mimeType": "image/png", "buffer": PNG},
            {"name": "cat.png", "mimeType": "image/png", "buffer": PNG},
        ]
    )
    chosen = hana.panel.locator(".files li")
    expect(chosen).to_have_count(2)
    expect(chosen.first).to_contain_text("kB")
    hana.panel.get_by_role("button", name="Remove cat.png").click()
    expect(chosen).to_have_count(1)
    hana.panel.get_by_role("button", name="Send").click()
    sent = hana.own.last
    expect(sent).to_contain_text("passport.png")
    expect(sent.locator(".bubble")).to_have_count(0)
    expect(chosen).to_have_count(0)
    ticket = keiko.ticket
    files = desk.do(lambda db: desk.core.attachments.list(db, ticket.conversation))
    assert [(file.name, file.message is not None) for file in files] == [("passport.png", True)]


def test_a_file_that_is_none_of_those_taken_is_refused_in_words(customer, keiko):
    hana = customer()
    call(hana)
    with hana.page.expect_file_chooser() as chooser:
        hana.panel.get_by_role("button", name="Add a file").click()
    chooser.value.set_files([{"name": "letter.png", "mimeType": "image/png", "buffer": b"MZ program"}])
    expect(hana.panel.get_by_role("alert").filter(has_text="JPEG, PNG")).to_be_visible()
    expect(hana.panel.locator(".files li")).to_have_count(0)


def test_hana_saves_a_file_that_the_desk_has_sent(customer, keiko):
    hana = customer()
    call(hana)
    keiko.reply(keiko.ticket, "Here is the form.", {"form.png": PNG})
    with hana.page.expect_download() as download:
        hana.panel.get_by_role("button", name="Save form.png").click()
    assert download.value.suggested_filename == "form.png"
    assert download.value.path().read_bytes() == PNG


def test_a_closed_case_is_rated_with_one_tap_and_opened_again_by_asking(customer, keiko):
    hana = customer()
    call(hana)
    ticket = keiko.ticket
    keiko.take(ticket)
    keiko.close(ticket, "all answered")
    expect(strip(hana)).to_contain_text("Your case is closed")
    bar = hana.panel.locator(".case")
    yes, no = bar.get_by_role("button", name="Yes"), bar.get_by_role("button", name="No", exact=True)
    yes.focus()
    hana.page.keyboard.press("Space")
    expect(yes).to_have_attribute("aria-pressed", "true")
    expect(yes).to_be_focused()
    expect(hana.panel.locator(".told")).to_have_text("Thank you for telling us.")
    no.click()
    expect(no).to_have_attribute("aria-pressed", "true")
    expect(yes).to_have_attribute("aria-pressed", "false")
    yes.click()
    expect(hana.panel.locator(".told")).to_contain_text("stays as it is")
    expect(hana.panel.get_by_role("button", name="Add a file")).to_be_hidden()
    hana.say("A person once more, please")
    expect(hana.notes.last).to_contain_text("Keiko, who has your case, is being called.")
    expect(strip(hana)).to_contain_text(f"A person has your case · reference {ticket.reference}")
    expect(bar.get_by_role("button", name="Yes")).to_have_count(0)


def test_the_rating_can_be_put_off(customer, keiko):
    hana = customer()
    call(hana)
    ticket = keiko.ticket
    keiko.close(ticket)
    hana.panel.get_by_role("button", name="Not now").click()
    expect(hana.panel.locator(".case")).to_be_hidden()
    expect(hana.box).to_be_focused()


def test_mika_reads_all_of_it_in_japanese(customer, keiko):
    mika = customer("ja-JP")
    mika.say("担当者と話したいです")
    expect(strip(mika)).to_contain_text("担当者を呼び出しています · 次にご案内します · 受付番号")
    ticket = keiko.ticket
    keiko.reply(ticket, "こんにちは。")
    expect(mika.log.locator(".turn.staff .sender")).to_have_text("Keiko（担当者）")
    expect(mika.panel.locator("#seen")).to_contain_text("入力中の文も窓口に表示されます")
    keiko.close(ticket)
    expect(mika.panel.locator(".case")).to_contain_text("お役に立ちましたか？")
    assert not re.search(r"[A-Za-z]{4,}", mika.panel.locator(".case").inner_text())


def barriers(find_barriers, page: Page) -> None:
    assert find_barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_barrier_in_any_state_of_a_case(customer, keiko, find_barriers, scheme, width):
    hana = customer(color_scheme=scheme, width=width)
    call(hana)
    barriers(find_barriers, hana.page)
    ticket = keiko.ticket
    keiko.reply(ticket, "Here is the form.", {"form.png": PNG})
    expect(hana.log.locator("button.file")).to_be_visible()
    with hana.page.expect_file_chooser() as chooser:
        hana.panel.get_by_role("button", name="Add a file").click()
    chooser.value.set_files([{"name": "passport.png", "mimeType": "image/png", "buffer": PNG}])
    expect(hana.panel.locator(".files li")).to_contain_text("kB")
    barriers(find_barriers, hana.page)
    keiko.hand_back(ticket)
    hana.panel.get_by_role("button", name="Leave an e-mail address").click()
    barriers(find_barriers, hana.page)
    hana.page.keyboard.press("Escape")
    keiko.close(ticket)
    expect(hana.panel.get_by_role("button", name="Not now")).to_be_visible()
    barriers(find_barriers, hana.page)
    assert hana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
