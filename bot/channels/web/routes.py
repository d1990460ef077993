"""Mounts the web channel: the chat API and its document, the widget, the public pages."""

from __future__ import annotations

from aiohttp import web

from bot.bootstrap import Core

from . import api, case, feedback, files, pages, stream
from .assets import Assets
from .openapi import make_document


def mount(app: web.Application, core: Core) -> None:
    document = make_document()

    async def show_document(_: web.Request) -> web.Response:
        return web.Response(text=document, content_type="application/json")

    base = "/api/v1/conversations"
    one = base + "/{conversation}"
    app.router.add_get("/api/v1/openapi.json", show_document, name="openapi")
    app.router.add_get("/api/v1/companies", api.list_companies, name="companies")
    app.router.add_post(base, api.open_conversation, name="open-conversation")
    app.router.add_post(one + "/messages", api.post_message, name="post-message")
    app.router.add_get(one + "/messages", api.list_messages, name="list-messages")
    app.router.add_post(one + "/attachments", files.post_attachment, name="post-attachment")
    app.router.add_get(one + "/attachments/{attachment}", files.get_attachment, name="get-attachment")
    app.router.add_delete(one + "/attachments/{attachment}", files.drop_attachment, name="drop-attachment")
    app.router.add_post(one + "/rating", feedback.post_rating, name="post-rating")
    app.router.add_put(one + "/contact", feedback.put_contact, name="put-contact")
    app.router.add_get(one + "/stream", stream.stream, name="stream")
    app.router.add_delete(one, api.forget_conversation, name="forget-conversation")
    app.add_routes(pages.routes(core.library, core.settings))
    app.add_routes(case.routes(pages.Pages(core.library, core.settings, Assets())))
