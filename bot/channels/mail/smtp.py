"""Sends mail through the mail server that the settings name."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from email.message import EmailMessage

import aiosmtplib

from bot.desk.mail import MailDelayed, MailRefused, MailServerAway
from bot.settings import Settings
from bot.storage.outbox import Letter

from .message import write_message

#: For the connection, and each answer until the server knows us.
CONNECT_SECONDS = 30.0
#: For each answer about the mail. A server may look into it for long, and one that is given up on may take it all the same.
ANSWER_SECONDS = 200.0
#: For all of a mail; below the outbox's lease, or another would send it meanwhile.
WHOLE_SECONDS = 480.0


class SmtpPostman:
    """One connection for each mail: a desk sends few, and an idle connection is one more thing that breaks.

    The errors of the library hold addresses, and what the server said, which may repeat them; ours hold a number at most.
    """

    def __init__(self, settings: Settings, *, tls: ssl.SSLContext | None = None, answer_seconds: float = ANSWER_SECONDS):
        self.settings = settings
        self._tls = tls
        self._answer_seconds = answer_seconds

    async def deliver(self, letter: Letter) -> None:
        """Hand it to the server; raises MailRefused, MailDelayed or MailServerAway."""
        message = write_message(letter, self.settings.sender)
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                client = await self._connect()
                try:
                    await self._send(client, message, letter.mail.to)
                    await _leave(client)
                finally:
                    client.close()
        except TimeoutError:
            raise MailDelayed("timed out") from None

    async def _send(self, client: aiosmtplib.SMTP, message: EmailMessage, to: str) -> None:
        sender = self.settings.sender[1]
        try:
            await client.send_message(message, sender=sender, recipients=[to], timeout=self._answer_seconds)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _judge(error.recipients[0].code) from None
        except aiosmtplib.SMTPSenderRefused as error:
            raise MailServerAway(f"our sender is refused, {error.code}") from None
        except aiosmtplib.SMTPHeloError as error:
            raise MailServerAway(f"we are refused, {error.code}") from None
        except aiosmtplib.SMTPResponseException as error:
            raise _judge(error.code) from None
        except aiosmtplib.SMTPNotSupported:
            raise MailRefused("not supported") from None
        except (aiosmtplib.SMTPTimeoutError, TimeoutError):
            raise MailDelayed("timed out") from None
        except (aiosmtplib.SMTPException, OSError):
            # The server may have taken it all the same; whoever gets it twice sees one Message-ID.
            raise MailDelayed("connection lost") from None

    async def _connect(self) -> aiosmtplib.SMTP:
        settings = self.settings
        client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_user or None,
            password=settings.smtp_password if settings.smtp_user else None,
            # Else the library asks the name service what this machine is called, and tells the server.
            local_hostname=settings.sender[1].rpartition("@")[2],
            timeout=CONNECT_SECONDS,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            tls_context=self._tls,
        )
        try:
            await client.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailServerAway(f"our name or password is refused, {error.code}") from None
        except aiosmtplib.SMTPResponseException as error:
            raise MailServerAway(f"the server answers {error.code}") from None
        except aiosmtplib.SMTPTimeoutError:
            raise MailServerAway("timed out") from None
        except ssl.SSLError:
            raise MailServerAway("no trusted encryption") from None
        except aiosmtplib.SMTPConnectError as error:
            broken = isinstance(error.__cause__, ssl.SSLError)
            raise MailServerAway("no trusted encryption" if broken else "no connection") from None
        except aiosmtplib.SMTPServerDisconnected:
            raise MailServerAway("connection lost") from None
        except aiosmtplib.SMTPException:
            # It offers no encryption, or no way to give a password that we know.
            raise MailServerAway("encryption or sign-in is not offered") from None
        except OSError:
            raise MailServerAway("no connection") from None
        return client


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Take leave of the server, which has the mail, whatever comes of that."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=5)


def _judge(code: int) -> MailRefused | MailDelayed | MailServerAway:
    """What a refusal means: 5xx is for good, 421 is about the server and not the mail, everything else is for now."""
    if code == 421:
        return MailServerAway("the server answers 421")
    return MailRefused(f"refused, {code}") if 500 <= code < 600 else MailDelayed(f"not now, {code}")
