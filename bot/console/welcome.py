"""The pages behind one-time links: the first administrator, an invitation, a new password."""

from __future__ import annotations

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.casework.welcome import Answers, Welcome
from bot.channels.faults import status_of
from bot.desk.errors import AddressTaken, BadPerson, DeskError, WeakPassword
from bot.desk.passwords import SHORTEST

from .errors import words_of
from .forms import place_of, read_fields, text_of
from .pages import PAGES, find_locale
from .session import public
from .sign_in import enter

routes = web.RouteTableDef()


@routes.get("/welcome/{token}", name="welcome")
@public
async def show_welcome(request: web.Request) -> web.Response:
    welcome = await request.config_dict[CASEWORK].welcoming.look(request.match_info["token"])
    return render(request, welcome)


@routes.post("/welcome/{token}", name="welcome_taken_up")
@public
async def take_up(request: web.Request) -> web.Response:
    welcoming, token = request.config_dict[CASEWORK].welcoming, request.match_info["token"]
    welcome = await welcoming.look(token)
    fields = await read_fields(request)
    answers = Answers(text_of(fields, "password"), text_of(fields, "name"), text_of(fields, "email"), find_locale(request))
    try:
        if answers.password != text_of(fields, "again"):
            raise WeakPassword("different")
        opened = await welcoming.take_up(token, answers, place_of(request))
    except (WeakPassword, BadPerson, AddressTaken) as error:
        return render(request, welcome, error, answers)
    return enter(request, opened, "/desk", "welcome.done")


def render(request: web.Request, welcome: Welcome, error: DeskError | None = None, answers: Answers | None = None) -> web.Response:
    """The page, with what was typed but the password, and what is wrong beside its field."""
    context = {
        "welcome": welcome,
        "name": answers.name if answers else "",
        "email": answers.email if answers else "",
        "shortest": SHORTEST,
        "wrong": {_field(error): words_of(request, error)} if error else {},
    }
    if welcome.person:
        context["locale"] = welcome.person.locale
    return request.app[PAGES].render(request, "welcome.html", status_of(error), **context)


def _field(error: DeskError) -> str:
    if isinstance(error, WeakPassword):
        return "again" if error.why == "different" else "password"
    return error.why if isinstance(error, BadPerson) else "email"
