"""What is changed in Rasa 3.6.21, each with its reason. `apply()` is called once, before the server starts.

Nothing here changes what Rasa decides; it changes what deciding costs, and what happens when the
action server cannot be reached.
"""

import json
from typing import Any, Dict, List, Optional, Set, Text, Tuple, Type

import jsonschema
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.utils.common import all_subclasses
from rasa.shared.utils.schemas.events import EVENT_SCHEMA
from rasa.utils.endpoints import ClientResponseError

RASA_VERSION = "3.6.21"

#: Turns of history that an action may look at.
TURNS_SENT = 2


class ActionUnavailable(Exception):
    """An action could not be run, so nothing of this turn counts."""

    def __init__(self, action: str, answered: bool = False):
        """`answered`: the action server is there, but its action failed."""
        super().__init__(action)
        self.answered = answered


def apply() -> None:
    """Applies every change."""
    _validate_action_results_with_one_validator()
    _remember_event_classes()
    _send_actions_what_they_need()
    _let_a_failed_action_fail_the_turn()
    _run_the_graph_in_its_order()
    _ask_only_rules_that_can_apply()
    _make_only_states_that_rules_look_at()


def _validate_action_results_with_one_validator() -> None:
    """Rasa checks its own schema against the metaschema at every action call, and every event against every kind."""
    schema = RemoteAction.action_response_format_spec()
    validator = jsonschema.validators.validator_for(schema)
    whole = validator(schema)
    kinds = {
        kind["properties"]["event"]["const"]: validator({**EVENT_SCHEMA, "oneOf": [kind]})
        for kind in EVENT_SCHEMA["oneOf"]
    }

    def fits(result: Any) -> bool:
        """Whether all is well. An event can only be of the kind that it names."""
        if not isinstance(result, dict):
            return False
        events, responses = result.get("events", []), result.get("responses", [])
        return (
            isinstance(events, list)
            and isinstance(responses, list)
            and all(isinstance(response, dict) for response in responses)
            and all(isinstance(event, dict) and isinstance(event.get("event"), str) for event in events)
            and all(event["event"] in kinds and kinds[event["event"]].is_valid(event) for event in events)
        )

    def validate(self: RemoteAction, result: Dict[Text, Any]) -> bool:
        if not fits(result):
            whole.validate(result)  # which says what is wrong
        return True

    RemoteAction._validate_action_result = validate


def _remember_event_classes() -> None:
    """Rasa walks every event class for every event it reads."""
    known = {event.type_name: event for event in reversed(all_subclasses(Event))}
    walk = Event.resolve_by_type

    def resolve(type_name: Text, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
        return known.get(type_name) or walk(type_name, default)

    Event.resolve_by_type = staticmethod(resolve)


def _send_actions_what_they_need() -> None:
    """Rasa sends the whole domain and history with every call; an action reads the message, the slots and the last turns."""

    def call_format(self: RemoteAction, tracker: Any, domain: Any) -> Dict[Text, Any]:
        state = tracker.current_state(EventVerbosity.NONE)
        state["events"] = recent_events(tracker)
        needs_domain = self.name().startswith("validate_") or domain.does_custom_action_explicitly_need_domain(self.name())
        return {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "tracker": state,
            "version": RASA_VERSION,
            # rasa-sdk refuses a call without the key.
            "domain": domain.as_dict() if needs_domain else {},
        }

    RemoteAction._action_call_format = call_format


def recent_events(tracker: Any) -> list:
    """The events of the last turns, without what the classifier thought of the messages."""
    events, turns = [], 0
    for event in reversed(tracker.events):
        plain = event.as_dict()
        plain.pop("parse_data", None)
        events.append(plain)
        if isinstance(event, UserUttered):
            turns += 1
            if turns == TURNS_SENT:
                break
    return events[::-1]


def _let_a_failed_action_fail_the_turn() -> None:
    """Rasa logs the failure, drops the answer and saves the tracker as if all were well."""
    run = RemoteAction.run

    async def run_or_fail(self: RemoteAction, *arguments: Any, **named: Any) -> Any:
        try:
            return await run(self, *arguments, **named)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            causes = (error, error.__cause__, error.__context__)
            answered = any(isinstance(cause, ClientResponseError) for cause in causes)
            raise ActionUnavailable(self.name(), answered) from error

    RemoteAction.run = run_or_fail


def _run_the_graph_in_its_order() -> None:
    """Rasa cuts the graph down, builds a dask graph and plans it anew for every message; the order never changes."""

    def run(
        self: DaskGraphRunner, inputs: Optional[Dict[Text, Any]] = None, targets: Optional[List[Text]] = None
    ) -> Dict[Text, Any]:
        wanted = tuple(targets or self._graph_schema.target_names)
        orders = self.__dict__.setdefault("_desk_orders", {})
        if wanted not in orders:
            orders[wanted] = _order(self._graph_schema.minimal_graph_schema(list(wanted)).nodes)
        done: Dict[Text, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name, needs in orders[wanted]:
            # What is given from outside is not computed, as in Rasa's own runner.
            if name not in done:
                done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
        return dict(done[name] for name in wanted)

    DaskGraphRunner.run = run


def _order(nodes: Dict[Text, Any]) -> List[Tuple[Text, Tuple[Text, ...]]]:
    """The nodes of a graph, each behind what it needs, and what it needs."""
    order: List[Tuple[Text, Tuple[Text, ...]]] = []
    placed = set()

    def place(name: Text) -> None:
        if name in placed or name not in nodes:
            return
        placed.add(name)
        for need in nodes[name].needs.values():
            place(need)
        order.append((name, tuple(nodes[name].needs.values())))

    for name in nodes:
        place(name)
    return order


def _ask_only_rules_that_can_apply() -> None:
    """Rasa compares every rule with every turn, twice; only rules for the message's intent can apply to it."""
    compare, find = RulePolicy._get_possible_keys, RulePolicy._find_action_from_rules

    def possible_keys(self: RulePolicy, lookup: Dict[Text, Text], states: List[Dict]) -> Set[Text]:
        if not states:
            return compare(self, lookup, states)
        known = self.__dict__.setdefault("_desk_rules", {})
        if known.get(id(lookup), (None,))[0] is not lookup or len(lookup) != known[id(lookup)][1]:
            known[id(lookup)] = (lookup, len(lookup), _by_intent(lookup))
        by_intent = known[id(lookup)][2]
        intent = states[-1].get(USER, {}).get(INTENT)
        fitting = {**by_intent.get(None, {}), **by_intent.get(intent, {})}
        longest = max((len(self._rule_key_to_state(key)) for key in fitting), default=0)
        # Turns before a rule's first cannot speak against it.
        return compare(self, fitting, states[-longest:] if longest else states[-1:])

    def find_action(self: RulePolicy, tracker: Any, domain: Any, use_text_for_last_user_input: bool) -> Tuple:
        if use_text_for_last_user_input and not any(f'"{TEXT}"' in key for key in self.lookup[RULES]):
            return None, None, False
        return find(self, tracker, domain, use_text_for_last_user_input)

    RulePolicy._get_possible_keys = possible_keys
    RulePolicy._find_action_from_rules = find_action


def _make_only_states_that_rules_look_at() -> None:
    """Rasa makes every state that the conversation went through, for each prediction; a rule looks back its own length."""

    def prediction_states(
        self: RulePolicy,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: Optional[Dict[Text, Any]] = None,
    ) -> List[State]:
        states = recent_states(tracker, domain, _longest_rule(self))
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    RulePolicy._prediction_states = prediction_states


def recent_states(tracker: DialogueStateTracker, domain: Domain, count: int) -> List[State]:
    """The last so many of the states that a conversation went through."""
    steps = 1 + sum(isinstance(event, ActionExecuted) for event in tracker.applied_events())
    return [
        domain.get_active_state(earlier)
        for step, (earlier, _) in enumerate(tracker.generate_all_prior_trackers(), start=1)
        if step > steps - count
    ]


def _longest_rule(policy: RulePolicy) -> int:
    """How many states the longest rule looks at, those for interrupted forms included."""
    lookups = [policy.lookup[kind] for kind in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)]
    loaded = [id(lookup) for lookup in lookups]
    if policy.__dict__.get("_desk_longest", (None,))[0] != loaded:
        longest = max((len(json.loads(rule)) for lookup in lookups for rule in lookup), default=1)
        policy.__dict__["_desk_longest"] = loaded, longest
    return policy.__dict__["_desk_longest"][1]


def _by_intent(lookup: Dict[Text, Text]) -> Dict[Optional[Text], Dict[Text, Text]]:
    """The rules by the intent that their last turn asks for, None for those that ask for none."""
    found: Dict[Optional[Text], Dict[Text, Text]] = {}
    for key, action in lookup.items():
        intent = json.loads(key)[-1].get(USER, {}).get(INTENT)
        found.setdefault(intent, {})[key] = action
    return found
