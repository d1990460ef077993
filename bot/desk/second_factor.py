"""The second factor: codes of an authenticator app (TOTP), each of which counts once, and recovery codes for a lost telephone."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp

from .ticket import ALPHABET

#: Seconds that a code is shown; one before and one after is taken, since clocks differ.
PERIOD = 30
RECOVERY_CODES = 10
#: What the app shows beside the code.
ISSUER = "Inquiry desk"


def make_secret() -> str:
    return pyotp.random_base32()


def make_address(secret: str, account: str) -> str:
    """What the app reads from the square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step that the code belongs to, if it is right now; a step that was used counts no more."""
    code = "".join(code.split())
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    here = int(now.timestamp()) // PERIOD
    found = None
    for step in (here - 1, here, here + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), code):
            found = step
    return found


def make_recovery_codes() -> list[str]:
    """Ten codes of ten characters that are not mistaken for one another."""
    return ["-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)]


def tidy_recovery_code(code: str) -> str | None:
    """A recovery code as it was given, however it was typed; None for what cannot be one."""
    tidy = "".join(c for c in code.upper() if c.isalnum())
    return f"{tidy[:5]}-{tidy[5:]}" if len(tidy) == 10 and all(c in ALPHABET for c in tidy) else None
