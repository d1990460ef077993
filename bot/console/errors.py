"""Errors to pages, once: what went wrong in the reader's words, as a page or, for htmx, as a notice beside what they typed."""

from __future__ import annotations

import logging

from aiohttp import web

from bot.desk.errors import (
    AddressTaken,
    CannotHaveTicket,
    DeskError,
    Forbidden,
    TicketChanged,
    TicketClosed,
    TicketTaken,
    TooLong,
    TooManyRequests,
    UnknownPerson,
    UnknownTicket,
    UsedLink,
)
from bot.knowledge.errors import UnknownCompany

from .pages import PAGES

log = logging.getLogger(__name__)

STATUS: dict[type[Exception], int] = {
    Forbidden: 403,
    UnknownTicket: 404,
    UnknownPerson: 404,
    UnknownCompany: 404,
    TicketTaken: 409,
    TicketChanged: 409,
    TicketClosed: 409,
    CannotHaveTicket: 409,
    AddressTaken: 409,
    UsedLink: 410,
    TooLong: 413,
    TooManyRequests: 429,
}


@web.middleware
async def translate_errors(request: web.Request, handler) -> web.StreamResponse:
    """Every error of ours, and every other, in words; never a stack trace."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        known = {404: "NoPage", 405: "NoPage", 413: "TooLarge", 403: "OutOfDate"}.get(error.status)
        return answer(request, error.status, known, error.reason)
    except (DeskError, UnknownCompany) as error:
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)
        wording = request.app[PAGES].wording
        known = next((kind.__name__ for kind in type(error).__mro__ if f"errors.{kind.__name__}" in wording), None)
        name = getattr(error, "name", None)
        if known == "TicketTaken" and name:
            return answer(request, status, "TicketTakenBy", "", name=name)
        return answer(request, status, known, str(error) or type(error).__doc__ or "")
    except Exception as error:
        # The exception's own text may hold what somebody typed, so only its kind and place are logged.
        frame = error.__traceback__
        while frame and frame.tb_next:
            frame = frame.tb_next
        place = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}" if frame else "?"
        log.error("%s %s failed: %s at %s", request.method, request.match_info.route.name, type(error).__name__, place)
        return answer(request, 500, "Failed", "")


def answer(request: web.Request, status: int, key: str | None, text: str, **values: str) -> web.Response:
    """The error as a page; htmx gets its words alone, which the page that is there shows in a notice."""
    pages = request.app[PAGES]
    if key:
        text = pages.say(request, f"errors.{key}", **values)
    if request.headers.get("HX-Request"):
        return web.Response(status=status, text=text, headers={"X-Desk-Error": "1"})
    return pages.render(request, "error.html", status, text=text, changed=status == 409)
