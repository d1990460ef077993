"""A real mail server on loopback, with a certificate made for the test, that can be in every mood that servers are in."""

from __future__ import annotations

import asyncio
import email
import ipaddress
import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "desk", "correct horse"


@dataclass
class MailServer:
    """Takes mail, unless it is told what to say instead: `recipient` and `data` are its answers in turn, None a yes."""

    security: str = "starttls"  #: starttls, tls or none
    wants_password: bool = True
    recipient: list[str | None] = field(default_factory=list)
    data: list[str | None] = field(default_factory=list)
    greeting: str | None = None  #: said instead of everything
    offers_starttls: bool = True
    hold: asyncio.Event | None = None  #: where set, a mail is answered once it is
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    sign_ins: list[tuple[bytes, bytes, bool]] = field(default_factory=list)  #: name, password, over an encrypted connection
    busy: int = 0  #: mails that are being taken now
    most_busy: int = 0
    port: int = 0
    _server: asyncio.Server | None = None

    async def up(self, certificate: Certificate) -> None:
        loop = asyncio.get_running_loop()
        tls = certificate.server
        self._server = await loop.create_server(
            lambda: self._protocol(tls), "127.0.0.1", self.port, ssl=tls if self.security == "tls" else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    def _protocol(self, tls: ssl.SSLContext) -> asyncio.Protocol:
        self.connections += 1
        if self.greeting:
            return _Refusing(self.greeting)
        options: dict = {"authenticator": self._authenticate, "auth_require_tls": False, "auth_required": self.wants_password}
        if self.security == "starttls" and self.offers_starttls:
            options |= {"tls_context": tls, "require_starttls": True}
        with warnings.catch_warnings():
            # It warns of passwords over clear connections, which is what the tests see to that we never give.
            warnings.simplefilter("ignore")
            return SMTP(self, hostname="mail.test", loop=asyncio.get_running_loop(), ident="test", **options)

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        self.sign_ins.append((data.login, data.password, encrypted))
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    async def handle_RCPT(self, server, session, envelope: Envelope, address: str, options) -> str:
        if self.recipient and (answer := self.recipient.pop(0)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session, envelope: Envelope) -> str:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            if self.hold:
                await self.hold.wait()
            answer = self.data.pop(0) if self.data else None
            if answer == "die before":
                server.transport.abort()
                return "250 OK"
            if answer is None or answer == "die after":
                self.received.append(email.message_from_bytes(envelope.content, policy=default))
                self.recipients += envelope.rcpt_tos
            if answer == "die after":
                server.transport.abort()
            return answer or "250 OK"
        finally:
            self.busy -= 1


class _Refusing(asyncio.Protocol):
    """Says one line and goes."""

    def __init__(self, line: str):
        self.line = line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(f"{self.line}\r\n".encode())
        transport.close()


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1, and what those who trust it have."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def make_certificate(folder: Path, name: str = "127.0.0.1") -> Certificate:
    """One for that address, by an authority that only the client here knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "mail.pem").write_bytes(private + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "mail.pem")
    return Certificate(server, ssl.create_default_context(cadata=pem.decode()))


@contextmanager
def no_server() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
