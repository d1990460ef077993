"""A ticket's story as the page tells it: each entry with its kind, its words and who it is by."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from bot.delivery.services import SERVICES
from bot.desk.story import Entry, Story
from bot.desk.ticket import PRIORITIES

from .pages import PAGES, PERSON, find_locale, find_zone, list_companies
from .times import Times


def show_entries(request: web.Request, story: Story) -> list[dict]:
    """The entries in the order of time."""
    references = {story.ticket.id: story.ticket.reference} | {related.id: related.reference for related in story.related}
    return [show_entry(request, entry, references, story) for entry in story.entries]


def show_entry(request: web.Request, entry: Entry, references: dict[str, str], story: Story) -> dict:
    """One entry: `kind` is customer, bot, staff, system, note or event."""
    shown = {
        "at": entry.at,
        "by": entry.by.name if entry.by else "",
        "mine": bool(entry.by and entry.by.id == request[PERSON].id),
        "elsewhere": references.get(entry.ticket, "") if entry.ticket != story.ticket.id else "",
        "citations": (),
        "attachments": (),
    }
    if entry.message:
        message = entry.message
        return {
            **shown,
            "id": message.id,
            "kind": message.sender,
            "text": message.text,
            "citations": message.citations,
            "attachments": message.attachments,
        }
    if entry.note:
        return {**shown, "id": entry.note.id, "kind": "note", "text": entry.note.text}
    assert entry.event is not None
    return {**shown, "id": entry.event.id, "kind": "event", "text": tell_event(request, entry, references)}


def tell_event(request: web.Request, entry: Entry, references: dict[str, str]) -> str:
    """What was done, in a sentence."""
    event = entry.event
    assert event is not None
    pages, detail = request.app[PAGES], event.detail

    def say(key: str, **values: object) -> str:
        return pages.say(request, key, **values)

    by = entry.by.name if entry.by else say("story.desk")
    values: dict[str, object] = {"by": by, "to": entry.other.name if entry.other else ""}
    kind = event.kind
    if kind in ("closed", "handed_back"):
        kind = f"{kind}_settled" if detail.get("settled") else kind
        values["settled"] = detail.get("settled", "")
    elif kind in ("merged", "merged_here", "linked", "unlinked"):
        values["reference"] = references.get(detail.get("into") or detail.get("ticket") or "", "?")
    elif kind in ("tagged", "untagged"):
        values["tags"] = ", ".join(detail.get("tags", ()))
    elif kind == "priority":
        values["to"] = say(f"words.priority_{PRIORITIES[detail['to']]}")
    elif kind == "reason":
        values["to"] = say(f"words.reason_{detail['to']}")
    elif kind == "due":
        kind = "due" if detail.get("to") else "due_clock"
        values["to"] = write_moment(request, detail["to"]) if detail.get("to") else ""
    elif kind == "request_moved":
        values["move"] = say(f"story.move_{detail['move']}")
    elif kind == "rated":
        kind = "rated_good" if detail.get("rating") == 1 else "rated_bad"
    elif kind in ("opened", "reopened", "contact") and not entry.by:
        kind = f"{kind}_by_customer"
    key = f"story.{kind}"
    return say(key, **values) if key in pages.wording else f"{by}: {event.kind}"


def write_moment(request: web.Request, moment: str) -> str:
    locale = find_locale(request)
    library = request.config_dict[SERVICES].library
    zone = find_zone(library, list_companies(request, request[PERSON], locale))
    at = datetime.fromisoformat(moment)
    return Times(lambda key, **_: key, locale, at, zone).write(at)
