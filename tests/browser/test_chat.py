"""A customer asks, reads where the answer stands, goes away and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .chat import FEE, Chat

pytestmark = [pytest.mark.browser, pytest.mark.product]


def test_hana_is_told_whom_she_writes_to_before_her_first_word(hana: Chat):
    hana.open()
    expect(hana.panel).to_contain_text("automated assistant")
    expect(hana.panel).to_contain_text("stored encrypted")
    expect(hana.panel).to_contain_text("My Number")
    expect(hana.panel.get_by_role("button", name="Talk to a person").first).to_be_visible()
    assert hana.remembered == []


def test_hana_asks_and_is_answered_with_the_policys_words(hana: Chat):
    answer = hana.open().ask(FEE)
    expect(hana.box).to_be_focused()
    expect(answer).to_contain_text("1,100")
    expect(answer.locator("time")).to_have_count(1)
    citation = answer.locator("details").first
    expect(citation.locator("blockquote")).to_be_hidden()
    expect(citation.locator("summary")).to_contain_text("“")
    citation.locator("summary").click()
    expect(citation.locator("blockquote")).to_contain_text("1,100 yen")
    expect(citation.locator("summary")).to_contain_text("Disclosure")  # the heading that it stands under
    expect(citation).to_contain_text("version of 2020-04-01")


def test_hana_follows_a_citation_to_the_highlighted_clause(hana: Chat):
    citation = hana.open().ask(FEE).locator("details").first
    citation.locator("summary").click()
    quote = citation.locator("blockquote").inner_text()
    link = citation.get_by_role("link")
    assert "noopener" in (link.get_attribute("rel") or "")
    with hana.page.context.expect_page() as opened:
        link.click()
    policy = opened.value
    clause = policy.locator(".clause:target")
    expect(clause).to_be_in_viewport()
    # The plain address is left, to copy and share.
    assert re.search(r"/policies/jcom#c\d+$", policy.url)
    marked = policy.locator("mark").all_inner_texts()
    assert "".join("".join(marked).split()) == "".join(quote.split())


def test_hana_reloads_the_page_and_goes_on(hana: Chat):
    hana.open().ask(FEE)
    hana.page.reload()
    hana.open()
    expect(hana.own).to_have_count(1)
    expect(hana.answers).to_have_count(1)
    expect(hana.answers.first).to_contain_text("1,100")
    hana.ask("How do I pay it?")
    expect(hana.own).to_have_count(2)


def test_a_texts_words_are_never_kept_in_the_browser(hana: Chat):
    hana.open().ask(FEE)
    kept = " ".join(hana.remembered)
    assert '"token"' in kept
    assert "disclosure" not in kept


def test_a_shared_telephone_forgets_the_chat_with_its_tab(open_browser, shop_url: Callable[..., str]):
    context = open_browser()
    chat = Chat(context.new_page())
    chat.page.goto(shop_url('data-company="jcom" data-storage="session"'))
    chat.open().ask(FEE)
    assert chat.page.evaluate("localStorage.length") == 0
    address = chat.page.url
    chat.page.reload()
    expect(chat.open().own).to_have_count(1)
    chat.page.close()
    another = Chat(context.new_page())
    another.page.goto(address)
    expect(another.open().own).to_have_count(0)


def test_an_answer_that_comes_while_the_chat_is_closed_is_counted(hana: Chat):
    hana.open()
    with hana.slow_post() as release:
        hana.say(FEE)
    hana.close()
    release()
    expect(hana.launcher.locator(".badge")).to_have_text("1")
    expect(hana.launcher).to_have_accessible_name(re.compile("1 unread"))
    hana.page.reload()
    expect(hana.launcher.locator(".badge")).to_have_text("1")
    hana.open()
    hana.close()
    expect(hana.launcher.locator(".badge")).to_be_hidden()


def test_a_quick_reply_is_pressed_once(hana: Chat):
    answer = hana.open().ask("I want to make a complaint about how you handle my data.")
    buttons = answer.locator(".quick")
    expect(buttons.first).to_be_enabled()
    title = buttons.first.inner_text()
    before = hana.answers.count()
    buttons.first.click()
    expect(hana.own.last).to_contain_text(title)
    expect(buttons.first).to_be_disabled()
    expect(buttons.last).to_be_disabled()
    expect(hana.answers).to_have_count(before + 1)
    hana.page.reload()
    hana.open()
    expect(hana.answers.nth(before - 1).locator(".quick").first).to_be_disabled()


def test_hana_has_the_chat_forgotten(hana: Chat):
    hana.open().ask(FEE)
    hana.choose("Forget this chat")
    confirm = hana.panel.get_by_role("alertdialog")
    expect(confirm.get_by_role("button", name="Keep it")).to_be_focused()
    confirm.get_by_role("button", name="Keep it").click()
    expect(hana.own).to_have_count(1)
    hana.choose("Forget this chat")
    with hana.page.expect_response(lambda response: response.request.method == "DELETE") as forgotten:
        confirm.get_by_role("button", name="Forget it").click()
    assert forgotten.value.status == 204
    expect(hana.own).to_have_count(0)
    expect(hana.notes).to_have_text("This chat has been forgotten.")
    assert hana.remembered == []
    hana.page.reload()
    expect(hana.open().own).to_have_count(0)


def test_hana_takes_the_transcript_with_her(hana: Chat):
    answer = hana.open().ask(FEE)
    quote = answer.locator("blockquote").first.text_content() or ""
    with hana.page.expect_download() as saved:
        hana.choose("Download transcript")
    text = saved.value.path().read_text(encoding="utf-8-sig")
    assert saved.value.suggested_filename.startswith("chat-jcom-")
    assert FEE in text
    assert quote.split("\n")[0] in text
    assert "/policies/jcom#c" in text


def test_two_tabs_stay_in_step(hana: Chat):
    hana.open().ask(FEE)
    other = Chat(hana.page.context.new_page())
    other.page.goto(hana.page.url)
    expect(other.open().answers).to_have_count(1)
    other.ask("How do I pay it?")
    expect(hana.own).to_have_count(2)
    expect(hana.answers).to_have_count(2)
    expect(other.own).to_have_count(2)
    other.choose("Forget this chat")
    other.panel.get_by_role("button", name="Forget it").click()
    expect(hana.own).to_have_count(0)


def test_markup_stays_text(hana: Chat):
    text = "<img src=x onerror=\"document.title='taken'\"><b>fee</b> javascript:alert(1) https://example.com/a?b=1."
    hana.open().ask(text)
    expect(hana.own.first.locator(".bubble")).to_have_text(text)
    assert hana.own.first.locator("img, b").count() == 0
    links = hana.own.first.get_by_role("link")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", "https://example.com/a?b=1")
    expect(links).to_have_attribute("rel", re.compile("noopener"))
    assert "taken" not in hana.page.title()


def test_a_message_that_begins_with_a_slash_is_a_message(hana: Chat):
    hana.open().ask("/restart")
    expect(hana.own.first).to_contain_text("/restart")


def test_a_card_number_is_masked_in_hanas_own_words_too(hana: Chat):
    hana.open().ask("My card is 4111 1111 1111 1111, what does a disclosure cost?")
    expect(hana.own).to_have_count(1)
    expect(hana.own.first).not_to_contain_text("4111")
    expect(hana.notes.first).to_be_visible()


def test_a_message_may_be_long_but_not_longer_than_4000_characters(hana: Chat):
    hana.open()
    hana.box.fill("a" * 3599)
    expect(hana.panel.locator(".counter")).to_be_hidden()
    hana.box.fill("a" * 3990)
    expect(hana.panel.locator(".counter")).to_have_text("10 characters left")
    hana.box.fill("a" * 4001)
    expect(hana.panel.locator(".counter")).to_contain_text("1 characters too many")
    hana.box.press("Enter")
    expect(hana.panel.get_by_role("alert").first).to_contain_text("too long")
    expect(hana.box).to_have_value("a" * 4001)
    expect(hana.own).to_have_count(0)


def test_shift_and_enter_makes_a_new_line_and_composing_sends_nothing(hana: Chat):
    hana.open()
    hana.box.fill("one")
    hana.box.press("Shift+Enter")
    hana.box.press_sequentially("two")
    expect(hana.box).to_have_value("one\ntwo")
    hana.box.evaluate(
        "(box) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(hana.own).to_have_count(0)
