"""What an error of ours is in HTTP, the same for the chat API and for the console; and what may be logged of any other."""

from __future__ import annotations

import logging

from aiohttp import web

from bot.desk import errors
from bot.knowledge.errors import UnknownCompany

#: The status of each error; one that is not named has its parent's, and 400 at last.
STATUS: dict[type[Exception], int] = {
    errors.UnknownToken: 401,
    errors.ForeignConversation: 403,
    errors.ForeignIdentity: 403,
    errors.Forbidden: 403,
    UnknownCompany: 404,
    errors.UnknownCanned: 404,
    errors.UnknownCitation: 404,
    errors.UnknownFile: 404,
    errors.UnknownPerson: 404,
    errors.UnknownTicket: 404,
    errors.AddressTaken: 409,
    errors.CannotBeOne: 409,
    errors.CannotHaveTicket: 409,
    errors.LastAdministrator: 409,
    errors.MoveNotAllowed: 409,
    errors.NoOpenRequest: 409,
    errors.NothingToRate: 409,
    errors.RatingSettled: 409,
    errors.RequestChanged: 409,
    errors.SentAlready: 409,
    errors.SettingChanged: 409,
    errors.TicketChanged: 409,
    errors.TicketClosed: 409,
    errors.TicketTaken: 409,
    errors.TooManyFiles: 409,
    errors.RequestErased: 410,
    errors.UsedLink: 410,
    errors.TooLong: 413,
    errors.FileNotTaken: 415,
    errors.BadFields: 422,
    errors.BadPerson: 422,
    errors.EvidenceMissing: 422,
    errors.NoReason: 422,
    errors.NotInProcedure: 422,
    errors.ReplyEmpty: 422,
    errors.SignInFailed: 422,
    errors.WeakPassword: 422,
    errors.WrongCode: 422,
    errors.WrongPassword: 422,
    errors.TooManyRequests: 429,
    errors.Delayed: 503,
    errors.NoRoom: 503,
}


def status_of(error: Exception | None) -> int:
    """The HTTP status of an error of ours; 200 where there is none, as for a form that is shown the first time."""
    if error is None:
        return 200
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def log_fault(log: logging.Logger, request: web.Request, error: Exception) -> None:
    """Note an error that is none of ours. Its own text may hold what somebody typed, so only its kind and place are logged."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.tb_lineno}" if frame else "?"
    log.error("%s %s failed: %s at %s", request.method, request.match_info.route.name, type(error).__name__, place)
