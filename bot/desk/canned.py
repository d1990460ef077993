"""Ready-made replies: their variables, filled in for one ticket. Whatever else stands in braces stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: What may stand in a ready-made reply, between braces.
VARIABLES = ("customer_name", "reference", "company", "agent_name", "opening")

LONGEST_SHORTCUT, LONGEST_TITLE, LONGEST_BODY = 40, 120, 4000

_SHORTCUT = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
_VARIABLE = re.compile(r"\{(\w+)\}")
#: A Japanese form of address behind the name, which must not come twice.
_NAME_AND_TITLE = re.compile(r"\{customer_name\}\s*(様|さま)")
#: Whom a reply addresses where no name is known.
_NAMELESS = {"en": "customer", "ja": "お客様"}


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A ready-made reply, as it is kept."""

    id: str
    company: str | None  #: None: for every company
    locale: str
    shortcut: str  #: what is typed to find it
    title: str
    body: str
    version: int = 1

    def find_wrong(self) -> dict[str, tuple[str, dict]]:
        """What cannot be kept: field -> which words say why, and the values in them."""
        wrong: dict[str, tuple[str, dict]] = {}
        if not _SHORTCUT.fullmatch(self.shortcut) or len(self.shortcut) > LONGEST_SHORTCUT:
            wrong["shortcut"] = ("shortcut", {"most": LONGEST_SHORTCUT})
        for name, most in (("title", LONGEST_TITLE), ("body", LONGEST_BODY)):
            if not getattr(self, name).strip():
                wrong[name] = ("empty", {})
            elif len(getattr(self, name)) > most:
                wrong[name] = ("long", {"most": most})
        if unknown := find_unknown(self.body):
            wrong["body"] = ("variables", {"names": ", ".join(f"{{{name}}}" for name in unknown)})
        return wrong


def find_unknown(body: str) -> list[str]:
    """What stands in braces and is no variable, each once: most likely misspelt.

    >>> find_unknown("Dear {custmer_name}, your case {reference} ...")
    ['custmer_name']
    """
    return [name for name in dict.fromkeys(_VARIABLE.findall(body)) if name not in VARIABLES]


def fill(body: str, values: Mapping[str, str], locale: str) -> str:
    """The reply with its variables filled in; a customer without a name is addressed as one.

    >>> fill("Dear {customer_name}, this is {agent_name}.", {"agent_name": "Keiko"}, "en")
    'Dear customer, this is Keiko.'
    >>> fill("{customer_name} 様", {}, "ja"), fill("{customer_name} 様", {"customer_name": "森"}, "ja")
    ('お客様', '森 様')
    """
    known = {name: value for name, value in values.items() if name in VARIABLES and value}
    if "customer_name" not in known:
        nameless = _NAMELESS.get(locale, _NAMELESS["en"])
        body = _NAME_AND_TITLE.sub(nameless, body) if locale == "ja" else body
        known["customer_name"] = nameless
    return _VARIABLE.sub(lambda found: known.get(found[1], found[0]), body)
