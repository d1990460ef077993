"""What the console's forms have in common: where they come from, where they lead back to, what is told then."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDictProxy

from bot.casework.sign_in import Place
from bot.channels.web.network import network_of

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


async def read_fields(request: web.Request) -> MultiDictProxy:
    """The form's fields; a file among them is none of a text field's business."""
    return await request.post()


def text_of(fields: MultiDictProxy, name: str) -> str:
    """A text field; empty if it was not sent, or as a file."""
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def texts_of(fields: MultiDictProxy, name: str) -> list[str]:
    """All values of a field that is there several times."""
    return [value for value in fields.getall(name, []) if isinstance(value, str)]


def place_of(request: web.Request) -> Place:
    """Where somebody signs in from, as lists of sessions say it."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "?")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "?")
    network = network_of(request) or "127.0.0.1"
    return Place(network, f"{browser}, {system}, {network}")


def back_of(wanted: str) -> str:
    """Where to go on: a page of the console, and nothing else, whatever an address says."""
    fine = re.fullmatch(r"/desk(/[\w\-./~%]*)?(\?[\w\-./~%=&+:]*)?", wanted) and "//" not in wanted and "/desk/static" not in wanted
    return wanted if fine and not wanted.startswith("/desk/sign-in") else "/desk"


def go(path: str, told: str = "") -> web.Response:
    """On to a page, which tells what was done; `told` is a key of the wording."""
    if told:
        path += ("&" if "?" in path else "?") + urlencode({"told": told})
    return web.Response(status=303, headers={"Location": path})
