"""Signing in by the company's identity provider: to it, and back."""

from __future__ import annotations

import json

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.delivery.services import SERVICES
from bot.desk.errors import ForeignIdentity
from bot.storage.cipher import WrongKey

from .forms import back_of, place_of
from .identity_provider import IdentityProvider, Journey
from .session import TOKEN, is_secure, public
from .sign_in import enter, render_sign_in

routes = web.RouteTableDef()

PROVIDER = web.AppKey("identity_provider", IdentityProvider)

COOKIE = "desk_journey"
PATH = "/desk/sign-in/provider"
#: Seconds that somebody has at the provider.
PATIENCE = 600


@routes.get("/sign-in/provider", name="provider_asked")
@public
async def begin(request: web.Request) -> web.Response:
    """To the provider; what the browser has to bring back lies in a cookie, sealed for this browser."""
    provider = find_provider(request)
    try:
        address, journey = await provider.begin(back_address(request))
    except ForeignIdentity as error:
        return render_sign_in(request, error)
    response = web.Response(status=303, headers={"Location": address})
    kept = json.dumps({"journey": journey.text(), "next": back_of(request.query.get("next", ""))})
    sealed = request.config_dict[SERVICES].core.cipher.encrypt(kept, f"journey {request[TOKEN]}").hex()
    response.set_cookie(COOKIE, sealed, path=PATH, max_age=PATIENCE, secure=is_secure(request), httponly=True, samesite="Lax")
    return response


@routes.get("/sign-in/provider/back", name="provider_answered")
@public
async def finish(request: web.Request) -> web.Response:
    """Back from the provider, with its word on who it is."""
    provider, services = find_provider(request), request.config_dict[SERVICES]
    try:
        try:
            sealed = bytes.fromhex(request.cookies.get(COOKIE, ""))
            kept = json.loads(services.core.cipher.decrypt(sealed, f"journey {request[TOKEN]}"))
        except (WrongKey, ValueError):
            # Begun in another browser, too long ago, or never.
            raise ForeignIdentity("refused") from None
        journey = Journey(**json.loads(kept["journey"]))
        identity = await provider.finish(journey, str(request.url), back_address(request), services.clock())
        opened = await request.config_dict[CASEWORK].sign_in.by_identity(identity, place_of(request))
        response = enter(request, opened, kept["next"])
    except ForeignIdentity as error:
        response = render_sign_in(request, error)
    response.del_cookie(COOKIE, path=PATH, secure=is_secure(request), httponly=True, samesite="Lax")
    return response


def find_provider(request: web.Request) -> IdentityProvider:
    provider = request.app[PROVIDER]
    if not provider:
        raise web.HTTPNotFound
    return provider


def back_address(request: web.Request) -> str:
    """Where the provider sends the browser back to: as the provider knows the desk."""
    public_url = request.config_dict[SERVICES].settings.public_url.rstrip("/")
    return f"{public_url or f'{request.scheme}://{request.host}'}{PATH}/back"
