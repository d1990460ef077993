"""Setting up a second factor, removing it, and its recovery codes."""

from __future__ import annotations

import segno
from aiohttp import web

from bot.casework.accounts import Account
from bot.casework.casework import CASEWORK
from bot.channels.faults import status_of
from bot.delivery.services import SERVICES
from bot.desk.errors import DeskError, SignInPaused, WrongCode, WrongPassword
from bot.desk.second_factor import make_address

from .errors import words_of
from .forms import go, place_of, read_fields, text_of
from .pages import PAGES, PERSON
from .session import SESSION, before_second_factor

routes = web.RouteTableDef()


@routes.get("/account/second-factor", name="second_factor")
@before_second_factor
async def show_second_factor(request: web.Request) -> web.Response:
    """How it stands: set up, or the square code for the app."""
    return await render(request)


@routes.post("/account/second-factor", name="second_factor_set")
@before_second_factor
async def set_second_factor(request: web.Request) -> web.Response:
    accounts, fields = request.config_dict[CASEWORK].accounts, await read_fields(request)
    sealed = text_of(fields, "offer")
    try:
        offer = accounts.offer_second_factor(request[SESSION], sealed)
        codes = await accounts.set_second_factor(
            request[SESSION], offer, text_of(fields, "code"), text_of(fields, "present"), place_of(request).network
        )
    except (WrongCode, WrongPassword, SignInPaused) as error:
        return await render(request, error, sealed=sealed)
    return show_codes(request, codes)


@routes.post("/account/second-factor/remove", name="second_factor_removed")
async def remove_second_factor(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    try:
        await request.config_dict[CASEWORK].accounts.remove_second_factor(
            request[SESSION], text_of(fields, "present"), place_of(request).network
        )
    except (WrongPassword, SignInPaused) as error:
        return await render(request, error)
    return go("/desk/account", "account.factor_removed")


@routes.post("/account/recovery-codes", name="recovery_codes")
async def renew_recovery_codes(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    try:
        codes = await request.config_dict[CASEWORK].accounts.renew_recovery_codes(
            request[SESSION], text_of(fields, "present"), place_of(request).network
        )
    except (WrongPassword, SignInPaused) as error:
        return await render(request, error)
    return show_codes(request, codes)


async def render(request: web.Request, error: DeskError | None = None, sealed: str = "") -> web.Response:
    accounts = request.config_dict[CASEWORK].accounts
    account: Account = await accounts.show(request[SESSION])
    offer = None if account.second_factor else accounts.offer_second_factor(request[SESSION], sealed)
    status = status_of(error)
    return request.app[PAGES].render(
        request,
        "second_factor.html",
        status,
        account=account,
        offer=offer,
        square=draw_square(make_address(offer.secret, request[PERSON].email)) if offer else "",
        asked=account.has_password and not account.fresh,
        required=request.config_dict[SERVICES].settings.require_second_factor,
        wrong=words_of(request, error) if error else "",
        field="present" if isinstance(error, WrongPassword) else "code",
    )


def show_codes(request: web.Request, codes: list[str]) -> web.Response:
    return request.app[PAGES].render(request, "recovery_codes.html", codes=codes)


def draw_square(address: str) -> str:
    """A square code as the address of a picture; light on every theme, as cameras want it."""
    return segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff", xmldecl=False)
