"""What stands on a ticket and staff may change: priority, kind, due date, subject, contact, tags."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.delivery.services import SERVICES
from bot.desk.errors import BadRequest
from bot.desk.ticket import PRIORITIES, Contact

from .acts import begin, done
from .forms import text_of
from .pages import PAGES

routes = web.RouteTableDef()


@routes.post("/tickets/{reference}/priority", name="priority")
async def set_priority(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    wanted = text_of(await request.post(), "priority")
    if not (wanted.isascii() and wanted.isdigit() and int(wanted) < len(PRIORITIES)):
        raise BadRequest("The priority is none of those there are.")
    return done(request, await casework.details.set_priority(person, ticket.id, int(wanted)))


@routes.post("/tickets/{reference}/reason", name="reason")
async def set_reason(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    return done(request, await casework.details.set_reason(person, ticket.id, text_of(await request.post(), "reason")))


@routes.post("/tickets/{reference}/due", name="due")
async def set_due(request: web.Request) -> web.Response:
    """An empty field lets the clocks' own date hold again."""
    casework, person, ticket = await begin(request)
    due_at = read_moment(request, ticket.company, text_of(await request.post(), "due"))
    return done(request, await casework.details.set_due(person, ticket.id, due_at), "ticket.told_due")


@routes.post("/tickets/{reference}/subject", name="subject")
async def set_subject(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    subject = text_of(await request.post(), "subject")
    return done(request, await casework.details.set_subject(person, ticket.id, subject), "ticket.told_saved")


@routes.post("/tickets/{reference}/contact", name="contact")
async def set_contact(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    form = await request.post()
    contact = Contact(**{name: text_of(form, name) for name in ("name", "email", "phone", "address")})
    version = text_of(form, "version")
    changed = await casework.details.set_contact(person, ticket.id, contact, int(version) if version.isdigit() else None)
    return done(request, changed, "ticket.told_saved")


@routes.get("/tickets/{reference}/tags", name="tags")
async def list_tags(request: web.Request) -> web.Response:
    """The company's tags that begin so, as a field's suggestions."""
    casework, person, ticket = await begin(request)
    tags = await casework.details.list_tags(person, ticket.company, request.query.get("tag", ""))
    return request.app[PAGES].render(request, "options.html", options=tags)


@routes.post("/tickets/{reference}/tag", name="tag")
async def tag(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    tags = [part for part in text_of(await request.post(), "tag").replace("、", ",").split(",") if part.strip()]
    return done(request, await casework.details.tag(person, ticket.id, *tags))


@routes.post("/tickets/{reference}/untag", name="untag")
async def untag(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    return done(request, await casework.details.untag(person, ticket.id, text_of(await request.post(), "tag")))


def read_moment(request: web.Request, company: str, written: str) -> datetime | None:
    """A field of type datetime-local, in the company's time zone; raises BadRequest."""
    if not written:
        return None
    zone = ZoneInfo(request.config_dict[SERVICES].library.company(company).timezone)
    try:
        return datetime.fromisoformat(written).replace(tzinfo=zone)
    except ValueError:
        raise BadRequest("This is no date and time.") from None
