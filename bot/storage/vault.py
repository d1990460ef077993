"""What requests hold, each under a key of its own: AES-256-GCM, the key wrapped by a master key."""

from __future__ import annotations

import os

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import Connection

from .cipher import WrongKey
from .keyring import Keyring
from .tables import request_keys

_NONCE = 12


class Erased(Exception):
    """What this request held was erased."""


class Vault:
    """Seals and opens what belongs to a request."""

    def __init__(self, keyring: Keyring):
        self.keyring = keyring

    def add_key(self, db: Connection, request: str) -> None:
        """Make a request's key; without it nothing of the request can be kept."""
        version, master = self.keyring.newest()
        key = AESGCM.generate_key(256)
        wrapped = _seal(master, key, f"key {request}")
        db.execute(request_keys.insert().values(request=request, master=version, wrapped=wrapped))
        # A rotation that began since does not see this row yet, and may remove the version that wraps it.
        newest, master = self.keyring.newest()
        if newest != version:
            values = {"master": newest, "wrapped": _seal(master, key, f"key {request}")}
            db.execute(request_keys.update().where(request_keys.c.request == request).values(values))

    def seal(self, db: Connection, request: str, place: str, content: bytes) -> bytes:
        """The content encrypted under the request's key, readable in that place only; raises Erased."""
        return _seal(self._key(db, request), content, f"{request} {place}")

    def open(self, db: Connection, request: str, place: str, sealed: bytes) -> bytes:
        """What was sealed; raises Erased, or WrongKey where it was moved or changed."""
        return _open(self._key(db, request), sealed, f"{request} {place}")

    def erase_key(self, db: Connection, request: str) -> bool:
        """Make everything of the request unreadable for good; whether there was something left to erase."""
        return bool(db.execute(request_keys.delete().where(request_keys.c.request == request)).rowcount)

    def rewrap(self, db: Connection, most: int = 200) -> int:
        """Wrap some keys of older versions by the newest master key; how many. Nothing sealed has to be touched."""
        version, master = self.keyring.newest()
        rows = db.execute(
            request_keys.select().where(request_keys.c.master != version).limit(most).with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            key = _open(self.keyring.find(row.master), row.wrapped, f"key {row.request}")
            db.execute(
                request_keys.update()
                .where(request_keys.c.request == row.request)
                .values(master=version, wrapped=_seal(master, key, f"key {row.request}"))
            )
        return len(rows)

    def list_versions(self, db: Connection) -> set[int]:
        """The master keys' versions that still wrap something, keys that are being written in this moment included."""
        if db.dialect.name == "postgresql":  # SQLite lets one write at a time anyway
            db.execute(sa.text("lock table request_keys in share mode"))
        return set(db.execute(sa.select(request_keys.c.master).distinct()).scalars())

    def _key(self, db: Connection, request: str) -> bytes:
        row = db.execute(request_keys.select().where(request_keys.c.request == request)).first()
        if row is None:
            raise Erased(Erased.__doc__)
        return _open(self.keyring.find(row.master), row.wrapped, f"key {request}")


def _seal(key: bytes, content: bytes, place: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, place.encode())


def _open(key: bytes, sealed: bytes, place: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
    except (InvalidTag, ValueError):
        raise WrongKey(WrongKey.__doc__) from None
