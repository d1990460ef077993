"""A mail as it goes over the wire."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from bot.desk.mail import MailRefused, is_address
from bot.storage.outbox import Letter


def write_message(letter: Letter, sender: tuple[str, str]) -> EmailMessage:
    """The message of a letter; raises MailRefused where its address is none. The same letter gives the same Message-ID."""
    name, address = sender
    if not is_address(letter.mail.to):
        raise MailRefused("no address")
    # Not every server on the way takes more than seven bits.
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = Address(_one_line(name), addr_spec=address)
    message["To"] = letter.mail.to
    message["Subject"] = _one_line(letter.mail.subject)
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id}@{address.rpartition('@')[2]}>"
    # So that nobody's out-of-office note comes back to a desk that reads no mail.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.mail.text)
    return message


def _one_line(text: str) -> str:
    return " ".join(text.split())
