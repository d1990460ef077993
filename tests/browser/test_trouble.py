"""The network, the desk or the customer is in trouble; nothing is lost, and the customer knows where things stand."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Request, Route, expect

from .chat import FEE, MESSAGES, Chat

pytestmark = [pytest.mark.browser, pytest.mark.product]

DELAYED = "Your message is kept; the answer follows."


def refuse(route: Route, status: int, detail: str, **headers: str) -> None:
    """The desk's problem document, as a page of another origin may read it."""
    route.fulfill(
        status=status,
        content_type="application/problem+json",
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        body=json.dumps({"title": "Refused", "status": status, "detail": detail}),
    )


class Posts:
    """The messages that the widget posts, each handled by the next of the given ways; the last one goes on."""

    def __init__(self, chat: Chat, *ways):
        self.sent: list[Request] = []
        self._ways = list(ways)
        chat.page.route(MESSAGES, self._take)

    def _take(self, route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        self.sent.append(route.request)
        way = self._ways.pop(0) if len(self._ways) > 1 else self._ways[0]
        return way(route)

    @property
    def ids(self) -> set[str]:
        return {request.post_data_json["client_message_id"] for request in self.sent}


def pass_on(route: Route) -> None:
    route.continue_()


def lose_answer(route: Route) -> None:
    """The desk gets the message, but its answer is lost on the way."""
    route.fetch()
    route.abort()


def test_an_answer_that_is_delayed_comes_over_the_stream(hana: Chat):
    def delay(route: Route) -> None:
        route.fetch()  # the desk has the message and works on it
        refuse(route, 503, DELAYED)

    posts = Posts(hana, delay, delay)
    hana.open().say(FEE)
    expect(hana.notes).to_have_text(DELAYED)
    expect(hana.answers).to_have_count(1)
    expect(hana.answers.first).to_contain_text("1,100")
    expect(hana.own).to_have_count(1)
    assert len(posts.ids) == 1


def test_an_answer_that_is_delayed_comes_without_a_stream_too(hana: Chat):
    hana.page.route_web_socket(re.compile("/stream"), lambda socket: socket.close())
    hana.page.reload()
    posts = Posts(hana, lambda route: refuse(route, 503, DELAYED), pass_on)
    hana.open().say(FEE)
    expect(hana.notes).to_have_text(DELAYED)
    expect(hana.answers).to_have_count(1)
    expect(hana.own).to_have_count(1)
    assert len(posts.ids) == 1


def test_a_message_whose_answer_was_lost_is_sent_again_as_the_same(hana: Chat):
    posts = Posts(hana, lose_answer, lose_answer, pass_on)
    hana.open().say(FEE)
    expect(hana.answers).to_have_count(1)
    expect(hana.own).to_have_count(1)
    expect(hana.own.locator(".status")).to_have_count(0)
    assert len(posts.ids) == 1


def test_hana_writes_in_a_tunnel_and_is_answered_after_it(hana: Chat):
    hana.open().ask(FEE)
    hana.page.context.set_offline(True)
    expect(hana.panel.get_by_text("Reconnecting")).to_be_visible()
    hana.say("How do I pay it?")
    expect(hana.own.last.locator(".status")).to_contain_text("Trying again")
    hana.page.context.set_offline(False)
    expect(hana.answers).to_have_count(2)
    expect(hana.own).to_have_count(2)
    expect(hana.own.last.locator(".status")).to_have_count(0)
    expect(hana.panel.get_by_text("Reconnecting")).to_be_hidden()


def test_a_message_that_is_too_much_at_once_stays_in_the_box(hana: Chat):
    Posts(hana, lambda route: refuse(route, 429, "Too many messages.", Retry_After="7"), pass_on)
    hana.open().say(FEE)
    expect(hana.panel.get_by_role("alert").first).to_contain_text("7 seconds")
    expect(hana.box).to_have_value(FEE)
    expect(hana.own).to_have_count(0)
    hana.box.press("Enter")
    expect(hana.answers).to_have_count(1)
    expect(hana.panel.get_by_role("alert").first).to_have_text("")


def test_a_message_that_the_desk_finds_too_long_stays_in_the_box(hana: Chat):
    Posts(hana, lambda route: refuse(route, 413, "At most 4,000 characters."))
    hana.open().say(FEE)
    expect(hana.panel.get_by_role("alert").first).to_contain_text("4,000 characters")
    expect(hana.box).to_have_value(FEE)
    expect(hana.own).to_have_count(0)


def test_a_chat_that_the_desk_has_forgotten_goes_on_as_a_new_one(hana: Chat):
    hana.open().ask(FEE)
    hana.page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find((name) => name.startsWith("desk-chat "));
            localStorage.setItem(key, JSON.stringify({...JSON.parse(localStorage[key]), token: "not-the-key"}));
        }"""
    )
    hana.page.reload()
    hana.open()
    expect(hana.notes).to_contain_text("This is a new one")
    hana.ask(FEE)
    expect(hana.own).to_have_count(1)


def test_a_chat_that_ends_while_hana_writes_takes_her_words_along(hana: Chat):
    hana.open().ask(FEE)
    Posts(hana, lambda route: refuse(route, 404, "There is no such conversation."), pass_on)
    hana.say("How do I pay it?")
    expect(hana.notes).to_contain_text("This is a new one")
    expect(hana.own).to_have_count(1)
    expect(hana.own).to_contain_text("How do I pay it?")
    expect(hana.answers).to_have_count(1)
