"""Errors to HTTP, once: each of our errors becomes an RFC 9457 problem document that says what to do."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from aiohttp import web

from bot.channels.faults import log_fault, status_of
from bot.desk.errors import DeskError, TooManyRequests
from bot.knowledge.errors import UnknownCompany

log = logging.getLogger(__name__)


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
        status = status_of(error)
        headers = {}
        if isinstance(error, TooManyRequests):
            headers["Retry-After"] = str(max(round(error.retry_after), 1))
        elif status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        elif status == 503:
            headers["Retry-After"] = "5"
        return problem(status, str(error) or type(error).__doc__ or "", headers)
    except Exception as error:
        log_fault(log, request, error)
        return problem(500, "Something went wrong on our side. Nothing that you sent is lost; please try again.")
