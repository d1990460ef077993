"""What is changed in Rasa 3.6.21, each with its reason. `apply()` is called once, before the server starts.

Nothing here changes what Rasa decides; it changes what deciding costs, and what happens when the
action server cannot be reached.
"""

from typing import Any, Dict, Optional, Text, Type

import jsonschema
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import EventVerbosity
from rasa.shared.utils.common import all_subclasses
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


def _validate_action_results_with_one_validator() -> None:
    """Rasa checks its own schema against the metaschema at every action call: half of a turn's time."""
    schema = RemoteAction.action_response_format_spec()
    validator = jsonschema.validators.validator_for(schema)(schema)

    def validate(self: RemoteAction, result: Dict[Text, Any]) -> bool:
        validator.validate(result)
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
