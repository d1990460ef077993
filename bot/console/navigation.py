"""The places of the console: who finds which of them in the bar above every page."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk.person import Permission, Person


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the bar leads to."""

    key: str  #: its words are layout.<key>
    path: str
    icon: str
    permission: Permission | None = None


PLACES = (
    Place("queue", "/desk", "tray", Permission.SEE_TICKETS),
    Place("register", "/desk/register", "plus", Permission.WORK_TICKETS),
    Place("search", "/desk/search", "search", Permission.SEE_TICKETS),
    Place("statistics", "/desk/supervision", "chart", Permission.SEE_STATISTICS),
    Place("replies", "/desk/settings/replies", "chat", Permission.MANAGE_REPLIES),
    Place("hours", "/desk/settings/hours", "clock", Permission.MANAGE_STAFFING),
    Place("people", "/desk/people", "people", Permission.MANAGE_PEOPLE),
    Place("audit", "/desk/audit", "shield", Permission.READ_AUDIT),
)

#: What everybody finds below their own name.
OWN_PLACES = (Place("account", "/desk/account", "user"),)


def list_places(places: tuple[Place, ...], person: Person | None, path: str, known: frozenset[str]) -> list[dict]:
    """The places that this person may enter, of those that there are; the one where they are is marked."""
    if person is None:
        return []
    entries = [
        {"key": place.key, "path": place.path, "icon": place.icon}
        for place in places
        if place.path in known and (place.permission is None or person.may(place.permission))
    ]
    # The longest path that leads to this page: /desk is the beginning of all the others.
    here = max((e["path"] for e in entries if path == e["path"] or path.startswith(e["path"] + "/")), key=len, default=None)
    if here == "/desk" and path not in ("/desk", "/desk/") and not path.startswith("/desk/tickets"):
        here = None
    return [{**entry, "here": entry["path"] == here} for entry in entries]
