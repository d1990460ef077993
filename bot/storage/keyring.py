"""The master keys that wrap every request's own key: versions, of which the newest wraps, kept outside the database."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from .cipher import WrongKey

_BYTES = 32


class Keyring:
    """Master keys by version, in a file of mode 0600 that every process reads anew when it meets a version it does not know."""

    def __init__(self, file: Path):
        self.file = file
        self._keys: dict[int, bytes] = {}

    def newest(self) -> tuple[int, bytes]:
        """The version that wraps, and its key; the first one is made where there is none."""
        self._read()
        if not self._keys:
            self._make_first()
        version = max(self._keys)
        return version, self._keys[version]

    def find(self, version: int) -> bytes:
        """A version's key; raises WrongKey where it is lost."""
        if version not in self._keys:
            self._read()
        try:
            return self._keys[version]
        except KeyError:
            raise WrongKey(f"Master key {version} is not in {self.file.name}: put the file back from the backup.") from None

    def add(self) -> int:
        """A new version, which wraps from now on."""
        with self._alone():
            version = self.newest()[0] + 1
            self._write({**self._keys, version: secrets.token_bytes(_BYTES)}, replace=True)
            self._read()
        return version

    def remove(self, version: int) -> None:
        """Forget a version that wraps nothing any more; never the newest."""
        with self._alone():
            self._read()
            if version != max(self._keys):
                self._write({number: key for number, key in self._keys.items() if number != version}, replace=True)
                self._read()

    def versions(self) -> tuple[int, ...]:
        self._read()
        return tuple(sorted(self._keys))

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Of two who change the file at once the second sees what the first did; a key that was lost here is lost for good."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _read(self) -> None:
        try:
            text = self.file.read_text(encoding="ascii")
        except FileNotFoundError:
            self._keys = {}
            return
        try:
            self._keys = {int(version): base64.b64decode(key, validate=True) for version, key in json.loads(text).items()}
            if any(len(key) != _BYTES for key in self._keys.values()):
                raise ValueError
        except (ValueError, AttributeError):
            name = self.file.name
            raise WrongKey(f"{name} is damaged. Put it back from the backup: without it no request can be read.") from None

    def _make_first(self) -> None:
        self._write({1: secrets.token_bytes(_BYTES)}, replace=False)
        self._read()

    def _write(self, keys: dict[int, bytes], *, replace: bool) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(f".{secrets.token_hex(8)}")
        text = json.dumps({str(version): base64.b64encode(key).decode() for version, key in keys.items()})
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        try:
            if replace:
                os.replace(fresh, self.file)
                return
            os.link(fresh, self.file)  # two processes that start at once agree on one key
        except FileExistsError:
            pass
        fresh.unlink()
