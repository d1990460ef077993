"""An e-mail address as a customer types it, checked and tidied."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from .mail import is_address


def tidy_address(text: str) -> str | None:
    """The address that mail goes to; None if it is none. Nothing is looked up, so that nobody learns who was asked about.

    >>> tidy_address(" Hana@EXAMPLE.com "), tidy_address("ｈａｎａ＠example.com"), tidy_address("hana@example")
    ('Hana@example.com', 'hana@example.com', None)
    >>> tidy_address("hana..m.@docomo.example")  # Japanese carriers have given out such ones
    'hana..m.@docomo.example'
    """
    text = unicodedata.normalize("NFKC", text).strip()
    local, at, domain = text.rpartition("@")
    # Dots in a row, or one before the @, are against the standard and exist: what is left without them has to be sound.
    plain = re.sub(r"\.{2,}", ".", local).rstrip(".")
    try:
        found = validate_email(f"{plain}{at}{domain}", check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    address = f"{local}@{found.ascii_domain}"
    return address if is_address(address) else None
