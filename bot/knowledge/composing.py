"""Composes a request on paper from a company's procedure and what the customer answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from .clerk import Clerk
from .company import Company, localise
from .enclosures import list_enclosures
from .errors import NoPaper
from .library import Library
from .paper import DESK, Item, Letter, Marking, Paper, Row, Said, Section, Sending, Sheet

#: Ways that begin with something on paper, and those for which a paper is made at all: a visit alone needs none.
ON_PAPER, MADE_FOR = ("mail", "fax", "visit"), frozenset({"mail", "fax"})
#: Kinds for which the law lets a company charge a fee.
MAY_COST = frozenset({"disclosure", "purpose_notice", "third_party_records"})
#: What each way of answering needs to be known.
REACHED_BY = {"email": "email", "download": "email", "fax": "fax", "mail": "address"}


def paper_ways(company: Company) -> tuple[str, ...]:
    """The ways on paper by which the company takes requests, the first being offered first; none: no paper is made."""
    ways = company.procedure.ways.value
    return tuple(way for way in ways if way in ON_PAPER) if MADE_FOR & set(ways) else ()


def compose_paper(
    library: Library, company: Company, kind: str, fields: Mapping[str, str], locale: str, reference: str, now: datetime
) -> Paper:
    """What is printed for a request; raises NoPaper.

    `fields` has the names of bot.desk.fields, and who (self, delegate, legal), way (mail, fax, visit) and reply (a method
    of the procedure). Whatever is missing is left open to be filled in by hand.
    """
    ways = paper_ways(company)
    if not ways or kind not in company.requests:
        raise NoPaper(NoPaper.__doc__)
    clerk = Clerk(library, company, kind, fields, locale)
    way = clerk.answer("way") if clerk.answer("way") in ways else ways[0]
    made_at = now.astimezone(ZoneInfo(company.timezone))
    letter = _letter(clerk, made_at)
    sections = (
        Section(
            clerk.say({"mail": "enclose", "fax": "enclose_fax", "visit": "enclose_visit"}[way]),
            list_enclosures(clerk, way, [row.label for row in letter.rows if not row.value]),
        ),
        Section(clerk.say("fee"), (_fee(clerk),)),
        Section(clerk.say("next"), tuple(_next(clerk, reference)), numbered=True),
    )
    return Paper(
        locale=locale,
        reference=reference,
        made_at=made_at,
        subject=f"{letter.title}: {company.name}",
        letter=letter,
        sheet=Sheet(
            clerk.say("sheet_title"),
            clerk.say("sheet_about"),
            clerk.say("legend", short=clerk.short),
            sections,
            _sending(clerk, way, ways),
        ),
        labels={
            name: localise(library.paper[name], locale)
            for name in ("reference", "page", "continues", "unprintable", "fill_in", "source_policy", "source_law", "source_desk")
        },
    )


def _letter(clerk: Clerk, made_at: datetime) -> Letter:
    day = format_date(made_at, "y年M月d日" if clerk.locale == "ja" else "d MMMM y", locale=clerk.locale)
    return Letter(
        title=clerk.say("title_form" if clerk.company.procedure.form.value == "own_form" else "title_letter"),
        date=clerk.say("date", date=day),
        to=(clerk.company.name, clerk.say("to", name=clerk.desk_name())),
        opening=clerk.say(f"opening_{clerk.who}"),
        begin=clerk.say("begin"),
        rows=tuple(_rows(clerk, day)),
        details_label=clerk.say("row_details"),
        details=clerk.answer("details"),
        end=clerk.say("end"),
        signature=clerk.say("signature"),
        signed=clerk.answer("name"),
    )


def _rows(clerk: Clerk, day: str) -> Iterator[Row]:
    """What is known, what the policy prescribes, and what the answer needs; the last two stay open where they are missing."""
    procedure = clerk.company.procedure
    prescribed = set(procedure.contents.value)
    asked = clerk.say("prescribed")
    needed = {REACHED_BY[reply] for reply in (clerk.answer("reply"),) if reply in REACHED_BY}
    needed |= {"phone"} if "telephone" in procedure.identity.value[:1] else set()
    address = " ".join(filter(None, (clerk.answer("postcode"), clerk.answer("address"))))
    known = {name: clerk.answer(name) for name in ("phone", "fax", "email", "contract")} | {"address": address}
    kind = localise(clerk.company.requests[clerk.kind], clerk.locale)
    yield Row(clerk.say("row_kind"), kind[:1].upper() + kind[1:])
    if "date" in prescribed:
        yield Row(clerk.say("row_date"), day, asked)
    yield Row(clerk.say("row_name" if clerk.who == "self" else "row_agent"), clerk.answer("name"))
    if clerk.who != "self":
        yield Row(clerk.say("row_principal"), clerk.answer("principal_name"))
    for name in ("address", "phone", "fax", "email", "contract"):
        if known[name] or name in prescribed | needed:
            yield Row(clerk.say(f"row_{name}"), known[name], asked if name in prescribed else "")
    replies = procedure.replies.value
    if clerk.answer("reply") in replies:
        yield Row(clerk.say("row_reply"), clerk.term("replies", clerk.answer("reply")))
    elif procedure.replies.of_policy:
        yield Row(clerk.say("row_reply"), "", clerk.say("choose", choices=clerk.terms("replies", replies)))


def _fee(clerk: Clerk) -> Item:
    fee = clerk.fee
    if fee is None:
        notes = () if clerk.kind in MAY_COST else clerk.by_law("no_fee_except_disclosure")
        return Item(clerk.say("fee_unstated", short=clerk.short), notes, tick=False)
    parts = [clerk.say("fee_amount", total=f"{fee.total:,}", unit=clerk.term("units", fee.unit))]
    if fee.before_tax:
        parts.append(clerk.say("fee_before_tax", amount=f"{fee.before_tax:,}"))
    parts += [clerk.term("payments", name) for name in (fee.payment, fee.when, fee.transfer_charge) if name]
    notes = list(clerk.quote(clerk.company.procedure.fee))
    if fee.extra:
        notes.insert(0, Said(clerk.say("fee_extra")))
    notes.append(clerk.by_desk("fee_later" if fee.payment or fee.when else "fee_payment_unstated"))
    return Item(clerk.say("fee_join").join(parts), tuple(notes), tick=False)


def _sending(clerk: Clerk, way: str, ways: tuple[str, ...]) -> Sending:
    procedure = clerk.company.procedure
    address = clerk.value("submit_address", "address") or clerk.value("postal_address", "address")
    fax = clerk.value("submit_address", "fax") or clerk.value("fax", "fax")
    lines: list[Said] = []
    marking = None
    if way == "mail":
        if procedure.tracked_mail.value:
            lines += [Said(clerk.say("tracked"), "" if procedure.tracked_mail.of_policy else DESK)]
            lines += clerk.quote(procedure.tracked_mail)
        else:
            lines.append(clerk.by_desk("tracked_by_desk"))
        marking = _marking(clerk)
    if way == "fax":
        lines += [Said(clerk.say("fax_number", fax=fax) if fax else clerk.say("no_address")), clerk.by_desk("fax_check")]
    elif address:
        heading = _heading(clerk, address)
        lines.append(Said(clerk.say("printed_under", heading=heading) if heading else clerk.say("printed")))
    else:
        lines.append(Said(clerk.say("no_address")))
    if others := [clerk.term("ways", other) for other in ways if other != way]:
        lines.append(Said(clerk.say("other_ways", ways=clerk.say("or").join(others))))
        lines += clerk.quote(procedure.ways)[:1]
    sender = [" ".join(filter(None, (clerk.answer("postcode"), clerk.answer("address")))), clerk.answer("name")]
    return Sending(
        way=way,
        title=clerk.say(f"send_{way}"),
        lines=tuple(lines),
        marking=marking,
        block=clerk.say("address_block") if way == "mail" and address else "",
        to=(*filter(None, (address,)), clerk.company.name, clerk.say("to", name=clerk.desk_name())),
        sender_label=clerk.say("from"),
        sender=tuple(sender),
    )


def _marking(clerk: Clerk) -> Marking | None:
    envelope = clerk.company.procedure.envelope.value
    if not envelope:
        return None
    # Whoever opens the post reads Japanese, so that the Japanese words are there whatever the customer's language is.
    texts = dict.fromkeys(text for text in (envelope["text"].get("ja"), localise(envelope["text"], clerk.locale)) if text)
    return Marking(clerk.say("marking", colour=_colour(clerk, envelope["colour"])), tuple(texts), envelope["colour"])


def _colour(clerk: Clerk, colour: str) -> str:
    return clerk.say(f"colour_{colour}") if f"colour_{colour}" in clerk.library.paper else colour


def _heading(clerk: Clerk, address: str) -> str:
    """What the address stands under in the policy."""
    for topic in ("submit_address", "postal_address"):
        fact = clerk.company.facts.get(topic)
        for quote in fact.statement.quotes if fact else ():
            if address in quote.text and quote.heading:
                return quote.heading.rstrip(":：")
    return ""


def _next(clerk: Clerk, reference: str) -> Iterator[Item]:
    procedure, fee = clerk.company.procedure, clerk.fee
    yield Item(clerk.say("next_arrives", reference=reference))
    yield Item(clerk.say("next_telephone" if "telephone" in procedure.identity.value[:1] else "next_check"))
    if fee:
        total, how = f"{fee.total:,}", [clerk.term("payments", name) for name in (fee.payment, fee.when) if name]
        yield Item(
            clerk.say("next_fee", total=total, how=clerk.say("comma").join(how))
            if how
            else clerk.say("next_fee_told", total=total)
        )
    reply, replies = clerk.answer("reply"), procedure.replies.value
    if reply in replies:
        text = clerk.say("next_answer", reply=clerk.term("replies", reply))
    else:
        text = clerk.say("next_answer_open", reply=clerk.terms("replies", replies))
    yield Item(text, clerk.by_law("answer_without_delay"))
    phone, hours = clerk.value("phone", "phone"), clerk.company.hours
    desk = clerk.say("desk", desk=clerk.desk_name())
    if phone:
        desk = clerk.say("desk_phone", desk=clerk.desk_name(), phone=phone, hours=hours.quote if hours else "").strip()
    yield Item(clerk.say("next_ask"), (Said(desk),))
