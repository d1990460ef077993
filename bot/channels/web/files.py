"""Files of a chat: a customer sends them to their open case, and fetches what the desk has sent."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.delivery.services import SERVICES
from bot.desk.errors import BadRequest, FileTooLarge, NoOpenRequest, TooManyFiles, UnknownFile
from bot.desk.files import LARGEST_FILE, MOST_FILES, File

from . import schemas
from .requests import authenticate, bearer, count_message, show

#: A file is read in pieces of so many bytes, so that one that is too large is not held.
PIECE = 64 * 1024


async def post_attachment(request: web.Request) -> web.Response:
    """A file for the open case, to go along with the next message; as long as none is open, none is read."""
    services = request.app[SERVICES]
    token, identity = bearer(request), request.match_info["conversation"]
    conversation = await authenticate(services, identity, token)
    if not conversation.has_open_ticket:
        raise NoOpenRequest(NoOpenRequest.__doc__)
    await count_message(request, services, identity)
    attachments = services.core.attachments
    if await services.database.run(lambda db: attachments.count(db, identity)) >= MOST_FILES:
        raise TooManyFiles(f"At most {MOST_FILES} files can be added to a case.")
    name, content = await _read_file(request)
    file, sealed = await asyncio.to_thread(attachments.seal, identity, name, content, services.clock())

    def work(db) -> File:
        current = services.conversations.authenticate(db, identity, token)
        # Its conversation is held first, so that of several files at once none is one too many.
        ticket = services.core.tickets.find(db, current.ticket_id or "", locked=True)
        if ticket is None or ticket.status == "closed":
            raise NoOpenRequest(NoOpenRequest.__doc__)
        if attachments.count(db, identity) >= MOST_FILES:
            raise TooManyFiles(f"At most {MOST_FILES} files can be added to a case.")
        attachments.add(db, file, sealed)
        return file

    kept = await services.database.run(work)
    return show(schemas.Attachment(attachment_id=kept.id, name=kept.name, media_type=kept.media_type, size=kept.size), 201)


async def drop_attachment(request: web.Request) -> web.Response:
    """Take back a file that was not sent yet."""
    services = request.app[SERVICES]
    token, identity = bearer(request), request.match_info["conversation"]

    def work(db) -> None:
        services.conversations.authenticate(db, identity, token)
        file = services.core.attachments.find(db, request.match_info["attachment"])
        if file is None or file.conversation != identity or file.uploaded_by is not None or file.message:
            raise UnknownFile(UnknownFile.__doc__)
        services.core.attachments.drop(db, file.id)

    await services.database.run(work)
    return web.Response(status=204)


async def get_attachment(request: web.Request) -> web.Response:
    """A file that the desk has sent in this conversation. What a customer sent is not given out again, to nobody here."""
    services = request.app[SERVICES]
    token, identity = bearer(request), request.match_info["conversation"]

    def work(db) -> tuple[File, bytes]:
        services.conversations.authenticate(db, identity, token)
        file = services.core.attachments.find(db, request.match_info["attachment"])
        if file is None or file.conversation != identity or file.uploaded_by is None or file.message is None:
            raise UnknownFile(UnknownFile.__doc__)
        return file, services.core.attachments.read(db, file.id)

    file, sealed = await services.database.run(work)
    content = await asyncio.to_thread(services.core.attachments.unseal, file, sealed)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=content, content_type=file.media_type, headers=headers)


async def _read_file(request: web.Request) -> tuple[str, bytes]:
    """The field "file" of the form; raises BadRequest or FileTooLarge."""
    if not request.content_type.startswith("multipart/"):
        raise BadRequest("The body must be a form (multipart/form-data) with a file in its field named file.")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                content = bytearray()
                while piece := await part.read_chunk(PIECE):
                    content += piece
                    if len(content) > LARGEST_FILE:
                        raise FileTooLarge(FileTooLarge.__doc__)
                return part.filename or "", bytes(content)
    except (HttpProcessingError, ValueError, AssertionError, RuntimeError, LookupError):  # as aiohttp tells a form that is none
        raise BadRequest("The form cannot be read.") from None
    raise BadRequest("file: is missing.")
