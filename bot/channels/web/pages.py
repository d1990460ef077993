"""The public pages: the companies, each one's demonstration page and policy with every clause an anchor; the widget."""

from __future__ import annotations

import json
import re
from typing import Protocol

import jinja2
from aiohttp import hdrs, web

from bot.knowledge.company import Company, Hours, localise
from bot.knowledge.document import Document
from bot.knowledge.errors import UnknownCompany
from bot.knowledge.library import Library

from .assets import ALWAYS_ASK, FOR_A_WHILE, FOREVER, STATIC, Asset, Assets
from .wording import LANGUAGES, OWN_NAMES, WEEKDAYS, WORDING

TEMPLATES = STATIC.parent / "templates"

#: Everything that a page of ours loads comes from here, and nothing that stands inside the page is ever run.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}

#: For what other sites embed. It is the same for everybody and holds nothing secret.
EMBED_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}

_HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class HasAddress(Protocol):
    """What the pages need of the settings."""

    @property
    def address(self) -> str:
        """Where the product is reached, without a slash at its end."""


class Pages:
    """The handlers, over the library and the files."""

    def __init__(self, library: Library, settings: HasAddress, assets: Assets):
        self._library = library
        self._settings = settings
        self._assets = assets
        self._made: dict[tuple[str, str, str], Asset] = {}
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def show_index(self, request: web.Request) -> web.Response:
        return self._page(request, "index.html", None, companies=self._library.companies())

    async def show_demo(self, request: web.Request) -> web.Response:
        try:
            company = self._company(request)
        except UnknownCompany:
            return self._show_missing(request)
        return self._page(request, "demo.html", company, address=self._settings.address)

    async def show_policy(self, request: web.Request) -> web.Response:
        try:
            company = self._company(request)
        except UnknownCompany:
            return self._show_missing(request)
        document = company.document
        return self._page(
            request,
            "policy.html",
            company,
            blocks=read_blocks(document),
            source_language=find_language(document.source),
        )

    async def send_widget(self, request: web.Request) -> web.Response:
        asset = self._assets.find("widget.js")
        assert asset is not None
        return asset.answer(request, FOR_A_WHILE, EMBED_HEADERS)

    async def send_about(self, request: web.Request) -> web.Response:
        """What the widget shows of a company before the first word."""
        company = self._library.company(request.match_info["company"])
        about = {
            "key": company.key,
            "name": company.name,
            "short": company.short,
            "desk": company.desk,
            "locales": company.locales,
            "colour": company.colour,
            "policy": f"policies/{company.key}",
        }
        asset = Asset.of(json.dumps(about, ensure_ascii=False).encode(), ".json")
        return asset.answer(request, FOR_A_WHILE, EMBED_HEADERS)

    async def send_colours(self, request: web.Request) -> web.Response:
        """The companies' colours; a style sheet, since the pages' policy allows no style attribute."""
        rules = [
            f'[data-company="{company.key}"] {{ --company: {company.colour}; }}'
            for company in self._library.companies()
            if _HEX_COLOUR.fullmatch(company.colour)
        ]
        return Asset.of("\n".join(rules).encode(), ".css").answer(request, ALWAYS_ASK, PAGE_HEADERS)

    async def send_file(self, request: web.Request) -> web.Response:
        asset = self._assets.find(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound(text="There is no such file.")
        # A page that was loaded before an upgrade may ask for the old version; it gets today's, and must not keep it.
        current = request.match_info["version"] == self._assets.version
        return asset.answer(request, FOREVER if current else ALWAYS_ASK, EMBED_HEADERS)

    def _show_missing(self, request: web.Request) -> web.Response:
        """A page for people; what programs ask for is answered by the gateway's problem documents."""
        response = self._page(request, "missing.html", None)
        if response.status == 200:
            response.set_status(404)
        return response

    def _company(self, request: web.Request) -> Company:
        return self._library.company(request.match_info["company"])

    def make(self, template: str, company: Company | None, locale: str, **values: object) -> str:
        """A page's text."""
        return self._templates.get_template(template).render(
            company=company,
            name=localise(company.short, locale) if company else "",
            locale=locale,
            locales=OWN_NAMES,
            asset=self._assets.address,
            say=lambda name, **names: localise(WORDING[name], locale).format(**names),
            pick=lambda texts: localise(texts, locale),
            hours=lambda hours: write_hours(hours, locale),
            spoken=lambda tags: _join([localise(LANGUAGES[tag], locale) for tag in tags], locale),
            **values,
        )

    def _page(self, request: web.Request, template: str, company: Company | None, **values: object) -> web.Response:
        locale = choose_locale(request)
        # A page is the same for everybody who reads that language: it is made once.
        key = (template, company.key if company else "", locale)
        if key not in self._made:
            self._made[key] = Asset.of(self.make(template, company, locale, **values).encode(), ".html")
        headers = {**PAGE_HEADERS, hdrs.VARY: "Accept-Encoding, Accept-Language", hdrs.CONTENT_LANGUAGE: locale}
        return self._made[key].answer(request, ALWAYS_ASK, headers)


def routes(library: Library, settings: HasAddress) -> list[web.RouteDef]:
    """The routes of the public pages; the files are read here, once."""
    pages = Pages(library, settings, Assets())
    return [
        web.get("/", pages.show_index, name="index"),
        web.get("/demo/{company}", pages.show_demo, name="demo"),
        web.get("/policies/{company}", pages.show_policy, name="policy"),
        web.get("/widget.js", pages.send_widget, name="widget"),
        web.get("/widget/{company}.json", pages.send_about, name="about"),
        web.get("/companies.css", pages.send_colours, name="colours"),
        web.get("/static/{version}/{name:.+}", pages.send_file, name="file"),
    ]


def choose_locale(request: web.Request) -> str:
    """The language asked for in the address, else the one that the browser likes best; English if we have none."""
    wish = request.query.get("lang", "")
    if wish in OWN_NAMES:
        return wish
    for tag in rank_languages(request.headers.get(hdrs.ACCEPT_LANGUAGE, "")):
        language = tag.split("-")[0].lower()
        if language in OWN_NAMES:
            return language
    return "en"


def rank_languages(header: str) -> list[str]:
    """The tags of an Accept-Language header, best first; those with weight 0 are not wanted at all."""
    ranked = []
    for place, part in enumerate(header.split(",")):
        tag, _, parameter = part.strip().partition(";")
        weight = 1.0
        if match := re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", parameter):
            weight = float(match[1])
        if tag and weight:
            ranked.append((-weight, place, tag.strip()))
    return [tag for _, _, tag in sorted(ranked)]


def read_blocks(document: Document) -> list[dict[str, object]]:
    """The document's headings and clauses in order, each with the anchor that citations use."""
    blocks: list[dict[str, object]] = []
    heading_lines = iter(document.heading_lines)
    for kind, what in document.blocks():
        if kind == "heading":
            blocks.append({"kind": kind, "text": what, "anchor": f"l{next(heading_lines)}"})
        else:
            blocks.append({"kind": kind, "text": what.text, "anchor": what.anchor, "number": what.number})
    return blocks


def find_language(text: str) -> str:
    """The language that a policy is written in: Japanese if it has kana, else English."""
    return "ja" if re.search(r"[\u3040-\u30ff]", text) else "en"


def write_hours(hours: Hours, locale: str) -> str:
    """The policy's telephone hours in a few words: "Mon–Fri 10:00–14:00"."""
    names, days = WEEKDAYS[locale], sorted(hours.days)
    if len(days) == 7:
        when = localise(WORDING["every_day"], locale)
    elif len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        when = f"{names[days[0]]}–{names[days[-1]]}"
    else:
        when = _join([names[day] for day in days], locale)
    return f"{when} {hours.opens:%H:%M}–{hours.closes:%H:%M}"


def _join(words: list[str], locale: str) -> str:
    """A list as the language writes it: "Tue, Thu and Fri"."""
    if locale == "ja":
        return "・".join(words)
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
