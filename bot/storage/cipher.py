"""Encryption at rest: AES-256-GCM, bound to the row that it stands in, and keyed hashes for look-up."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


class WrongKey(Exception):
    """A stored text cannot be read with this key: DESK_SECRET_KEY (or secret.key) is not the one it was written with."""


def derive_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, from the one secret."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"inquiry-desk {purpose}".encode()).derive(secret)


class Cipher:
    """Encrypts texts and hashes look-up values with keys derived from one secret."""

    def __init__(self, secret: bytes):
        self._texts = AESGCM(derive_key(secret, "texts"))
        self._lookups = derive_key(secret, "lookups")

    def encrypt(self, text: str, place: str) -> bytes:
        """`place` names the row; a ciphertext moved to another row cannot be read there."""
        return self.encrypt_bytes(text.encode(), place)

    def decrypt(self, sealed: bytes, place: str) -> str:
        return self.decrypt_bytes(sealed, place).decode()

    def encrypt_bytes(self, content: bytes, place: str) -> bytes:
        """The same for what is no text, such as a picture."""
        nonce = os.urandom(_NONCE)
        return nonce + self._texts.encrypt(nonce, content, place.encode())

    def decrypt_bytes(self, sealed: bytes, place: str) -> bytes:
        try:
            return self._texts.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
        except (InvalidTag, ValueError):  # ValueError: cut short
            raise WrongKey(WrongKey.__doc__) from None

    def hash(self, value: str) -> bytes:
        """A keyed hash: equal values give equal hashes, and none can be guessed from the database alone."""
        # A header's bytes that are no UTF-8 come as lone surrogates, which is no reason to fail.
        return hmac.new(self._lookups, value.encode(errors="surrogatepass"), hashlib.sha256).digest()
