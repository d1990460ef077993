"""The stories of the demonstration are sound, and fit every company there is or will be."""

from __future__ import annotations

import random

import pytest

from bot.demo.case import Case
from bot.demo.stories import Stories, list_topics, read_stories
from bot.desk.contacts import contact_key
from bot.desk.person import Role
from bot.desk.ticket import PRIORITIES, REASONS


@pytest.fixture(scope="module")
def stories() -> Stories:
    return read_stories()


def test_they_speak_of_topics_that_the_catalogue_has(stories, library):
    assert list_topics(stories, library) == set()


def test_every_company_has_several_in_each_language(stories, library):
    for company in library.companies():
        for locale in ("en", "ja"):
            fitting = [story for story in stories.conversations if story.locale == locale and story.fits(company)]
            assert len(fitting) >= 4, (company.key, locale)


def test_none_names_a_company(stories, library):
    texts = [str(step.value) for story in (*stories.conversations, *stories.registered) for step in story.steps]
    for text in (*texts, *(story.text for story in stories.registered)):
        assert not [company.key for company in library.companies() if company.named_in(text)], text


def test_everything_that_happens_in_them_can_happen(stories):
    for story in (*stories.conversations, *stories.registered):
        for step in story.steps:
            assert hasattr(Case, f"_{step.kind}"), (story.key, step.kind)
            if step.kind == "open":
                assert step.value in REASONS
            if step.kind == "priority":
                assert step.value in range(len(PRIORITIES))


def test_staff_act_only_on_what_somebody_has(stories):
    for story in (*stories.conversations, *stories.registered):
        kinds = [step.kind for step in story.steps]
        for kind in ("note", "reply", "close", "wait", "merge", "link"):
            if kind in kinds:
                assert "take" in kinds[: kinds.index(kind)], (story.key, kind)


def test_what_follows_another_story_follows_one_that_is_there(stories):
    keys = {story.key for story in stories.conversations}
    assert {story.follows for story in stories.registered} - {""} <= keys


def test_every_role_has_somebody(stories):
    assert {Role(role) for row in stories.people for role in row["roles"]} == set(Role)


def test_the_customers_are_nobody(stories):
    for locale in ("en", "ja"):
        customer = stories.invent_customer(random.Random(1), locale)
        assert customer.email.endswith(".example")
        assert customer.phone.startswith("000-")  # no exchange begins so
        assert contact_key(customer.contact(["phone"]))
