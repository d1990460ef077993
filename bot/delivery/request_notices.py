"""What a customer hears of their request: in their chat, and by mail if nobody is there to read it. Never personal data."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.desk.conversation import Message
from bot.desk.mail import Mail, about_customer, is_address
from bot.desk.request import Request, State
from bot.desk.ticket import Ticket
from bot.knowledge.company import localise
from bot.storage.case_links import LIFETIME
from bot.storage.request_cases import Kept
from bot.storage.vault import Erased

from .handovers import LIVE_CHANNELS
from .notices import CUSTOMER_DELAY, LINKED_CHANNELS, Notices


class RequestNotices:
    """Tells of moves, in the unit of work of the move."""

    def __init__(self, core: Core):
        self.core = core

    def moved(
        self, db: Connection, kept: Kept, ticket: Ticket | None, move: str, moved: Request, now: datetime, **said: object
    ) -> Message | None:
        """A request was moved; the message in its chat, if there is one that is still read."""
        return self._tell(db, kept, ticket, moved, _news(move, moved, kept.request), now, **said)

    def _tell(
        self,
        db: Connection,
        kept: Kept,
        ticket: Ticket | None,
        moved: Request,
        keys: tuple[str, ...],
        now: datetime,
        **said: object,
    ) -> Message | None:
        conversation = self.core.conversations.find(db, kept.conversation)
        if conversation is None or kept.forgotten or conversation.channel not in LIVE_CHANNELS:
            return None  # whoever wrote a letter is written a letter
        locale, company = kept.locale, self.core.library.company(moved.company)
        values = {
            "reference": kept.reference or "",
            "short": localise(company.short, locale),
            "fee": moved.needs.fee,
            "paid": moved.evidence.paid,
            "left": moved.shortfall,
            **{name: self._word(name, str(key), locale) for name, key in said.items() if name in _VOCABULARY},
            **{name: value for name, value in said.items() if name not in _VOCABULARY},
        }
        gap = "" if locale == "ja" else " "
        news = gap.join(say(key, locale, **values) for key in keys)
        message = self.core.conversations.tell(db, conversation.id, news, now)
        address = self._address(db, moved, ticket)
        if conversation.channel in LINKED_CHANNELS and is_address(address):
            link = f"{self.core.settings.address}/case/{self.core.case_links.make(db, conversation.id, now)}"
            text = say("mail", locale, news=news, link=link) + "\n"
            text += Notices(self.core).say("customer_foot", locale, reference=values["reference"], link=link, days=LIFETIME.days)
            mail = Mail(address, say("mail_subject", locale, **values), text, conversation.id)
            cause = f"{about_customer(conversation.id)} request {moved.id} {moved.version}"
            self.core.outbox.add(db, cause, mail, now, after=CUSTOMER_DELAY)
        return message

    def _address(self, db: Connection, request: Request, ticket: Ticket | None) -> str:
        """Where the customer is sure to be reached: only a contact that was verified is told of a request."""
        if request.evidence.contact_at is not None:
            try:
                return self.core.requests.read_fields(db, request.id).get("email", "")
            except Erased:
                return ""
        return ticket.contact.email if ticket else ""

    def _word(self, name: str, key: str, locale: str) -> str:
        terms = self.core.library.terms
        return localise(terms.words[_VOCABULARY[name]][key], locale)


#: What is said by a key of the procedure's vocabulary.
_VOCABULARY = {"method": "replies", "ground": "grounds"}


def _news(move: str, moved: Request, before: Request) -> tuple[str, ...]:
    """Which words tell of a move."""
    if moved.state is State.EXPIRED and before.state is State.COLLECTING:
        return ("unfinished",)
    if move == "reject_documents":
        return ("documents_rejected",)
    if move == "record_payment":
        if moved.shortfall:
            return ("fee_short",)
        return ("payment_kept", moved.state.value)
    return (moved.state.value,)


def say(key: str, locale: str, **values: object) -> str:
    return localise(read_wording()[key], locale).format(**values)


@cache
def read_wording() -> dict[str, dict[str, str]]:
    """All that is told of requests, by key and language."""
    return yaml.safe_load((Path(__file__).parent / "requests.yml").read_text(encoding="utf-8"))
