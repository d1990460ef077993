"""Who is at the console: the cookie, the session behind it, and proof that a form came from a page of ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.bootstrap import Core
from bot.delivery.services import SERVICES
from bot.desk.session import Session
from bot.storage.cipher import derive_key

from .pages import CSRF, PERSON

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

#: The session of who is signed in. It may still wait for its second factor, and then there is no PERSON.
SESSION = web.RequestKey("session", Session)
#: The browser's token, whether it stands for a session or only for somebody at the sign-in page.
TOKEN = web.RequestKey("token", str)

SIGN_IN = "/desk/sign-in"
SECOND_FACTOR = "/desk/sign-in/second"
SET_SECOND_FACTOR = "/desk/account/second-factor"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


def public(handler):
    """Marks a page that may be seen by somebody who is not signed in."""
    handler.public = True
    return handler


def anonymous(handler):
    """Marks what is the same for everybody, so that nobody is looked up for it."""
    handler.anonymous = True
    return handler


def before_second_factor(handler):
    """Marks what can be done by somebody who has to set up a second factor first."""
    handler.before_second_factor = True
    return handler


def csrf_of(core: Core, token: str) -> str:
    """What belongs to a browser's token and cannot be made from outside."""
    code = hmac.new(derive_key(core.secret, "csrf"), token.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(code).decode().rstrip("=")


@web.middleware
async def find_session(request: web.Request, handler) -> web.StreamResponse:
    """Finds out who asks; turns away who is not signed in, and every act that no page of ours asked for."""
    if getattr(request.match_info.handler, "anonymous", False):
        return await handler(request)
    services = request.config_dict[SERVICES]
    token = request.cookies.get(cookie_name(request), "")
    known = bool(_TOKEN.fullmatch(token))
    session = None
    if known:
        session = await services.database.run(lambda db: services.core.sessions.find(db, token, services.clock()))
    request[TOKEN] = token if known else secrets.token_urlsafe(32)
    request[CSRF] = csrf_of(services.core, request[TOKEN])
    if session:
        request[SESSION] = session
        if session.verified:
            request[PERSON] = session.person
    open_to_all = getattr(request.match_info.handler, "public", False)
    if not open_to_all and PERSON not in request:
        return turn_away(request, SECOND_FACTOR if session else SIGN_IN)
    if session and lacks_second_factor(request, session) and not getattr(request.match_info.handler, "before_second_factor", False):
        return turn_away(request, SET_SECOND_FACTOR)
    if request.method not in SAFE_METHODS and not await proves_itself(request):
        raise web.HTTPForbidden(text="This form is out of date or not from this desk. Load the page anew and try again.")
    response = await handler(request)
    if not known and not response.prepared and cookie_name(request) not in response.cookies:
        set_cookie(request, response, request[TOKEN])
    return response


def lacks_second_factor(request: web.Request, session: Session) -> bool:
    """Whether this desk wants one of everybody, and this person neither has one nor gave one elsewhere."""
    wanted = request.config_dict[SERVICES].settings.require_second_factor
    return wanted and session.verified and not session.second_factor and not session.strong


def turn_away(request: web.Request, to: str) -> web.Response:
    """To the sign-in page, and from there back to what was wanted."""
    if "text/event-stream" in request.headers.get("Accept", ""):
        return web.Response(status=401, text="Please sign in.")
    back = request.path_qs
    if request.headers.get("HX-Request"):
        # What a fragment is for: the page that it stands in.
        back = urlsplit(request.headers.get("HX-Current-URL", "")).path
    elif request.method not in SAFE_METHODS:
        back = ""
    address = f"{to}?{urlencode({'next': back})}" if back not in ("", "/desk", "/desk/") else to
    if request.headers.get("HX-Request"):
        return web.Response(status=401, headers={"HX-Redirect": address})
    return web.Response(status=303, headers={"Location": address})


async def proves_itself(request: web.Request) -> bool:
    """Whether it came from a page of ours: the browser says so, where it does, and the token is right."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    known = (request.host, urlsplit(request.config_dict[SERVICES].settings.public_url).netloc)
    if origin and origin != "null" and urlsplit(origin).netloc not in known:
        return False
    given = request.headers.get("X-CSRF-Token")
    if given is None:
        given = str((await request.post()).get("csrf", ""))
    return hmac.compare_digest(given.encode(errors="replace"), request[CSRF].encode())


def is_secure(request: web.Request) -> bool:
    """Whether the browser reaches this desk over https, as far as can be known here."""
    public_url = urlsplit(request.config_dict[SERVICES].settings.public_url)
    return request.secure or (public_url.scheme == "https" and public_url.netloc == request.host)


def cookie_name(request: web.Request) -> str:
    # With this prefix browsers take it from this host alone, over https alone, and for every path of it.
    return "__Host-desk" if is_secure(request) else "desk"


def set_cookie(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser its token; it forgets it when it is closed."""
    secure = is_secure(request)
    path = "/" if secure else "/desk"
    # Lax, not Strict: who opens a ticket by the link in a mail is signed in all the same.
    response.set_cookie(cookie_name(request), token, path=path, secure=secure, httponly=True, samesite="Lax")


def drop_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser forget its token."""
    secure = is_secure(request)
    response.del_cookie(cookie_name(request), path="/" if secure else "/desk", secure=secure, httponly=True, samesite="Lax")
