"""Errors to pages, once: what went wrong in the reader's words, as a page or, for htmx, as a notice beside what they typed."""

from __future__ import annotations

import logging
import math

from aiohttp import web

from bot.channels.faults import log_fault, status_of
from bot.desk.errors import DeskError
from bot.knowledge.errors import UnknownCompany

from .pages import PAGES

log = logging.getLogger(__name__)


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
        status = status_of(error)
        return answer(request, status, None, words_of(request, error))
    except ConnectionResetError:
        return web.Response(status=400)  # nobody reads it: the browser has gone on to another page
    except Exception as error:
        log_fault(log, request, error)
        return answer(request, 500, "Failed", "")


def words_of(request: web.Request, error: Exception) -> str:
    """An error of ours in the reader's words, for its page or for the form that it is about."""
    pages = request.app[PAGES]
    kinds = [kind.__name__ for kind in type(error).__mro__]
    why, name = getattr(error, "why", None), getattr(error, "name", None)
    keys = [f"{kind}_{why}" for kind in kinds if why] + (["TicketTakenBy"] if kinds[0] == "TicketTaken" and name else []) + kinds
    known = next((key for key in keys if f"errors.{key}" in pages.wording), None)
    if known is None:
        return str(error) or type(error).__doc__ or ""
    minutes = max(1, math.ceil(getattr(error, "retry_after", 0) / 60))
    return pages.say(request, f"errors.{known}", name=name or "", minutes=minutes)


def answer(request: web.Request, status: int, key: str | None, text: str, **values: str) -> web.Response:
    """The error as a page; htmx gets its words alone, which the page that is there shows in a notice."""
    pages = request.app[PAGES]
    if key:
        text = pages.say(request, f"errors.{key}", **values)
    if request.headers.get("HX-Request"):
        return web.Response(status=status, text=text, headers={"X-Desk-Error": "changed" if status == 409 else "said"})
    return pages.render(request, "error.html", status, text=text, changed=status == 409)
