"""The web channel's own files, held in memory: each with its type, its gzip and its ETag."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

STATIC = Path(__file__).parent / "static"

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}

#: Under an address that holds the files' version, a file never changes.
FOREVER = "public, max-age=31536000, immutable"
#: Always asked for again, and answered 304 if it is the same.
ALWAYS_ASK = "no-cache"
#: What other sites embed: asked for again every few minutes, so that a new version reaches them soon.
FOR_A_WHILE = "public, max-age=300, stale-while-revalidate=86400"


@dataclass(frozen=True, slots=True)
class Asset:
    """One answer that is the same for everybody."""

    body: bytes
    zipped: bytes
    type: str
    tag: str

    @classmethod
    def of(cls, body: bytes, suffix: str) -> Asset:
        return cls(body, gzip.compress(body, 9, mtime=0), TYPES[suffix], hashlib.sha256(body).hexdigest()[:20])

    def answer(self, request: web.Request, cache: str, headers: Mapping[str, str] | None = None) -> web.Response:
        """200 with the body, zipped for who takes that, or 304 for who has it."""
        zipped = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower()
        response = web.Response(headers={hdrs.CACHE_CONTROL: cache, hdrs.VARY: "Accept-Encoding", **(headers or {})})
        # A proxy may compress what we sent plain, and then the tag must not promise identical bytes: it is weak.
        response.headers[hdrs.ETAG] = f'W/"{self.tag}"'
        if any(tag.value in (self.tag, "*") for tag in request.if_none_match or ()):
            response.set_status(304)
            return response
        response.headers[hdrs.CONTENT_TYPE] = self.type
        if zipped:
            response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        response.body = self.zipped if zipped else self.body
        return response


class Assets:
    """All files below a folder, read once, and a version that changes when any of them does."""

    def __init__(self, folder: Path = STATIC, entry: str | None = "widget.js"):
        files = sorted(file for file in folder.rglob("*") if file.suffix in TYPES)
        bodies = {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
        mark = hashlib.sha256()
        for name, body in bodies.items():
            mark.update(f"{name}\0{len(body)}\0".encode() + body)
        self.version = mark.hexdigest()[:12]
        self._assets = {name: Asset.of(body, Path(name).suffix) for name, body in bodies.items()}
        # An entry, such as the widget's, has an address without a version, and is told here which one the rest stands under.
        if entry:
            body = bodies[entry].replace(b"static/current/", f"static/{self.version}/".encode())
            self._assets[entry] = Asset.of(body, Path(entry).suffix)

    def find(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def address(self, name: str) -> str:
        """Where a page of ours finds the file."""
        return f"/static/{self.version}/{name}"
