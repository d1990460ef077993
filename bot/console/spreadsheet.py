"""Tables as CSV, sent as they are made, for a spreadsheet that must not take a cell for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterable, Iterable, Sequence

from aiohttp import web

from .pages import HEADERS

#: With one of these at its beginning a spreadsheet takes a text for a formula, which may call others or send data away.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

#: Tells spreadsheets that the text is UTF-8; without it they show Japanese as something else.
_MARK = "\ufeff"

Cell = str | int | float | None


def write_rows(rows: Iterable[Sequence[Cell]]) -> str:
    """The rows as lines of CSV."""
    out = io.StringIO()
    csv.writer(out).writerows([[_harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


async def send_table(
    request: web.Request, name: str, heading: Sequence[str], parts: AsyncIterable[Iterable[Sequence[Cell]]]
) -> web.StreamResponse:
    """Answer with a file, part by part. The first part is asked for before anything is sent, so that it may still refuse."""
    source = aiter(parts)
    first = await anext(source, None)
    response = web.StreamResponse(headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'})
    response.content_type, response.charset = "text/csv", "utf-8"
    await response.prepare(request)
    await response.write((_MARK + write_rows([heading])).encode())
    if first is not None:
        await response.write(write_rows(first).encode())
        async for part in source:
            await response.write(write_rows(part).encode())
    await response.write_eof()
    return response


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str) and cell.lstrip(" \u3000").startswith(_FORMULA):
        return "'" + cell
    return cell
