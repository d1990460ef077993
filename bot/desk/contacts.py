"""Somebody's e-mail address or telephone number as it is compared, however it was typed."""

from __future__ import annotations

import re
import unicodedata

from .ticket import Contact

_MAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_PHONE = re.compile(r"\+?[\d\s()./‐‑‒–−ー-]+")


def person_key(text: str) -> str | None:
    """What a person's cases are found by: a keyed hash of it stands with the ticket. None: it is neither of both.

    >>> person_key(" Hana@Example.com"), person_key("+81 3-1234-5678"), person_key("０３（１２３４）５６７８")
    ('mail hana@example.com', 'phone 0312345678', 'phone 0312345678')
    """
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    if _MAIL.fullmatch(text):
        return f"mail {text}"
    if not _PHONE.fullmatch(text):
        return None
    digits = "".join(c for c in text if c.isdigit())
    if text.startswith("+81"):
        digits = "0" + digits[2:].removeprefix("0")  # as it is dialled within Japan; some write +81 (0)3
    return f"phone {digits}" if 9 <= len(digits) <= 15 else None


def contact_key(contact: Contact) -> str | None:
    """What a contact is found by: the e-mail address, else the telephone number; None if neither was given."""
    return person_key(contact.email) or person_key(contact.phone)
