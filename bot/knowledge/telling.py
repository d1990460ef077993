"""The desk's own sentences, decided on elsewhere, as one text in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.desk.handover import Words

from .company import Company, localise
from .library import Library
from .moments import tell_moment

_ENDS = ".!?。！？"


def tell(library: Library, company: Company, locale: str, words: Iterable[Words], now: datetime) -> str:
    """The sentences one after the other, what is to be filled in filled in; moments are told in the company's zone."""
    zone = ZoneInfo(company.timezone)
    names = {"short": localise(company.short, locale), "desk": localise(company.desk, locale)}
    texts = []
    for one in words:
        said = {
            name: tell_moment(value.astimezone(zone), now, locale) if isinstance(value, datetime) else value
            for name, value in one.said.items()
        }
        texts.append(localise(library.wording[one.key], locale).format(**names, **said))
    gap = "" if locale == "ja" else " "
    # What somebody wrote may end without a full stop, and then the next sentence begins a line.
    return "".join(text + (gap if text[-1:] in _ENDS else "\n") for text in texts).strip()
