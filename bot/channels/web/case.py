"""The way back into a case by a link in a mail.

Looking at the link uses nothing up, since mail scanners look at every link; the button does, and its answer hands the
page a key of its own, which stands in no address and no log.
"""

from __future__ import annotations

import json

from aiohttp import hdrs, web
from sqlalchemy.engine import Connection

from bot.delivery.services import SERVICES
from bot.desk.conversation import Conversation
from bot.desk.errors import UsedLink
from bot.knowledge.errors import UnknownCompany

from .pages import PAGE_HEADERS, Pages, choose_locale
from .wording import OWN_NAMES

#: As of every page of ours, but with a form; and nothing of the address reaches anybody.
HEADERS = {
    **PAGE_HEADERS,
    "Content-Security-Policy": PAGE_HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'"),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class CasePages:
    """The handlers, over the public pages' templates."""

    def __init__(self, pages: Pages):
        self._pages = pages

    async def ask(self, request: web.Request) -> web.Response:
        """The page behind the link: a button."""
        services, token = request.app[SERVICES], request.match_info["token"]

        def find(db: Connection) -> Conversation | None:
            conversation = services.core.case_links.find(db, token, services.clock())
            return services.conversations.find(db, conversation) if conversation else None

        conversation = await services.database.run(find)
        if conversation is None:
            return self._refuse(request)
        return self._show(request, "case.html", conversation)

    async def enter(self, request: web.Request) -> web.Response:
        """The link is used up, and the page that this answers with has the key."""
        services, token = request.app[SERVICES], request.match_info["token"]

        def exchange(db: Connection) -> tuple[Conversation | None, str]:
            now = services.clock()
            identity, key = services.core.case_links.exchange(db, token, now)
            conversation = services.conversations.find(db, identity)
            assert conversation is not None
            services.core.audit.append(db, "customer", "case.enter", now, company=conversation.company, subject=identity)
            return conversation, key

        try:
            conversation, key = await services.database.run(exchange)
        except UsedLink:
            return self._refuse(request)
        chat = json.dumps({"id": conversation.id, "token": key})
        return self._show(request, "case_open.html", conversation, chat=chat)

    async def stay(self, request: web.Request) -> web.Response:
        """Where the page is once it has the key: loaded again, it goes on with what the tab remembers."""
        services = request.app[SERVICES]
        try:
            company = services.library.company(request.match_info["company"])
        except UnknownCompany:
            return self._refuse(request)
        return self._answer(self._pages.make("case_open.html", company, choose_locale(request), chat=None))

    def _show(self, request: web.Request, template: str, conversation: Conversation, **values: object) -> web.Response:
        company = request.app[SERVICES].library.company(conversation.company)
        locale = choose_locale(request) if "lang" in request.query else conversation.locale
        ticket = conversation.ticket or {}
        return self._answer(
            self._pages.make(
                template,
                company,
                locale if locale in OWN_NAMES else "en",
                reference=ticket.get("reference", ""),
                **values,
            )
        )

    def _refuse(self, request: web.Request) -> web.Response:
        return self._answer(self._pages.make("case_used.html", None, choose_locale(request)), 404)

    def _answer(self, text: str, status: int = 200) -> web.Response:
        return web.Response(
            status=status, text=text, content_type="text/html", charset="utf-8", headers={**HEADERS, hdrs.VARY: "Accept-Language"}
        )


def routes(pages: Pages) -> list[web.RouteDef]:
    """The routes of the way back."""
    case = CasePages(pages)
    return [
        web.get("/case/{token}", case.ask, name="case"),
        web.post("/case/{token}", case.enter, name="enter-case"),
        web.get("/cases/{company}", case.stay, name="open-case"),
    ]
