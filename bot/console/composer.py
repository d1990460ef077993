"""Writing: replies that are held for a moment, private notes, drafts, files, suggestions."""

from __future__ import annotations

import math
import secrets
from datetime import datetime

from aiohttp import web
from multidict import MultiDictProxy

from bot.casework.casework import CASEWORK
from bot.delivery.services import SERVICES
from bot.desk.errors import BadRequest
from bot.desk.reply import LONGEST_REPLY, Draft
from bot.desk.ticket import Ticket
from bot.knowledge.citing import list_clauses, list_facts

from .acts import begin, done
from .forms import text_of, texts_of
from .lookup import find_ticket
from .pages import PAGES, PERSON

routes = web.RouteTableDef()


async def compose(request: web.Request, ticket: Ticket) -> dict:
    """What the form needs: what was written so far, and what is on its way."""
    person, casework, services = request[PERSON], request.config_dict[CASEWORK], request.config_dict[SERVICES]
    draft = await casework.replies.load_draft(person, ticket.id)
    company = services.library.company(ticket.company)
    titles = {}
    if draft.citations:
        citable = [*list_facts(services.library, company, ticket.language), *list_clauses(company, ticket.language)]
        titles = {one.id: one.title for one in citable}
    files = {file.id: file.name for file in await casework.files.list_own(person, ticket.id)}
    return {
        "draft": {
            "text": draft.text,
            "note": draft.note,
            "citations": [{"id": one, "title": titles[one]} for one in draft.citations if one in titles],
            "attachments": [{"id": one, "name": files[one]} for one in draft.attachments if one in files],
        },
        "form": secrets.token_urlsafe(12),
        "longest_reply": LONGEST_REPLY,
        **await hold(request, ticket),
    }


async def hold(request: web.Request, ticket: Ticket) -> dict:
    """Replies that have not left yet: one's own can be taken back, a colleague's is only announced."""
    services, person = request.config_dict[SERVICES], request[PERSON]
    held = await request.config_dict[CASEWORK].replies.list_held(person, ticket.id)
    now = services.clock()
    return {
        "unsent": [{"id": one.id, "mine": one.person == person.id, "left": seconds_until(one.send_at, now)} for one in held],
        "here": f"/desk/tickets/{ticket.reference}",
        "ticket": ticket,
    }


def seconds_until(moment: datetime, now: datetime) -> int:
    return max(0, math.ceil((moment - now).total_seconds()))


def read_draft(form: MultiDictProxy) -> Draft:
    text = text_of(form, "text").replace("\r\n", "\n")
    return Draft(text, tuple(texts_of(form, "cite")), tuple(texts_of(form, "attachment")), text_of(form, "kind") == "note")


@routes.post("/tickets/{reference}/reply", name="reply")
async def write(request: web.Request) -> web.Response:
    """A reply, which is held for a moment; or a note, which is kept at once."""
    casework, person, ticket = await begin(request)
    form = await request.post()
    draft, number = read_draft(form), text_of(form, "form")
    if draft.note:
        await casework.notes.add(person, ticket.id, draft.text, number)
        await casework.replies.save_draft(person, ticket.id, Draft())
    else:
        await casework.replies.send(person, ticket.id, draft, number, text_of(form, "then") or "open")
    if not request.headers.get("HX-Request"):
        return done(request, ticket)
    response = await show_unsent(request)
    response.headers["HX-Trigger"] = "desk:sent"
    return response


@routes.get("/tickets/{reference}/unsent", name="unsent")
async def show_unsent(request: web.Request) -> web.Response:
    """What is on its way."""
    ticket = await find_ticket(request)
    return request.app[PAGES].render(request, "ticket_unsent.html", **await hold(request, ticket))


@routes.post("/tickets/{reference}/take-back", name="take-back")
async def take_back(request: web.Request) -> web.Response:
    """The reply is in the form again, before what was written since."""
    casework, person, ticket = await begin(request)
    form = await request.post()
    if "text" in form:
        await casework.replies.save_draft(person, ticket.id, read_draft(form))
    await casework.replies.take_back(person, ticket.id, text_of(form, "reply"))
    if not request.headers.get("HX-Request"):
        return done(request, ticket)
    around = await casework.around.read(person, ticket.id)
    return request.app[PAGES].render(request, "ticket_composer.html", around=around, **await compose(request, ticket))


@routes.post("/tickets/{reference}/send-now", name="send-now")
async def send_now(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    await casework.replies.send_now(person, ticket.id, text_of(await request.post(), "reply"))
    return await show_unsent(request) if request.headers.get("HX-Request") else done(request, ticket)


@routes.post("/tickets/{reference}/draft", name="draft")
async def save_draft(request: web.Request) -> web.Response:
    """Kept as it is typed; colleagues see that somebody writes, and the customer does if it is a reply."""
    casework, person, ticket = await begin(request)
    draft = read_draft(await request.post())
    await casework.replies.save_draft(person, ticket.id, draft)
    presence = request.config_dict[SERVICES].presence
    if draft.note or not draft.text.strip():
        presence.stops(person, ticket)
    else:
        presence.types(person, ticket)
    return web.Response(status=204)


@routes.post("/tickets/{reference}/hand-back", name="hand_back")
async def hand_back(request: web.Request) -> web.Response:
    """The assistant answers again, and knows what was settled."""
    casework, person, ticket = await begin(request)
    settled = text_of(await request.post(), "settled")
    return done(request, await casework.replies.hand_back(person, ticket.id, settled), "ticket.told_handed_back")


@routes.post("/tickets/{reference}/attachments", name="attach")
async def attach(request: web.Request) -> web.Response:
    """A file for the reply that is being written."""
    casework, person, ticket = await begin(request)
    field = (await request.post()).get("file")
    if not isinstance(field, web.FileField):
        raise BadRequest("The field file must hold a file.")
    file = await casework.files.upload(person, ticket.id, field.filename, field.file.read())
    return request.app[PAGES].render(request, "enclosed_file.html", one={"id": file.id, "name": file.name})
