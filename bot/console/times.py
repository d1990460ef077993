"""Times as a clerk says them, with the exact moment in the element: "due in 2 h". static/times.js lets them go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from markupsafe import Markup

_DAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "ja": tuple("月火水木金土日")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Times:
    """Writes moments for one reader: in their language, in their desk's time zone, seen from now."""

    def __init__(self, say: Callable[..., str], locale: str, now: datetime, zone: tzinfo):
        self.say = say
        self.locale = locale
        self.now = now
        self.zone = zone

    def due(self, moment: datetime) -> Markup:
        """How long until then, or how late it is."""
        left = moment - self.now
        late = left < timedelta(0)
        words = self.say("script.late_by" if late else "script.due_in", time=self.span(-left if late else left))
        return self._element(moment, words, "data-due")

    def ago(self, moment: datetime) -> Markup:
        """How long since then."""
        past = self.now - moment
        words = self.say("script.now") if past < timedelta(minutes=1) else self.say("script.ago", time=self.span(past))
        return self._element(moment, words, "data-ago")

    def exact(self, moment: datetime) -> Markup:
        """The moment itself."""
        return self._element(moment, self.write(moment), "")

    def clock(self, moment: datetime) -> Markup:
        """The time of day, and the day where it is another than today."""
        local = moment.astimezone(self.zone)
        today = local.date() == self.now.astimezone(self.zone).date()
        return self._element(moment, f"{local:%H:%M}" if today else self.write(moment, year=local.year != self.now.year), "")

    def write(self, moment: datetime, *, year: bool = True) -> str:
        """Day and time in words, without an element."""
        local = moment.astimezone(self.zone)
        day = _DAYS["ja" if self.locale == "ja" else "en"][local.weekday()]
        if self.locale == "ja":
            return f"{f'{local.year}年' if year else ''}{local.month}月{local.day}日({day}) {local:%H:%M}"
        return f"{day} {local.day} {_MONTHS[local.month - 1]}{f' {local.year}' if year else ''}, {local:%H:%M}"

    def span(self, span: timedelta) -> str:
        """Minutes below an hour, hours below two days, then days."""
        minutes = int(span.total_seconds() // 60)
        if minutes < 60:
            return self.say("script.minutes", count=max(1, minutes))
        if minutes < 48 * 60:
            return self.say("script.hours", count=minutes // 60)
        return self.say("script.days", count=minutes // (24 * 60))

    def local(self, moment: datetime | None) -> str:
        """As a field of type datetime-local takes it."""
        return f"{moment.astimezone(self.zone):%Y-%m-%dT%H:%M}" if moment else ""

    def _element(self, moment: datetime, words: str, mark: str) -> Markup:
        iso = moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(
            iso, self.write(moment), Markup(" " + mark) if mark else "", words
        )
