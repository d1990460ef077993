"""A topic, an intent, a rule and an action belong together: nobody can add one and forget another."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from rasa_sdk import Action

import actions
from actions.person import REASONS

ROOT = Path(__file__).resolve().parents[2]
DIALOGUE = ROOT / "bot" / "dialogue"
ENOUGH_EXAMPLES = 30
#: What Rasa itself knows an intent by.
OF_RASA = {"nlu_fallback"}


def read(folder: Path) -> list[dict]:
    return [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(folder.rglob("*.yml"))]


def domain(section: str) -> set[str]:
    found: set[str] = set()
    for file in read(DIALOGUE / "domain"):
        found |= {name if isinstance(name, str) else next(iter(name)) for name in file.get(section) or ()}
    return found


def examples() -> Counter:
    count: Counter = Counter()
    for file in read(ROOT / "nlu_data" / "intents"):
        for row in file["nlu"]:
            count[row["intent"]] += len(re.findall(r"^- \S", row["examples"], re.M))
    return count


def steps() -> list[dict]:
    return [step for file in read(DIALOGUE / "rules") for rule in file["rules"] for step in rule["steps"]]


def in_rules(kind: str) -> set[str]:
    alternatives = [one for step in steps() for one in step.get("or", [step])]
    return {one[kind] for one in alternatives if kind in one}


@pytest.fixture(scope="module")
def action_classes() -> dict[str, type[Action]]:
    found = {}
    for module in pkgutil.iter_modules(actions.__path__):
        if module.name == "__main__":
            continue
        for _, kind in inspect.getmembers(importlib.import_module(f"actions.{module.name}"), inspect.isclass):
            if issubclass(kind, Action) and not inspect.isabstract(kind) and kind is not Action:
                found[kind().name()] = kind
    return found


def test_every_topic_has_an_intent_and_every_such_intent_a_topic(library):
    asking = {intent.removeprefix("ask_") for intent in domain("intents") if intent.startswith("ask_")}
    assert asking - {"human", "identity", "capabilities", "language"} == set(library.topics)


def test_every_intent_is_taught_by_enough_examples():
    taught = examples()
    assert {intent: taught[intent] for intent in domain("intents") if taught[intent] < ENOUGH_EXAMPLES} == {}


def test_nothing_is_taught_that_the_domain_does_not_know():
    assert set(examples()) <= domain("intents")


def test_every_intent_has_a_rule_and_every_rule_an_intent():
    assert in_rules("intent") == domain("intents") | OF_RASA


def test_every_question_about_a_topic_is_answered_by_the_action_that_answers(library):
    for file in read(DIALOGUE / "rules"):
        for rule in file["rules"]:
            asked = {one.get("intent", "") for step in rule["steps"] for one in step.get("or", [step])}
            if any(intent.removeprefix("ask_") in library.topics for intent in asked):
                assert rule["steps"][-1] == {"action": "action_answer"}, rule["rule"]


def test_every_domain_action_has_a_class_and_every_class_is_in_the_domain(action_classes):
    assert set(action_classes) == domain("actions")


def test_every_action_of_a_rule_is_known(action_classes):
    assert in_rules("action") <= domain("actions") | domain("responses")


def test_every_action_says_what_it_does(action_classes):
    for name, kind in action_classes.items():
        assert kind.__doc__ and kind.__doc__ != Action.__doc__, name


def test_every_response_is_used_and_there_in_english_and_japanese():
    said = {}
    for file in read(DIALOGUE / "domain"):
        said |= file.get("responses") or {}
    assert set(said) == {action for action in in_rules("action") if action.startswith("utter_")}
    for name, variations in said.items():
        plain = [one for one in variations if "condition" not in one]
        in_japanese = [{"type": "slot", "name": "locale", "value": "ja"}]
        japanese = [one for one in variations if one.get("condition") == in_japanese]
        assert (len(plain), len(japanese)) == (1, 1), name
        assert re.search(r"[\u3040-\u30ff]", japanese[0]["text"]), name
        for one in variations:
            assert set(re.findall(r"\{(\w+)\}", one["text"])) <= {"company_name"}, name


def test_what_a_person_is_offered_for_has_words_of_ours(library):
    for reason in {*REASONS.values(), "again"}:
        assert f"offer_{reason}" in library.wording


def test_every_kind_of_request_can_be_started_and_is_called_something(library):
    kinds = {intent.removeprefix("start_") for intent in domain("intents") if intent.startswith("start_")}
    assert kinds == {key.removeprefix("kind_") for key in library.wording if key.startswith("kind_")}
    for company in library.companies():
        assert set(company.requests) <= kinds


def test_every_entity_that_an_answer_asks_for_can_be_found_in_a_message(library):
    """A variant for a value that no lookup or synonym gives would never be said."""
    known: dict[str, set[str]] = {}
    for path in sorted((ROOT / "nlu_data" / "synonyms").glob("*.yml")):
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        known[path.stem] = {row["synonym"] for row in rows if "synonym" in row}
    assert set(known) == domain("entities")
    for company in library.companies():
        for topic, fact in company.facts.items():
            for variant in fact.variants:
                for entity, values in variant.when.items():
                    assert values <= known[entity], (company.key, topic, entity, values - known[entity])
    for rule in library.follow_ups:
        assert set(rule.get("values", ())) <= known.get(rule.get("mentions", ""), set()), rule


@pytest.mark.parametrize("locale", ["ja"])
def test_the_topics_about_fees_are_taught_in_japanese_too(library, locale):
    file = ROOT / "nlu_data" / "intents" / f"fees.{locale}.yml"
    taught = {row["intent"] for row in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]}
    assert taught == {f"ask_{key}" for key, topic in library.topics.items() if topic.group == "fees"}
