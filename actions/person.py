"""Where a person takes over: offers, tickets, requests, and what is nobody's to see in a chat."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.desk.clock import now
from bot.knowledge.answering import speak
from bot.knowledge.questions import disputes
from bot.knowledge.understanding import SURE

from .desk import DeskAction, Events, answerer, core, hear

#: Why a person is offered, by the intent that calls for one.
REASONS = {"complain": "complaint", "report_leak": "leak", "request_status": "status"}


class ActionOfferPerson(DeskAction):
    """Offers a person for a complaint, a leak that is reported, the state of a request."""

    def name(self) -> str:
        return "action_offer_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        reason = REASONS.get(heard.understood.whole.intent, "complaint")
        reply = answerer().offer_person(heard.company, reason, heard.understood, heard.locale)
        self.say(dispatcher, reply)
        if reason == "complaint" and disputes(heard.understood.whole.text):
            reason = "dispute"
        return self.remember(heard, reply, reason)


class ActionExplainProcedure(DeskAction):
    """Tells how the policy has the wished request made, and offers a person to take it."""

    def name(self) -> str:
        return "action_explain_procedure"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        whole = heard.understood.whole
        wish = sum(confidence for intent, confidence in whole.ranking if intent.startswith("start_"))
        if max(wish, whole.confidence) < SURE:
            # What may not be meant as a request is not talked of as one; which of two requests is meant is no doubt of that.
            reply = answerer().answer(heard.company, heard.understood, heard.locale, heard.last_topic)
            self.say(dispatcher, reply)
            return self.remember(heard, reply)
        kind = whole.intent.removeprefix("start_")
        reply = answerer().explain_procedure(heard.company, kind, heard.understood, heard.locale)
        self.say(dispatcher, reply)
        return self.remember(heard, reply, "request")


class ActionOpenTicket(DeskAction):
    """Opens a ticket with the conversation; the same message opens it once, however often this runs."""

    def name(self) -> str:
        return "action_open_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        desk = core()
        language = speak(heard.understood.whole.text, heard.locale, heard.company)

        def open_ticket(db):
            conversation = desk.conversations.find(db, heard.conversation)
            reason = heard.offer_reason or "asked"
            return desk.tickets.open(
                db, conversation, heard.message, reason, now(), topic=heard.last_topic, language=language
            )

        ticket, new = await desk.database.run(open_ticket)
        reply = answerer().tell_ticket(heard.company, ticket.reference, heard.locale, new=new)
        reply = replace(reply, topic=heard.last_topic)
        self.say(dispatcher, reply, {"reference": ticket.reference, "status": ticket.status})
        return [SlotSet("offered_person", False), SlotSet("offer_reason", None), SlotSet("misunderstood", 0.0)]


class ActionRefuseOthersData(DeskAction):
    """Nobody's data are shown here, least of all another person's."""

    def name(self) -> str:
        return "action_refuse_others_data"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> Events:
        heard = hear(tracker)
        reply = answerer().refuse_others_data(heard.company, heard.understood, heard.locale)
        self.say(dispatcher, reply)
        return self.remember(heard, reply)
