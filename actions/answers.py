"""Answers from the policy: what was asked, what lies nearest, what was said before."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.knowledge.reply import Reply

from .desk import DeskAction, Events, Heard, answerer, hear

#: After this many messages in a row that nothing was understood of, a person is offered.
PATIENCE = 2


class ActionAnswer(DeskAction):
    """Answers every question of the message."""

    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        reply = answerer().answer(heard.company, heard.understood, heard.locale, heard.last_topic)
        return self.finish(dispatcher, heard, reply)

    def finish(self, dispatcher: CollectingDispatcher, heard: Heard, reply: Reply) -> Events:
        if not reply.understood and not reply.offers and heard.misunderstood + 1 >= PATIENCE:
            reply = answerer().offer_person(heard.company, "again", heard.understood, heard.locale)
        self.say(dispatcher, reply)
        return self.remember(heard, reply)


class ActionSearchPolicy(ActionAnswer):
    """Shows the nearest clause, as just that, where the question was not understood."""

    def name(self) -> str:
        return "action_search_policy"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        return self.finish(dispatcher, heard, answerer().search(heard.company, heard.understood, heard.locale))


class ActionRepeat(DeskAction):
    """Says the last answer again."""

    def name(self) -> str:
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        said = next((e for e in reversed(tracker.events) if e.get("event") == "bot"), None)
        custom = ((said or {}).get("data") or {}).get("custom") or {}
        text = custom.get("text") or (said or {}).get("text")
        wording = answerer().library.wording
        if not text:
            reply = Reply(answerer().say("nothing_to_repeat", heard.company, heard.locale))
            self.say(dispatcher, reply)
            return []
        lead = wording["repeat_lead"].get(heard.locale, wording["repeat_lead"]["en"])
        body = {"citations": [], "quick_replies": [], "offers": [], "ticket": None, **custom}
        dispatcher.utter_message(json_message={**body, "text": f"{lead}\n\n{text.removeprefix(lead).strip()}"})
        return []
