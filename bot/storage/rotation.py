"""Changing the master key while the desk runs: a new version, everything wrapped by it, old versions removed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .database import Database
from .vault import Vault


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    version: int  #: that wraps everything now
    added: bool  #: False: an earlier rotation that was ended in the middle was finished
    wrapped: int  #: requests' keys
    removed: tuple[int, ...]


def rotate(database: Database, vault: Vault, tell: Callable[[int], None] = lambda done: None, batch: int = 200) -> Rotated:
    """Rotate, or finish what an earlier run began. It may be ended at any point: nothing is unreadable in between."""
    ring = vault.keyring
    ring.newest()
    added = len(ring.versions()) == 1
    if added:
        ring.add()
    wrapped, removed = 0, []
    while True:
        while done := database.transact(lambda db: vault.rewrap(db, batch)):
            wrapped += done
            tell(wrapped)
        used = database.transact(vault.list_versions)
        newest = ring.newest()[0]
        if used <= {newest}:
            break
        time.sleep(0.1)  # a key that somebody else has locked was passed over, and is wrapped in the next round
    for version in ring.versions():
        if version != newest:
            ring.remove(version)
            removed.append(version)
    return Rotated(newest, added, wrapped, tuple(removed))
