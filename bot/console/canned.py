"""The administration of ready-made replies."""

from __future__ import annotations

from aiohttp import web
from multidict import MultiDictProxy

from bot.casework.casework import CASEWORK
from bot.delivery.services import SERVICES
from bot.desk.canned import LONGEST_BODY, LONGEST_SHORTCUT, LONGEST_TITLE, VARIABLES, CannedReply
from bot.desk.errors import BadFields, BadRequest
from bot.desk.person import Permission

from .forms import go, read_fields, text_of
from .pages import PAGES, PERSON

routes = web.RouteTableDef()

HERE = "/desk/settings/replies"
LOCALES = {"en": "English", "ja": "日本語"}


@routes.get("/settings/replies", name="canned_replies")
async def list_replies(request: web.Request) -> web.Response:
    """Those of one's companies and those of every company."""
    replies = await request.config_dict[CASEWORK].canned.list(request[PERSON])
    company = request.query.get("company", "")
    if company:
        replies = [one for one in replies if one.company == company]
    return request.app[PAGES].render(request, "canned_replies.html", replies=replies, chosen=company, locales=LOCALES)


@routes.get("/settings/replies/new", name="canned_reply_new")
async def show_new(request: web.Request) -> web.Response:
    """An empty form, for a company that was chosen before or the first of one's own."""
    person = request[PERSON]
    person.require(Permission.MANAGE_REPLIES)
    mine = request.config_dict[CASEWORK].canned.companies(person)
    company = request.query.get("company") or (mine[0] if mine and not person.all_companies else None)
    return render_form(request, CannedReply("", company, person.locale, "", "", ""))


@routes.get("/settings/replies/{reply}", name="canned_reply")
async def show_reply(request: web.Request) -> web.Response:
    found = await request.config_dict[CASEWORK].canned.find(request[PERSON], request.match_info["reply"])
    return render_form(request, found)


@routes.post("/settings/replies/new", name="canned_reply_add")
@routes.post("/settings/replies/{reply}", name="canned_reply_change")
async def save_reply(request: web.Request) -> web.Response:
    """Keep it, or only show what a customer would read."""
    fields = await read_fields(request)
    reply = read_reply(request.match_info.get("reply", ""), fields)
    canned = request.config_dict[CASEWORK].canned
    if text_of(fields, "act") == "preview":
        wrong = {name: why for name, why in reply.find_wrong().items() if name == "body"}
        shown = None if wrong else await canned.preview(request[PERSON], reply)
        return render_form(request, reply, wrong, shown)
    try:
        await canned.save(request[PERSON], reply)
    except BadFields as error:
        return render_form(request, reply, error.wrong)
    return go(HERE, "canned.kept")


@routes.post("/settings/replies/{reply}/delete", name="canned_reply_delete")
async def delete_reply(request: web.Request) -> web.Response:
    version = read_version(await read_fields(request))
    await request.config_dict[CASEWORK].canned.delete(request[PERSON], request.match_info["reply"], version)
    return go(HERE, "canned.deleted")


def read_reply(id: str, fields: MultiDictProxy) -> CannedReply:
    """What the form says, as it stands there."""
    return CannedReply(
        id=id,
        company=text_of(fields, "company") or None,
        locale=text_of(fields, "locale"),
        shortcut=text_of(fields, "shortcut").strip().removeprefix("/"),
        title=text_of(fields, "title"),
        body=text_of(fields, "body").replace("\r\n", "\n"),
        version=read_version(fields) if id else 1,
    )


def read_version(fields: MultiDictProxy) -> int:
    text = text_of(fields, "version")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest("version: is missing.")
    return int(text)


def render_form(
    request: web.Request, reply: CannedReply, wrong: dict | None = None, shown: str | None = None
) -> web.Response:
    """The form; beside each field what is wrong with it, below what a customer would read."""
    pages, person = request.app[PAGES], request[PERSON]
    companies = request.config_dict[SERVICES].library.companies()
    words = {name: pages.say(request, f"canned.wrong_{why}", **values) for name, (why, values) in (wrong or {}).items()}
    return pages.render(
        request,
        "canned_reply.html",
        422 if wrong else 200,
        reply=reply,
        wrong=words,
        shown=shown,
        variables=VARIABLES,
        locales={locale: LOCALES.get(locale, locale) for one in companies if person.sees(one.key) for locale in one.locales},
        editable=reply.company is not None or person.all_companies,
        most={"shortcut": LONGEST_SHORTCUT, "title": LONGEST_TITLE, "body": LONGEST_BODY},
    )
