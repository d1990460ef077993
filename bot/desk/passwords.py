"""Passwords: hashed by Argon2id, refused where they would be guessed. Both take long on purpose: call them off the event loop."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .errors import WeakPassword

SHORTEST = 10
LONGEST = 200
#: Of zxcvbn's 0 to 4: more than a hundred million guesses.
LEAST_SCORE = 3
#: zxcvbn takes no more, and what is strong to here stays so.
_JUDGED = 72


def check_password(password: str, known: Iterable[str] = ()) -> None:
    """Raises WeakPassword for one that others would guess; `known` is what others know of the person, as name and address."""
    password = _normal(password)
    if len(password) < SHORTEST:
        raise WeakPassword("short")
    if len(password) > LONGEST:
        raise WeakPassword("long")
    if password.lower() in _common():
        raise WeakPassword("common")
    words = _words_of(known)
    if len(_without(password, words)) < SHORTEST // 2:
        raise WeakPassword("own")
    # Its lists take memory that only a process in which passwords are chosen needs.
    from zxcvbn import zxcvbn

    if zxcvbn(password[:_JUDGED], user_inputs=words)["score"] < LEAST_SCORE:
        raise WeakPassword("guessable")


def hash_password(password: str) -> str:
    """What is kept of it."""
    return _hasher().hash(_normal(password))


def verify_password(kept: str | None, password: str) -> bool:
    """Whether it is the one. Where none is kept it takes as long, and is never the one."""
    if len(password) > 4 * LONGEST:
        password = ""
    try:
        return _hasher().verify(kept or _decoy(), _normal(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with less effort than is usual now."""
    return _hasher().check_needs_rehash(kept)


def _normal(password: str) -> str:
    # The same characters come differently from different keyboards and Japanese input methods.
    return unicodedata.normalize("NFKC", password)


@functools.cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # Argon2id as RFC 9106 has it for little memory: 64 MiB, three passes


@functools.cache
def _decoy() -> str:
    return _hasher().hash("of nobody")


@functools.cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _words_of(known: Iterable[str]) -> list[str]:
    """The known texts and their parts: of hana.tanaka@desk.example hana, tanaka and desk."""
    texts = [unicodedata.normalize("NFKC", text).lower() for text in known]
    parts = {part for text in texts for part in re.split(r"[\W_]+", text) if len(part) > 2}
    return sorted(parts | {text for text in texts if text}, key=len, reverse=True)


def _without(password: str, words: list[str]) -> str:
    rest = password.lower()
    for word in words:
        rest = rest.replace(word, "")
    return rest
