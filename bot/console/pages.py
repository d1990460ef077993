"""Renders the console's pages: templates, words in the reader's language, addresses of static files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import yaml
from aiohttp import web
from markupsafe import Markup

from bot.channels.web.assets import Assets
from bot.delivery.services import SERVICES
from bot.desk.person import Permission, Person
from bot.knowledge.company import localise
from bot.knowledge.library import Library

from .navigation import OWN_PLACES, PLACES, list_places
from .times import Times

HERE = Path(__file__).parent

#: Everything that the console loads comes from here, and nothing that stands inside a page is ever run.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

#: The language that somebody chose in this browser before they signed in.
LANGUAGE_COOKIE = "desk_language"

#: Who is signed in; set by the session's middleware.
PERSON = web.RequestKey("person", Person)
#: What every form has to carry in its field `csrf`, and htmx in the header X-CSRF-Token.
CSRF = web.RequestKey("csrf", str)


class Pages:
    """Templates, words and files of the console."""

    def __init__(self, assets: Assets):
        self.assets = assets
        self.wording = read_wording()
        self._known: frozenset[str] | None = None
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
        """A page, or a fragment of one for htmx."""
        return web.Response(text=self.make(request, template, **context), status=status, content_type="text/html", charset="utf-8")

    def make(self, request: web.Request, template: str, **context: Any) -> str:
        """A template's text with what every template may use."""
        person = request.get(PERSON)
        locale = context.pop("locale", None) or find_locale(request)
        services = request.config_dict[SERVICES]

        def say(key: str, **values: object) -> str:
            return self.say(request, key, locale, **values)

        def asset(name: str) -> str:
            return f"/desk/static/{self.assets.version}/{name}"

        def icon(name: str) -> Markup:
            """One of our icons; it says nothing to a screen reader, so words stand beside it."""
            return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>').format(asset("icons.svg"), name)

        companies = list_companies(request, person, locale)
        known = self._paths(request)
        return self._templates.get_template(template).render(
            request=request,
            person=person,
            csrf=request.get(CSRF, ""),
            locale=locale,
            say=say,
            asset=asset,
            icon=icon,
            companies=companies,
            times=Times(say, locale, services.clock(), find_zone(services.library, companies)),
            company_name=lambda key: next((one["short"] for one in companies if one["key"] == key), key),
            places=list_places(PLACES, person, request.path, known),
            own_places=list_places(OWN_PLACES, person, request.path, known),
            told=self._told(request, locale),
            script_words=self._script_words(locale),
            Permission=Permission,
            **context,
        )

    def say(self, request: web.Request, key: str, locale: str | None = None, **values: object) -> str:
        """Our own words, in the reader's language."""
        words = self.wording[key]
        return words.get(locale or find_locale(request), words["en"]).format(**values)

    def _paths(self, request: web.Request) -> frozenset[str]:
        """The paths that there are: the bar leads nowhere else."""
        if self._known is None:
            self._known = frozenset(resource.canonical.rstrip("/") or "/" for resource in request.app.router.resources())
        return self._known

    def _told(self, request: web.Request, locale: str) -> str | None:
        """What an act before this page has done, named in its address as one of our own words."""
        words = self.wording.get(request.query.get("told", ""))
        return words.get(locale, words["en"]) if words and "{" not in words["en"] else None

    def _script_words(self, locale: str) -> str:
        """What the scripts say, as JSON."""
        said = {key[7:]: words.get(locale, words["en"]) for key, words in self.wording.items() if key.startswith("script.")}
        return json.dumps(said, ensure_ascii=False)


def list_companies(request: web.Request, person: Person | None, locale: str) -> list[dict[str, str]]:
    """The companies that this person sees, as pages name them."""
    if person is None:
        return []
    library = request.config_dict[SERVICES].library
    return [{"key": c.key, "short": localise(c.short, locale)} for c in library.companies() if person.sees(c.key)]


def read_wording(folder: Path = HERE / "wording") -> dict[str, dict[str, str]]:
    """All words of the console: `<file>.<key>` to the text of each language."""
    words = {}
    for file in sorted(folder.glob("*.yml")):
        for key, texts in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
            words[f"{file.stem}.{key}"] = texts
    return words


def find_locale(request: web.Request) -> str:
    """The language of who is signed in; else as their browser prefers."""
    if person := request.get(PERSON):
        return person.locale
    wanted = request.query.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or request.headers.get("Accept-Language", "")
    return "ja" if wanted.strip().lower().startswith("ja") else "en"


def find_zone(library: Library, companies: list[dict[str, str]]) -> ZoneInfo:
    """The time zone that a reader's desk works in: the one of the first of their companies."""
    return ZoneInfo(library.company(companies[0]["key"]).timezone) if companies else ZoneInfo("UTC")


PAGES = web.AppKey("pages", Pages)
