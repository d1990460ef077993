"""What the console's handlers may call, found on the application by a typed key."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.delivery.services import Services

from .accounts import Accounts
from .audit import AuditLog
from .canned import CannedReplies
from .closing import Closing
from .colleagues import Colleagues
from .desks import Desks
from .details import Details
from .files import Files
from .links import Links
from .notes import Notes
from .people import Administration
from .registering import Registering
from .replies import Replies
from .request_moves import RequestMoves
from .request_records import RequestRecords
from .requests import Requests
from .search import Searching
from .sign_in import SignIn
from .statistics import Supervision
from .stories import Stories
from .surroundings import Around
from .tickets import Tickets
from .welcome import Welcoming


@dataclass(frozen=True, slots=True)
class Casework:
    """The use cases of staff, one object for each noun."""

    tickets: Tickets
    colleagues: Colleagues
    around: Around
    stories: Stories
    details: Details
    files: Files
    closing: Closing
    links: Links
    notes: Notes
    replies: Replies
    registering: Registering
    requests: Requests
    request_moves: RequestMoves
    request_records: RequestRecords
    searching: Searching
    audit: AuditLog
    canned: CannedReplies
    desks: Desks
    supervision: Supervision
    sign_in: SignIn
    welcoming: Welcoming
    accounts: Accounts
    administration: Administration


def make_casework(services: Services) -> Casework:
    """All of them over the gateway's services."""
    return Casework(
        tickets=Tickets(services),
        colleagues=Colleagues(services),
        around=Around(services),
        stories=Stories(services),
        details=Details(services),
        files=Files(services),
        closing=Closing(services),
        links=Links(services),
        notes=Notes(services),
        replies=Replies(services),
        registering=Registering(services),
        requests=Requests(services),
        request_moves=RequestMoves(services),
        request_records=RequestRecords(services),
        searching=Searching(services),
        audit=AuditLog(services),
        canned=CannedReplies(services),
        desks=Desks(services),
        supervision=Supervision(services),
        sign_in=SignIn(services),
        welcoming=Welcoming(services),
        accounts=Accounts(services),
        administration=Administration(services),
    )


CASEWORK = web.AppKey("casework", Casework)
