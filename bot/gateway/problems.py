"""Errors to HTTP, once: each of our errors becomes an RFC 9457 problem document that says what to do."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from aiohttp import web

from bot.desk.errors import (
    BadRequest,
    Delayed,
    DeskError,
    FileNotTaken,
    Forbidden,
    ForeignConversation,
    NoOpenRequest,
    NoRoom,
    NothingToRate,
    RatingSettled,
    TicketChanged,
    TicketTaken,
    TooLong,
    TooManyFiles,
    TooManyRequests,
    UnknownChoice,
    UnknownFile,
    UnknownTicket,
    UnknownToken,
)
from bot.knowledge.errors import UnknownCompany

log = logging.getLogger(__name__)

STATUS: dict[type[Exception], int] = {
    UnknownToken: 401,
    ForeignConversation: 403,
    UnknownCompany: 404,
    UnknownChoice: 400,
    TooManyRequests: 429,
    BadRequest: 400,
    TooLong: 413,
    Delayed: 503,
    NoRoom: 503,
    NoOpenRequest: 409,
    NothingToRate: 409,
    RatingSettled: 409,
    TooManyFiles: 409,
    UnknownFile: 404,
    FileNotTaken: 415,
    Forbidden: 403,
    UnknownTicket: 404,
    TicketTaken: 409,
    TicketChanged: 409,
}


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> web.Response:
    """A problem document."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return web.Response(
        status=status,
        text=json.dumps(body, ensure_ascii=False),
        content_type="application/problem+json",
        headers=headers,
    )


@web.middleware
async def translate_errors(request: web.Request, handler) -> web.StreamResponse:
    """Every error of ours, and every other, as a problem document; never a stack trace."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        details = {
            404: "There is nothing at this address.",
            405: "This address does not take that method.",
            413: "The request is too large.",
        }
        return problem(error.status, details.get(error.status, error.reason), headers)
    except (DeskError, UnknownCompany) as error:
        status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)
        headers = {}
        if isinstance(error, TooManyRequests):
            headers["Retry-After"] = str(max(round(error.retry_after), 1))
        elif status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        elif status == 503:
            headers["Retry-After"] = "5"
        return problem(status, str(error) or type(error).__doc__ or "", headers)
    except Exception as error:
        # The exception's own text may hold what the customer typed, so only its kind and place are logged.
        frame = error.__traceback__
        while frame and frame.tb_next:
            frame = frame.tb_next
        place = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}" if frame else "?"
        log.error("%s %s failed: %s at %s", request.method, request.match_info.route.name, type(error).__name__, place)
        return problem(500, "Something went wrong on our side. Nothing that you sent is lost; please try again.")
