"""Composes what the assistant says about a policy: the fact first, what it rests on, what follows now.

A quoted fact, or that the policy does not state it, or, where neither is known, the nearest clause shown as just that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from .company import Company, localise
from .document import Quote
from .facts import Statement
from .hours import find_opening
from .library import Library
from .moments import tell_day
from .questions import asks_yes_or_no, is_english, is_japanese
from .reply import HANDOFF, OUTCOMES, QuickReply, Reply, cite
from .search import find_nearest
from .understanding import ASK, OUT_OF_SCOPE, Question, Understood, find_questions, likeliest_topics

#: A topic that the classifier only suspects is shown as the nearest clause from this confidence on ...
SUSPECTED = 0.08
#: ... unless the message is this likely none of the desk's matters.
FOREIGN = 0.35
#: A clause is near enough to be shown when it shares this many content words with the message ...
SHARED_WORDS = 2
#: ... and scores at least this by BM25 (measured on the training data by benchmarks/understanding.py).
NEAR = 4.0
#: Longer clauses are shown by their most fitting sentences.
LONGEST_QUOTE = 600
#: More questions than this in one message are a speech; the first ones are answered.
MOST_QUESTIONS = 4


class Answerer:
    """Answers for every company of a library; the clock is passed in."""

    def __init__(self, library: Library, clock: Callable[[], datetime]):
        self.library = library
        self.clock = clock

    def say(self, key: str, company: Company, locale: str, **said: object) -> str:
        """One of wording.yml's texts, about this company."""
        words = localise(self.library.wording[key], locale)
        return words.format(short=localise(company.short, locale), desk=localise(company.desk, locale), **said)

    # What the engine understood -------------------------------------------------------------------------------

    def answer(self, company: Company, understood: Understood, locale: str, last_topic: str | None = None) -> Reply:
        """The answer to every question of the message; the nearest clause where none was understood."""
        locale = speak(understood.whole.text, locale, company)
        questions = find_questions(understood, self.library, last_topic)[:MOST_QUESTIONS]
        if not questions:
            return self.search(company, understood, locale)
        asked = {question.topic for question in questions}
        replies = [self._answer_question(company, question, locale, asked) for question in questions]
        return self._introduce(company, understood.whole.text, locale, _join(replies, self._next_step(company, locale)))

    def _answer_question(self, company: Company, question: Question, locale: str, asked: set[str]) -> Reply:
        """The answer; where another topic may be meant as well, both, each under its title."""
        reply = self.answer_topic(company, question, locale)
        if question.rival is None or question.rival in asked:
            return reply
        other = self.answer_topic(company, replace(question, topic=question.rival, rival=None), locale)
        if other.text == reply.text:
            return reply
        titles = [localise(self.library.topics[key].title, locale) for key in (question.topic, question.rival)]
        both = _join([reply, other], "")
        texts = [f"{title}: {one.text}" for title, one in zip(titles, (reply, other), strict=True)]
        text = "\n\n".join([self.say("either", company, locale), *texts])
        return replace(both, text=text, topic=question.topic)

    def answer_topic(self, company: Company, question: Question, locale: str) -> Reply:
        """What the policy states on one topic, or that it does not state it."""
        statements = company.facts[question.topic].statements_for(question.text, question.mentions)
        texts = [self._state(company, question, statement, locale) for statement in statements]
        laws = dict.fromkeys(key for statement in statements for key in statement.law)
        notes = [localise(self.library.law[key].text, locale) for key in laws]
        if question.topic in ("hours", "phone") or any(statement.phone for statement in statements):
            notes.append(self.tell_opening(company, locale))
        related = dict.fromkeys(topic for statement in statements for topic in statement.related)
        return Reply(
            "\n\n".join(part for part in (*texts, *notes) if part),
            citations=cite(company, (quote for statement in statements for quote in statement.quotes), locale),
            offers=() if all(statement.stated for statement in statements) else (HANDOFF,),
            quick_replies=tuple(self._related(topic, locale) for topic in related),
            topic=question.topic,
            outcome="answered" if any(statement.stated for statement in statements) else "not_stated",
        )

    def _state(self, company: Company, question: Question, statement: Statement, locale: str) -> str:
        if not statement.answer:
            text = self.say("not_stated", company, locale, asked=self._asked(question.topic, locale))
        else:
            text = localise(statement.answer, locale).strip()
        if asks_yes_or_no(question.text):
            lead = next((lead for lead in statement.leads if lead.fits(question.text)), None)
            text = f"{localise(lead.say, locale)} {text}" if lead else text
        if statement.answer and locale not in statement.answer:
            note = self.library.wording["answer_in_english"].get(locale)
            text = f"{note}\n{text}" if note else text
        return text

    def search(self, company: Company, understood: Understood, locale: str) -> Reply:
        """The nearest clause, as just that; a friendly boundary where the policy has nothing near."""
        message = understood.whole.text
        locale = speak(message, locale, company)
        foreign = dict(understood.whole.ranking).get(OUT_OF_SCOPE, 0.0) >= FOREIGN
        suspected = [] if foreign else likeliest_topics(understood, self.library, SUSPECTED)[:3]
        for topic, _ in suspected:
            statement = company.facts[topic].statements_for(message, understood.whole.mentions)[0]
            if statement.stated and statement.quotes:
                return self._show_nearest(company, statement.quotes[0], locale)
        found = find_nearest(company, message)
        if found and found.shared >= SHARED_WORDS and found.score >= NEAR:
            return self._show_nearest(company, found.clause.quote, locale)
        if suspected:
            offer = Reply(self.say("nothing_near", company, locale), offers=(HANDOFF,), understood=False, outcome="missed")
            return replace(offer, quick_replies=self._yes_or_no(locale))
        return Reply(self.say("boundary", company, locale), understood=False, outcome="missed")

    def _show_nearest(self, company: Company, quote: Quote, locale: str) -> Reply:
        under = self.say("nearest_under", company, locale, heading=quote.heading) if quote.heading else ""
        text = self.say("nearest", company, locale, under=under, quote=_shorten(quote.text))
        return Reply(
            text,
            citations=cite(company, [quote], locale),
            offers=(HANDOFF,),
            quick_replies=self._yes_or_no(locale),
            understood=False,
            outcome="nearest",
        )

    # What belongs with a person -------------------------------------------------------------------------------

    def explain_procedure(self, company: Company, kind: str, understood: Understood, locale: str) -> Reply:
        """How this company's policy has a request of that kind made; a person is offered to take it."""
        locale = speak(understood.whole.text, locale, company)
        name = self.say(f"kind_{kind}", company, locale)
        whole = understood.whole
        if kind not in company.requests:
            text = self.say("procedure_not_listed", company, locale, kind=name)
            listed = self.answer_topic(company, Question("request_types", "", {}, 1.0), locale)
            return self._with_offer(company, Reply(f"{text}{listed.text}", listed.citations), locale)
        mentions = {**whole.mentions, "right": frozenset({kind})}
        replies = []
        for topic in ("submit_method", "id_verification", "fee_amount"):
            if all(s.stated for s in company.facts[topic].statements_for("", mentions)):
                replies.append(self.answer_topic(company, Question(topic, "", mentions, 1.0), locale))
        if not any(reply.citations for reply in replies):
            replies.append(self.answer_topic(company, Question("request_types", "", {}, 1.0), locale))
        lead = Reply(self.say("procedure_lead", company, locale, kind=name), outcome="talk")
        asked = [q for q in find_questions(understood, self.library, None) if q.topic != "request_types"]
        answered = {reply.topic for reply in replies}
        replies += [self.answer_topic(company, q, locale) for q in asked if q.topic not in answered]
        return self._with_offer(company, _join([lead, *replies], ""), locale)

    def offer_person(self, company: Company, reason: str, understood: Understood, locale: str) -> Reply:
        """The offer of a person for a complaint, a leak, a request's status; questions beside it are answered."""
        locale = speak(understood.whole.text, locale, company)
        questions = find_questions(understood, self.library, None)[:2]
        replies = [self.answer_topic(company, question, locale) for question in questions]
        missed = "missed" if reason == "again" else "talk"
        offer = Reply(self.say(f"offer_{reason}", company, locale), offers=(HANDOFF,), outcome=missed)
        return _join([*replies, offer], "", quick_replies=self._yes_or_no(locale))

    def refuse_others_data(self, company: Company, understood: Understood, locale: str) -> Reply:
        """Nobody's data are shown in the chat; what an agent needs is what the customer may want to know."""
        locale = speak(understood.whole.text, locale, company)
        agent = company.facts["agent_documents"].statement
        shown = (agent.stated and company.facts["third_party_provision"].statement) or agent
        return Reply(self.say("refuse_others_data", company, locale), citations=cite(company, shown.quotes[:1], locale))

    def tell_ticket(self, company: Company, reference: str, locale: str, *, new: bool) -> Reply:
        """That a person has it now, and under which reference."""
        said = self.say("ticket_opened" if new else "ticket_already", company, locale, reference=reference)
        return Reply(said, outcome="handed_over")

    # What follows now -----------------------------------------------------------------------------------------

    def tell_opening(self, company: Company, locale: str) -> str:
        """Whether the desk's telephone is open now and when next; empty where the company states no telephone."""
        opening = find_opening(company, self.clock())
        if company.hours is None:
            return self.say("hours_unknown", company, locale) if company.facts["phone"].statement.stated else ""
        following = opening.next_opening
        said = {"day": tell_day(following, self.clock(), locale), "opens": f"{following:%H:%M}"} if following else {}
        if opening.open_now:
            return self.say("open_now", company, locale, closes=f"{opening.closes:%H:%M}")
        if opening.holiday:
            return self.say("holiday_now", company, locale, holiday=localise(opening.holiday, locale), **said)
        return self.say("closed_now", company, locale, **said)

    def _introduce(self, company: Company, message: str, locale: str, reply: Reply) -> Reply:
        others = self.library.others_named_in(message, company)
        if not others:
            return reply
        names = ", ".join(localise(other.short, locale) for other in others)
        return reply.prefixed(self.say("other_company", company, locale, others=names))

    def _next_step(self, company: Company, locale: str) -> str:
        return self.say("not_stated_next", company, locale)

    def _with_offer(self, company: Company, reply: Reply, locale: str) -> Reply:
        offer = Reply(self.say("procedure_offer", company, locale), offers=(HANDOFF,), outcome="talk")
        return _join([reply, offer], "", quick_replies=self._yes_or_no(locale))

    def _yes_or_no(self, locale: str) -> tuple[QuickReply, ...]:
        return (
            QuickReply(localise(self.library.wording["yes_please"], locale), "affirm"),
            QuickReply(localise(self.library.wording["no_thanks"], locale), "deny"),
        )

    def _related(self, topic: str, locale: str) -> QuickReply:
        return QuickReply(localise(self.library.topics[topic].title, locale), f"{ASK}{topic}")

    def _asked(self, topic: str, locale: str) -> str:
        return localise(self.library.topics[topic].asked, locale)


def speak(message: str, locale: str, company: Company) -> str:
    """The locale to answer in: that of the message where it is plain and the company has it, else the chat's."""
    if is_japanese(message) and "ja" in company.locales:
        return "ja"
    if locale == "ja" and is_english(message) and "en" in company.locales:
        return "en"
    return locale if locale in company.locales else company.locales[0]


def _join(replies: Sequence[Reply], next_step: str, quick_replies: tuple[QuickReply, ...] = ()) -> Reply:
    """Several replies as one: each text once, every citation once, the next step once where a person is offered."""
    offers = tuple(dict.fromkeys(offer for reply in replies for offer in reply.offers))
    texts = list(dict.fromkeys(reply.text for reply in replies))
    if offers and next_step:
        texts.append(next_step)
    buttons = quick_replies or tuple(dict.fromkeys(button for reply in replies for button in reply.quick_replies))[:3]
    topics = [reply.topic for reply in replies if reply.topic]
    return Reply(
        "\n\n".join(texts),
        tuple(dict.fromkeys(citation for reply in replies for citation in reply.citations)),
        buttons,
        offers,
        topics[-1] if topics else None,
        outcome=next((one for one in OUTCOMES if one in {reply.outcome for reply in replies}), "talk"),
    )


def _shorten(words: str) -> str:
    words = re.sub(r"\s+", " ", words).strip()
    if len(words) <= LONGEST_QUOTE:
        return words
    cut = words[:LONGEST_QUOTE].rsplit(". ", 1)[0]
    return f"{cut} …"
