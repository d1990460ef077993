"""One turn of a conversation: Rasa's steps, with the desk's slots set first and nothing saved if an action fails."""

from typing import Any, Dict, List, Optional, Text

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import ActionExecutionRejected, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from engine import replies

#: What the gateway says about a conversation with every message.
SLOTS = ("company", "locale", "company_name")


class Unheard(OutputChannel):
    """The replies are read from the tracker, so nothing is sent while the turn runs."""

    @classmethod
    def name(cls) -> Text:
        """The name that responses may be written for."""
        return "desk"

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """Leaves the message where it is."""


class DeskProcessor(MessageProcessor):
    """Rasa's processor for conversations that a gateway leads, one message at a time."""

    async def turn(self, message: UserMessage) -> List[Dict[Text, Any]]:
        """Runs a turn and saves it; a message that was dealt with already only gets its replies again."""
        tracker = await self.get_tracker(message.sender_id)
        known = replies.replies_to(tracker.events, message.message_id)
        if known is not None:
            return known
        await self._update_tracker_session(tracker, message.output_channel)
        self._set_slots(tracker, message.metadata or {})
        await self._handle_message_with_tracker(message, tracker)
        tracker = await self.run_action_extract_slots(message.output_channel, tracker)
        await self._run_prediction_loop(message.output_channel, tracker)
        await self.save_tracker(tracker)
        return replies.replies_to(tracker.events, message.message_id) or []

    async def parse_message(
        self, message: UserMessage, tracker: Optional[DialogueStateTracker] = None, only_output_properties: bool = True
    ) -> Dict[Text, Any]:
        """Rasa's own step without the copies that it makes of everything for lines of a log that nobody keeps."""
        if tracker is None:
            tracker = DialogueStateTracker.from_events(message.sender_id, [])
        return self._parse_message_with_graph(message, tracker, only_output_properties)

    def _set_slots(self, tracker: DialogueStateTracker, metadata: Dict[Text, Any]) -> None:
        """The company, the language, and whether an offer still stands.

        An offer of a person stands for one reply. Whoever says yes three answers later does not mean it.
        """
        wanted = {name: metadata.get(name) for name in SLOTS}
        if replies.OFFERED in tracker.slots:
            wanted[replies.OFFERED] = replies.offers_a_person(list(tracker.events))
        if metadata.get("fresh"):
            # A person has had the conversation since: nothing stands that was offered or not understood before.
            wanted.update({replies.OFFERED: False, "offer_reason": None, "misunderstood": 0.0})
        for name, value in wanted.items():
            if name in tracker.slots and (tracker.get_slot(name) or None) != (value or None):
                tracker.update(SlotSet(name, value), self.domain)

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        """Rasa's own step, but an action that fails ends the turn instead of being passed over."""
        try:
            temporary = tracker.copy()
            temporary.update_with_events(prediction.events, self.domain)
            events = await action.run(output_channel, nlg, temporary, self.domain)
        except ActionExecutionRejection:
            tracker.update(ActionExecutionRejected(action.name(), prediction.policy_name, prediction.max_confidence))
            return self.should_predict_another_action(action.name())
        self._log_action_on_tracker(tracker, action, events, prediction)
        return self.should_predict_another_action(action.name())

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: Optional[List[Event]],
        prediction: PolicyPrediction,
    ) -> None:
        """Rasa's own step without the copies."""
        events = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in events):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events, self.domain)
