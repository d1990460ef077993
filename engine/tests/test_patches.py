"""The patches make Rasa quicker and nothing else."""

import json

import pytest
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from engine import patches


@pytest.fixture(scope="module")
def stock():
    """Rasa's own functions, from before the patches."""
    return {"possible": RulePolicy.__dict__["_get_possible_keys"], "resolve": Event.__dict__["resolve_by_type"].__func__}


@pytest.fixture(scope="module", autouse=True)
def patched(stock):
    patches.apply()


def rule(*states):
    return json.dumps(list(states), sort_keys=True)


LISTEN = {"prev_action": {"action_name": "action_listen"}}
OFFERED = {"slots": {"offered_person": [1.0]}}
LOOKUP = {
    rule({**LISTEN, "user": {"intent": "greet"}}): "utter_greet",
    rule({**LISTEN, "user": {"intent": "affirm"}}): "utter_anything_else",
    rule({**LISTEN, **OFFERED, "user": {"intent": "affirm"}}): "action_open_ticket",
    rule({**LISTEN, "user": {"intent": "greet"}}, {"prev_action": {"action_name": "utter_greet"}}): "action_listen",
    rule({}): "action_listen",
}


@pytest.mark.parametrize("intent", ["greet", "affirm", "ask_phone", None])
@pytest.mark.parametrize("offered", [False, True])
@pytest.mark.parametrize("last", ["action_listen", "utter_greet"])
def test_the_rules_that_apply_are_those_that_rasa_finds(stock, intent, offered, last):
    policy = RulePolicy.__new__(RulePolicy)
    policy.lookup = {RULES: LOOKUP}
    user = {"user": {"intent": intent}} if intent else {}
    slots = {"slots": {"offered_person": (1.0,)}} if offered else {}
    states = [{}, {**LISTEN, "user": {"intent": "thank"}}, {**LISTEN, **user, **slots}]
    if last != "action_listen":
        states.append({"prev_action": {"action_name": last}, **user, **slots})
    for length in range(1, len(states) + 1):
        some = states[:length]
        assert policy._get_possible_keys(LOOKUP, some) == stock["possible"](policy, LOOKUP, some)


DOMAIN = Domain.from_dict(
    {
        "intents": ["greet", "affirm", "thank"],
        "slots": {"offered_person": {"type": "bool", "influence_conversation": True, "mappings": [{"type": "custom"}]}},
        "responses": {"utter_greet": [{"text": "Hello"}]},
        "actions": ["action_open_ticket"],
    }
)


def said(intent):
    return [UserUttered(f"I {intent}", {"name": intent})]


def did(action):
    return [ActionExecuted(action), BotUttered("Well"), ActionExecuted("action_listen")]


GREETED = [ActionExecuted("action_listen"), *said("greet"), *did("utter_greet")]


@pytest.mark.parametrize(
    "happened",
    [
        [],
        [ActionExecuted("action_listen")],
        [ActionExecuted("action_listen"), *said("greet")],
        [*GREETED, SlotSet("offered_person", True), *said("affirm")],
        [*GREETED, *said("affirm"), ActionExecuted("action_open_ticket")],
        [*GREETED, Restarted(), *said("thank")],
        [*GREETED, *said("thank"), UserUtteranceReverted()],
        [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen"), *said("greet")],
    ],
)
def test_the_states_that_rules_look_at_are_rasas_last_ones(happened):
    tracker = DialogueStateTracker.from_events("hana", happened, slots=DOMAIN.slots)
    for count in range(1, 8):
        assert patches.recent_states(tracker, DOMAIN, count) == tracker.past_states(DOMAIN)[-count:]


@pytest.mark.parametrize("name", ["user", "bot", "slot", "action", "session_started", "active_loop", "restart"])
def test_every_event_is_still_the_same_event(stock, name):
    assert Event.resolve_by_type(name) is stock["resolve"](name)


def test_an_unknown_event_is_still_refused():
    with pytest.raises(ValueError):
        Event.resolve_by_type("no such event")


def test_actions_hear_of_two_turns_and_of_no_ranking():
    class Tracker:
        events = [event for number in range(5) for event in (
            UserUttered(f"turn {number}", {"name": "greet"}, parse_data={"intent_ranking": [1]}), ActionExecuted("action_listen"),
        )]

    sent = patches.recent_events(Tracker)
    assert [event["text"] for event in sent if event["event"] == "user"] == ["turn 3", "turn 4"]
    assert all("parse_data" not in event for event in sent)


def test_a_node_runs_behind_what_it_needs():
    class Node:
        def __init__(self, *needs):
            self.needs = dict(enumerate(needs))

    nodes = {"last": Node("middle", "__message__"), "middle": Node("first"), "first": Node("__message__")}
    assert [name for name, _ in patches._order(nodes)] == ["first", "middle", "last"]
