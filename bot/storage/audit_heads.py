"""The audit log's heads outside the database: a file that is only ever added to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.desk.audit import Head

#: Bytes at the file's end in which its last whole line stands.
TAIL = 4096


@dataclass(frozen=True, slots=True)
class Heads:
    """What the file holds."""

    heads: tuple[Head, ...] = ()
    unreadable: tuple[int, ...] = ()  #: numbers of lines that are no head, such as one that a power cut tore

class HeadFile:
    """One line for each head: number, code, time."""

    def __init__(self, path: Path):
        self.path = path

    def read(self) -> Heads:
        """All heads, oldest first; none where the file is missing."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return Heads()
        heads, unreadable = [], []
        for place, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if head := _read(line):
                heads.append(head)
            else:
                unreadable.append(place)
        return Heads(tuple(heads), tuple(unreadable))

    def last(self) -> Head | None:
        """The newest head, without reading a file that has grown for years."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(file.seek(0, os.SEEK_END) - TAIL, 0))
                tail = file.read().decode(errors="replace")
        except FileNotFoundError:
            return None
        return next((head for line in reversed(tail.splitlines()) if (head := _read(line))), None)

    def append(self, head: Head, now: datetime) -> None:
        """Add a line, and see that it is on the disk before this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        line = f"{head.number} {head.mac.hex()} {now.astimezone(UTC).isoformat(timespec='seconds')}\n"
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                line = "\n" + line  # what a power cut left of the last line stays a line by itself
            os.write(handle, line.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        if new:
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _read(line: str) -> Head | None:
    """The head that a line holds; None where it holds none."""
    try:
        number, mac, _ = line.split(" ")
        head = Head(int(number), bytes.fromhex(mac))
    except ValueError:
        return None
    return head if head.number > 0 and len(head.mac) == 32 else None
