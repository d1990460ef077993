"""Files that go along with a message: which are taken, known by their content and never by their name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from .errors import FileNotTaken, FileTooLarge

#: Bytes of one file.
LARGEST_FILE = 10 * 1024 * 1024
#: Files of a customer to one ticket.
MOST_FILES = 6
#: Characters of a file's name.
LONGEST_NAME = 120

_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
_KNOWN_ENDINGS = {"image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",), "application/pdf": (".pdf",)}


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a stored file beside its content."""

    id: str
    conversation: str
    name: str
    media_type: str
    size: int
    created_at: datetime
    message: str | None = None  #: the message that it was sent with; None while it is only uploaded
    uploaded_by: str | None = None  #: member of staff; None for the customer

    def as_dict(self) -> dict:
        """As it stands with its message."""
        return {"id": self.id, "name": self.name, "media_type": self.media_type, "size": self.size}


def find_media_type(content: bytes) -> str:
    """JPEG, PNG or PDF, by the content; raises FileNotTaken or FileTooLarge."""
    if len(content) > LARGEST_FILE:
        raise FileTooLarge(FileTooLarge.__doc__)
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    raise FileNotTaken(FileNotTaken.__doc__)


def tidy_name(name: str, media_type: str) -> str:
    """A file's name as it is shown and saved: no path, no control characters, the ending that its content has.

    >>> tidy_name("C:\\\\papers\\\\pass port.exe", "image/png"), tidy_name("", "application/pdf")
    ('pass port.exe.png', 'file.pdf')
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    # Cc, Cf: control characters and marks that turn the direction of writing, by which an ending can be hidden.
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    name = re.sub(r'["<>:|?*;]', "_", name)
    if not name.lower().endswith(_KNOWN_ENDINGS[media_type]):
        name = (name or "file")[: LONGEST_NAME - 4] + _ENDINGS[media_type]
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 4] + _ENDINGS[media_type]
