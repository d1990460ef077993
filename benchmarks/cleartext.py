"""Looks for texts in files, in every form that a program may leave them in by accident."""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus


@dataclass(frozen=True)
class Find:
    """A text that stands in a file."""

    needle: str
    form: str
    file: Path

    def __str__(self) -> str:
        return f"{self.needle!r} as {self.form} in {self.file}"


def search(files: Iterable[Path], needles: Iterable[str]) -> list[Find]:
    """Every needle that stands in a file, in any form, each once a file; archives are looked into as well."""
    wanted = {needle: forms_of(needle) for needle in needles}
    found = []
    for file in files:
        contents = list(open_layers(file.read_bytes()))
        for needle, forms in wanted.items():
            form = next((name for name, piece in forms.items() if any(piece in content for content in contents)), None)
            if form:
                found.append(Find(needle, form, file))
    return found


def forms_of(text: str) -> dict[str, bytes]:
    """The bytes of a text, by the name of the form."""
    forms: dict[str, bytes] = {}
    for case, words in (("", text), (", small", text.lower()), (", large", text.upper())):
        for name, piece in _forms_of(words):
            if piece and piece not in forms.values():
                forms[name + case] = piece
    return forms


def _forms_of(text: str) -> Iterator[tuple[str, bytes]]:
    plain = {name: text.encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")}
    yield from plain.items()
    yield "hexadecimal", plain["utf-8"].hex().encode()
    yield "hexadecimal, capital", plain["utf-8"].hex().upper().encode()
    escaped = json.dumps(text)[1:-1]
    yield "JSON", escaped.encode()
    yield "JSON in JSON", json.dumps(escaped)[1:-1].encode()
    units = [text.encode("utf-16-be")[place : place + 2].hex() for place in range(0, len(plain["utf-16-be"]), 2)]
    for name, digits in (("", units), (", capital", [unit.upper() for unit in units])):
        yield f"JSON, every character escaped{name}", "".join(f"\\u{unit}" for unit in digits).encode()
    mixed = "".join(c if c.isascii() else c.encode("unicode_escape").decode() for c in text)
    yield "JSON, capital", mixed.upper().replace("\\U", "\\u").encode()
    yield "Python's repr of bytes", repr(plain["utf-8"])[2:-1].encode()
    yield "percent-encoding", quote(text, safe="").encode()
    yield "percent-encoding of a path", quote(text).encode()
    yield "percent-encoding of a form", quote_plus(text).encode()
    yield "percent-encoding, small", quote(text, safe="").lower().encode()
    yield "percent-encoding of every byte", "".join(f"%{byte:02X}" for byte in plain["utf-8"]).encode()
    yield "percent-encoding of every byte, small", "".join(f"%{byte:02x}" for byte in plain["utf-8"]).encode()
    layers = {name: plain[name] for name in ("utf-8", "utf-16-le", "utf-16-be")} | {"JSON": escaped.encode()}
    for name, data in layers.items():
        for shift in range(3):
            piece = in_base64(data, shift)
            yield f"base64 of {name}, alignment {shift}", piece
            yield f"base64 of {name} for URLs, alignment {shift}", piece.translate(_FOR_URLS)


_FOR_URLS = bytes.maketrans(b"+/", b"-_")


def in_base64(data: bytes, shift: int) -> bytes:
    """The characters that data leaves in base64 whatever stands around it, `shift` bytes behind a multiple of three."""
    first = -(-shift * 8 // 6)  # characters that the bytes before it share
    return base64.b64encode(bytes(shift) + data + bytes(2))[first : (shift + len(data)) * 8 // 6]


def open_layers(content: bytes) -> Iterator[bytes]:
    """A file's bytes; the same without line ends, for what was wrapped; and what an archive holds."""
    yield content
    if b"\n" in content:
        yield content.translate(None, b"\r\n")
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield archive.read(name)
    elif content[:2] == b"\x1f\x8b" or content[:1] == b"\x78":
        try:
            # Whatever can be read, also where a process did not live to finish; a tar holds its files as they are.
            yield zlib.decompressobj(wbits=47).decompress(content)
        except zlib.error:
            return
