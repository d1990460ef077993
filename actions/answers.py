"""Answers from the policy: what was asked, what lies nearest, what was said before."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.desk.conversation import Message
from bot.knowledge.questions import asks_what_person_said
from bot.knowledge.reply import Citation, Reply

from .desk import TALK, DeskAction, Events, Heard, answerer, hear
from .record import find_persons_words, find_settled

#: After this many messages in a row that nothing was understood of, a person is offered.
PATIENCE = 2


class ActionAnswer(DeskAction):
    """Answers every question of the message."""

    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        reply = answerer().answer(heard.company, heard.understood, heard.locale, heard.last_topic)
        return await self.finish(dispatcher, heard, reply)

    async def finish(self, dispatcher: CollectingDispatcher, heard: Heard, reply: Reply) -> Events:
        reason = "unanswered"
        if not reply.understood:
            settled = await find_settled(heard)
            if not reply.offers and heard.misunderstood + 1 >= PATIENCE:
                reason = "again"
                reply = answerer().offer_person(heard.company, reason, heard.understood, heard.locale)
            if settled:
                # It may well be about what a person settled, of which the policy says nothing.
                reply = reply.prefixed(answerer().say("settled_before", heard.company, heard.locale, settled=settled))
        self.say(dispatcher, reply)
        return self.remember(heard, reply, reason)


class ActionSearchPolicy(ActionAnswer):
    """Shows the nearest clause, as just that, where the question was not understood."""

    def name(self) -> str:
        return "action_search_policy"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        return await self.finish(dispatcher, heard, answerer().search(heard.company, heard.understood, heard.locale))


class ActionRepeat(DeskAction):
    """Says the last answer again."""

    def name(self) -> str:
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        words, last = await find_persons_words(heard)
        if words and (last or asks_what_person_said(heard.understood.whole.text, words.author_name)):
            self.say(dispatcher, await self.tell_persons_words(heard, words))
            return []
        said = next((e for e in reversed(tracker.events) if e.get("event") == "bot"), None)
        custom = ((said or {}).get("data") or {}).get("custom") or {}
        text = custom.get("text") or (said or {}).get("text")
        wording = answerer().library.wording
        if not text:
            reply = Reply(answerer().say("nothing_to_repeat", heard.company, heard.locale), outcome="talk")
            self.say(dispatcher, reply)
            return []
        lead = wording["repeat_lead"].get(heard.locale, wording["repeat_lead"]["en"])
        body = {"citations": [], "quick_replies": [], "offers": [], "ticket": None, **custom, "outcome": TALK}
        dispatcher.utter_message(json_message={**body, "text": f"{lead}\n\n{text.removeprefix(lead).strip()}"})
        return []

    async def tell_persons_words(self, heard: Heard, words: Message) -> Reply:
        """What a person wrote last, and what was settled with them."""
        settled = await find_settled(heard)
        texts = [answerer().say("person_said", heard.company, heard.locale, name=words.author_name), words.text]
        if settled and settled not in words.text:
            texts.append(answerer().say("settled_before", heard.company, heard.locale, settled=settled))
        return Reply("\n\n".join(texts), citations=tuple(Citation(**one) for one in words.citations), outcome="talk")
