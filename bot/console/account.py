"""One's own account: password, sessions, language, absence."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.casework.sign_in import REMINDED
from bot.channels.faults import status_of
from bot.delivery.services import SERVICES
from bot.desk.errors import BadPerson, DeskError, SignInPaused, WeakPassword, WrongPassword
from bot.desk.passwords import SHORTEST

from .errors import words_of
from .forms import go, place_of, read_fields, text_of
from .pages import PAGES, PERSON, find_zone, list_companies
from .session import SESSION

routes = web.RouteTableDef()


@routes.get("/account", name="account")
async def show_account(request: web.Request) -> web.Response:
    return await render(request)


@routes.post("/account/password", name="account_password")
async def change_password(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    password = text_of(fields, "password")
    try:
        if password != text_of(fields, "again"):
            raise WeakPassword("different")
        await request.config_dict[CASEWORK].accounts.change_password(
            request[SESSION], text_of(fields, "present"), password, place_of(request).network
        )
    except (WeakPassword, WrongPassword, SignInPaused) as error:
        field = "present" if not isinstance(error, WeakPassword) else "again" if error.why == "different" else "password"
        return await render(request, error, field)
    return go("/desk/account", "account.password_changed")


@routes.post("/account/absence", name="account_absence")
async def set_absence(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    try:
        until = read_moment(text_of(fields, "until"), zone_of(request)) if text_of(fields, "away") else None
        await request.config_dict[CASEWORK].accounts.be_absent(request[SESSION], until)
    except BadPerson as error:
        return await render(request, error, "until")
    return go("/desk/account", "account.away" if until else "account.back")


@routes.post("/account/mail", name="account_mail")
async def choose_mails(request: web.Request) -> web.Response:
    wanted = [str(one) for one in (await read_fields(request)).getall("mail", [])]
    await request.config_dict[CASEWORK].accounts.choose_mails(request[SESSION], wanted)
    return go("/desk/account", "account.mails_chosen")


@routes.post("/account/sessions/end", name="account_sessions_end")
async def end_sessions(request: web.Request) -> web.Response:
    """One of one's own, or all but this one."""
    accounts = request.config_dict[CASEWORK].accounts
    session = text_of(await read_fields(request), "session")
    if session:
        await accounts.end_session(request[SESSION], session)
    else:
        await accounts.end_other_sessions(request[SESSION])
    return go("/desk/account", "account.sessions_ended")


async def render(request: web.Request, error: DeskError | None = None, field: str = "") -> web.Response:
    account = await request.config_dict[CASEWORK].accounts.show(request[SESSION])
    status = status_of(error)
    return request.app[PAGES].render(
        request,
        "account.html",
        status,
        account=account,
        session=request[SESSION],
        wrong={field: words_of(request, error)} if error else {},
        shortest=SHORTEST,
        reminded=bool(request[PERSON].roles & REMINDED) and not account.second_factor and not request[SESSION].strong,
        now=request.config_dict[SERVICES].clock(),
    )


def zone_of(request: web.Request) -> tzinfo:
    """The time zone in which this reader writes times."""
    person = request[PERSON]
    return find_zone(request.config_dict[SERVICES].library, list_companies(request, person, person.locale))


def read_moment(text: str, zone: tzinfo) -> datetime:
    """What a field of type datetime-local sends; raises BadPerson."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadPerson("absence") from None
