"""Signing in by password and code, and out."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.casework.sign_in import SignedIn
from bot.channels.faults import status_of
from bot.delivery.services import SERVICES
from bot.desk.errors import DeskError, SignInFailed, SignInPaused, WrongCode
from bot.desk.session import Session

from .errors import words_of
from .forms import back_of, go, place_of, read_fields, text_of
from .pages import LANGUAGE_COOKIE, PAGES, PERSON
from .session import (
    SECOND_FACTOR,
    SESSION,
    SIGN_IN,
    before_second_factor,
    drop_cookie,
    is_secure,
    public,
    set_cookie,
)

routes = web.RouteTableDef()


@routes.get("/sign-in", name="sign_in")
@public
async def show_sign_in(request: web.Request) -> web.Response:
    if PERSON in request:
        return go(back_of(request.query.get("next", "")))
    return render_sign_in(request)


@routes.post("/sign-in", name="sign_in_by_password")
@public
async def sign_in(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    email = text_of(fields, "email")
    try:
        opened = await request.config_dict[CASEWORK].sign_in.by_password(email, text_of(fields, "password"), place_of(request))
    except (SignInFailed, SignInPaused) as error:
        return render_sign_in(request, error, email)
    return enter(request, opened, back_of(request.query.get("next", "")))


@routes.get("/sign-in/second", name="second_step")
@public
async def show_second(request: web.Request) -> web.Response:
    if SESSION not in request or PERSON in request:
        return go(SIGN_IN if PERSON not in request else back_of(request.query.get("next", "")))
    return render_second(request)


@routes.post("/sign-in/second", name="second_step_by_code")
@public
async def give_second(request: web.Request) -> web.Response:
    session: Session | None = request.get(SESSION)
    if session is None or session.verified:
        return go(SIGN_IN)
    fields = await read_fields(request)
    try:
        await request.config_dict[CASEWORK].sign_in.by_code(session, text_of(fields, "code"), place_of(request))
    except (WrongCode, SignInPaused) as error:
        return render_second(request, error)
    return go(back_of(request.query.get("next", "")))


@routes.post("/sign-out", name="sign_out")
@public
@before_second_factor
async def sign_out(request: web.Request) -> web.Response:
    if session := request.get(SESSION):
        await request.config_dict[CASEWORK].sign_in.out(session)
    response = go(SIGN_IN, "sign_in.signed_out")
    drop_cookie(request, response)
    return response


@routes.post("/language", name="language")
@public
@before_second_factor
async def choose_language(request: web.Request) -> web.Response:
    """For who is signed in, wherever they sign in; and for this browser's sign-in page."""
    fields = await read_fields(request)
    locale = "ja" if text_of(fields, "locale") == "ja" else "en"
    if PERSON in request:
        await request.config_dict[CASEWORK].accounts.choose_language(request[SESSION], locale)
    back = text_of(fields, "back")
    response = go(SIGN_IN if PERSON not in request and back_of(back) == "/desk" else back_of(back))
    response.set_cookie(
        LANGUAGE_COOKIE, locale, path="/desk", max_age=31_536_000, secure=is_secure(request), httponly=True, samesite="Lax"
    )
    return response


def enter(request: web.Request, opened: SignedIn, back: str, told: str = "") -> web.Response:
    """Into the console with a new session; the browser's token from before the sign-in is worth nothing."""
    ahead = back if opened.verified else f"{SECOND_FACTOR}?{urlencode({'next': back})}"
    told = told or ("sign_in.remind" if opened.remind else "")
    response = go(ahead, told if opened.verified else "")
    set_cookie(request, response, opened.token)
    return response


def render_sign_in(request: web.Request, error: DeskError | None = None, email: str = "") -> web.Response:
    settings = request.config_dict[SERVICES].settings
    wrong = words_of(request, error) if error else ""
    status = status_of(error)
    response = request.app[PAGES].render(
        request,
        "sign_in.html",
        status,
        wrong=wrong,
        email=email,
        identity_provider=bool(settings.oidc_issuer),
    )
    if isinstance(error, SignInPaused):
        response.headers["Retry-After"] = str(max(round(error.retry_after), 1))
    return response


def render_second(request: web.Request, error: DeskError | None = None) -> web.Response:
    status = status_of(error)
    return request.app[PAGES].render(request, "second_step.html", status, wrong=words_of(request, error) if error else "")
