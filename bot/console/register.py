"""Registering what did not come by chat: a letter, fax, call, visit or mail becomes a ticket in a minute."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from aiohttp import web
from multidict import MultiDictProxy

from bot.casework.casework import CASEWORK
from bot.delivery.services import SERVICES
from bot.desk.errors import BadRegistration, FileNotTaken, FileTooLarge
from bot.desk.person import Permission
from bot.desk.registration import CHANNELS, LONGEST_CONTACT, LONGEST_TEXT, Registration, Scan
from bot.desk.ticket import PRIORITIES, REASONS, Contact
from bot.knowledge.company import localise

from .forms import go, text_of
from .pages import PAGES, PERSON, find_locale, find_zone, list_companies

routes = web.RouteTableDef()

#: Fields that stay filled in where several are registered one after the other, as a morning's post is.
KEPT = ("channel", "company", "language")

#: Fields that begin empty.
EMPTY = dict.fromkeys(("name", "email", "phone", "address", "text", "subject", "topic", "priority", "take"), "")


class Wrong(NamedTuple):
    """Which field cannot be as it is, and the key of the words that say so."""

    field: str
    key: str


@routes.get("/register", name="register")
async def show_form(request: web.Request) -> web.Response:
    """The empty form; channel, company and language as the one before had them."""
    request[PERSON].require(Permission.WORK_TICKETS)
    return show(request, {name: request.query[name] for name in KEPT if name in request.query})


@routes.post("/register", name="register-do")
async def register(request: web.Request) -> web.Response:
    """To the new ticket, or to the next empty form; what cannot be comes back with what was typed."""
    form = await request.post()
    typed = {name: text_of(form, name) for name in form}
    person, casework = request[PERSON], request.config_dict[CASEWORK]
    try:
        ticket = await casework.registering.register(person, read(request, form))
    except BadRegistration as error:
        return show(request, typed, Wrong(error.why, f"register.wrong_{error.why}"))
    except (FileNotTaken, FileTooLarge) as error:
        return show(request, typed, Wrong("scan", f"errors.{type(error).__name__}"))
    if "another" in form:
        kept = {name: typed.get(name, "") for name in KEPT}
        return go(str(request.rel_url.with_path("/desk/register").with_query(kept)), "register.told")
    return go(f"/desk/tickets/{ticket.reference}", "register.told")


def read(request: web.Request, form: MultiDictProxy) -> Registration:
    """What was filled in; raises BadRegistration for a time that is none."""
    company = text_of(form, "company")
    library = request.config_dict[SERVICES].library
    zone = ZoneInfo(library.company(company).timezone)
    try:
        received_at = datetime.fromisoformat(text_of(form, "received_at")).replace(tzinfo=zone)
    except ValueError:
        raise BadRegistration("received_at") from None
    scan = form.get("scan")
    taken = isinstance(scan, web.FileField) and scan.filename
    priority = text_of(form, "priority")
    return Registration(
        form=text_of(form, "form"),
        company=company,
        channel=text_of(form, "channel"),
        received_at=received_at,
        text=text_of(form, "text"),
        subject=text_of(form, "subject"),
        reason=text_of(form, "reason"),
        topic=text_of(form, "topic") or None,
        language=text_of(form, "language"),
        priority=PRIORITIES.index(priority) if priority in PRIORITIES else None,
        contact=Contact(**{name: text_of(form, name) for name in ("name", "email", "phone", "address")}),
        take="take" in form,
        scan=Scan(scan.filename, scan.file.read()) if taken else None,
    )


def show(request: web.Request, typed: dict[str, str], wrong: Wrong | None = None) -> web.Response:
    services, person, locale = request.config_dict[SERVICES], request[PERSON], find_locale(request)
    own = list_companies(request, person, locale)
    now = services.clock().astimezone(find_zone(services.library, own))
    usual = {
        **EMPTY,
        "form": secrets.token_urlsafe(12),
        "channel": CHANNELS[0],
        "company": own[0]["key"] if len(own) == 1 else "",
        "language": "ja",
        "received_at": f"{now:%Y-%m-%dT%H:%M}",
        "reason": "registered",
    }
    return request.app[PAGES].render(
        request,
        "register.html",
        status=400 if wrong else 200,
        typed={**usual, **typed},
        wrong=wrong,
        channels=CHANNELS,
        reasons=REASONS,
        priorities=PRIORITIES,
        topics={key: localise(topic.title, locale) for key, topic in services.library.topics.items()},
        longest_text=LONGEST_TEXT,
        longest_contact=LONGEST_CONTACT,
    )
