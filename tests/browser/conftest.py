"""A real Chromium before the product at `desk_url`, and a page of another origin that embeds the widget."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from .chat import Chat

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: What WCAG 2.2 AA asks for, and what axe holds to be good practice beside it.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def find_chromium() -> str | None:
    """The machine's own Chromium; None leaves it to Playwright, which may have brought one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="package")
def desk_url(request: pytest.FixtureRequest) -> str:
    """Where the product runs: DESK_TEST_URL if that is set, else the one that the tests start."""
    return (os.environ.get("DESK_TEST_URL") or request.getfixturevalue("desk")).rstrip("/")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    # Closed with this package: while it runs, no other event loop can be started in the thread.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a fresh browser profile with a display of the wished kind; every page error fails the test.

    Motion is reduced unless a test wishes otherwise: what is still sliding in cannot be measured.
    """
    usual = {"locale": "en-US", "timezone_id": "Asia/Tokyo", "reduced_motion": "reduce"}
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(width: int = 1280, height: int = 800, **wishes: object) -> BrowserContext:
        context = chromium.new_context(viewport={"width": width, "height": height}, **{**usual, **wishes})
        context.set_default_timeout(15_000)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture
def visit(open_browser: Callable[..., BrowserContext], desk_url: str) -> Callable[..., Page]:
    """Opens a page of the product, by its path."""

    def visit_one(path: str, **wishes: object) -> Page:
        page = open_browser(**wishes).new_page()
        page.goto(desk_url + path)
        return page

    return visit_one


@pytest.fixture
def hana(visit: Callable[..., Page]) -> Chat:
    """Hana, a customer of JCOM, at her desk."""
    return Chat(visit("/demo/jcom"))


@pytest.fixture
def find_barriers() -> Callable[[Page], list[str]]:
    """What axe finds on a page: each barrier with the place where it stands."""

    def find(page: Page) -> list[str]:
        results = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        return [
            f"{found['id']}: {node['target']} {node['failureSummary']}"
            for found in results.response["violations"]
            for node in found["nodes"]
        ]

    return find


@pytest.fixture(scope="package")
def shop_url(desk_url: str) -> Iterator[Callable[[str], str]]:
    """A company's own site on another origin, with the strictest policy that lets the widget in.

    Call it with the script tag's further attributes for the address of a page that has them.
    """
    web_socket = desk_url.replace("http", "ws", 1)
    policy = (
        f"default-src 'none'; script-src {desk_url}; connect-src {desk_url} {web_socket}; style-src 'none'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )
    pages: list[str] = []

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/")
            found = name.isdigit() and int(name) < len(pages)
            body = pages[int(name)].encode() if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def add_page(attributes: str = 'data-company="jcom"', language: str = "en") -> str:
        pages.append(
            f'<!doctype html><html lang="{language}"><head><title>A shop</title><meta name="viewport" '
            f'content="width=device-width"><script src="{desk_url}/widget.js" {attributes} defer></script></head>'
            f'<body><main><h1>A shop</h1><a href="#below">Goods</a><p id="below">Ours.</p></main></body></html>'
        )
        return f"http://127.0.0.1:{server.server_port}/{len(pages) - 1}"

    yield add_page
    server.shutdown()
    server.server_close()
