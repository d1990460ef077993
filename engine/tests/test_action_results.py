"""What an action server answers is held to Rasa's own rules, only faster."""

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import ActionExecuted, BotUttered, FollowupAction, Restarted, SlotSet, UserUttered
from rasa.utils.endpoints import EndpointConfig

from engine import patches


@pytest.fixture(scope="module")
def validate():
    """The engine's own way to look at a result."""
    rasas_own = RemoteAction._validate_action_result
    patches._validate_action_results_with_one_validator()
    yield RemoteAction("action_answer", EndpointConfig("http://127.0.0.1"))._validate_action_result
    RemoteAction._validate_action_result = rasas_own


SOUND = [
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "timestamp": None, "name": "last_topic", "value": {"any": ["thing"]}}]},
    {"responses": [{"text": None, "custom": {"text": "500 yen"}}], "events": []},
    *(
        {"events": [event.as_dict()]}
        for event in (
            SlotSet("misunderstood", 1.0),
            ActionExecuted("action_answer"),
            BotUttered("Hello"),
            FollowupAction("action_repeat"),
            Restarted(),
            UserUttered("Hi", {"name": "greet", "confidence": 0.9}),
        )
    ),
]
BROKEN = [
    None,
    [],
    "sorry",
    {"events": {}},
    {"events": [None]},
    {"events": ["slot"]},
    {"events": [{"name": "last_topic", "value": 1}]},
    {"events": [{"event": None}]},
    {"events": [{"event": ["slot"]}]},
    {"events": [{"event": "a kind that nobody knows"}]},
    {"events": [{"event": "slot", "timestamp": "noon", "name": "a", "value": 1}]},
    {"events": [{"event": "slot", "value": 1}]},
    {"events": [{"event": "slot", "name": "a", "value": 1}, {"event": "action", "name": 7}]},
    {"responses": ["Hello"]},
    {"responses": {"text": "Hello"}},
]


@pytest.mark.parametrize("result", SOUND)
def test_a_sound_answer_is_taken(validate, result):
    jsonschema.validate(result, RemoteAction.action_response_format_spec())
    assert validate(result)


@pytest.mark.parametrize("result", BROKEN)
def test_a_broken_answer_is_refused_where_rasa_refuses_it(validate, result):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(result, RemoteAction.action_response_format_spec())
    with pytest.raises(jsonschema.ValidationError):
        validate(result)
