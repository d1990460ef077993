"""Settings, all from the environment; docs/operators.md documents each one, and a test holds that."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.utils import getaddresses, parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from bot.desk.mail import is_address


class BadSetting(ValueError):
    """A setting cannot be used; the message says which and what it may be."""


def _setting(name: str, default: object, about: str):
    return field(default=default, metadata={"name": name, "about": about})


@dataclass(frozen=True)
class Settings:
    """What an operator can set. `read` takes it from the environment."""

    host: str = _setting("DESK_HOST", "127.0.0.1", "Address that the gateway listens on.")
    port: int = _setting("DESK_PORT", 8080, "Port that the gateway listens on.")
    public_url: str = _setting("DESK_PUBLIC_URL", "", "Address under which customers reach the gateway, for links.")
    data_dir: Path = _setting("DESK_DATA_DIR", Path("var"), "Folder of the embedded database, keys and logs.")
    models_dir: Path = _setting("DESK_MODELS_DIR", Path(), "Folder of trained models; empty: models in the data folder.")
    database_url: str = _setting(
        "DESK_DATABASE_URL", "", "PostgreSQL address (postgresql://user@host/name); empty: embedded SQLite."
    )
    engine_port: int = _setting("DESK_ENGINE_PORT", 5005, "Loopback port of the dialogue engine.")
    actions_port: int = _setting("DESK_ACTIONS_PORT", 5055, "Loopback port of the action server.")
    engine_url: str = _setting("DESK_ENGINE_URL", "", "Engine address, where it runs elsewhere.")
    actions_url: str = _setting("DESK_ACTIONS_URL", "", "Action server address, where it runs elsewhere.")
    encoder: bool = _setting("DESK_ENCODER", True, "Whether the sentence encoder is used (1 or 0).")
    patience: float = _setting("DESK_PATIENCE", 10.0, "Seconds after which a customer hears that the answer is delayed.")
    trusted_proxies: str = _setting(
        "DESK_TRUSTED_PROXIES", "", "Networks (comma-separated) whose forwarding headers are believed."
    )
    limit_conversations: str = _setting("DESK_LIMIT_CONVERSATIONS", "30/minute", "New chats from one address.")
    limit_messages: str = _setting("DESK_LIMIT_MESSAGES", "30/minute", "Messages of one chat.")
    limit_network: str = _setting("DESK_LIMIT_NETWORK", "240/minute", "Messages from one address.")
    keep_chats_days: int = _setting("DESK_KEEP_CHATS_DAYS", 30, "Days after its last message that a chat is erased.")
    audit_head_minutes: int = _setting(
        "DESK_AUDIT_HEAD_MINUTES", 5, "Minutes after which the audit log's head is written outside the database."
    )
    audit_heads_file: Path = _setting(
        "DESK_AUDIT_HEADS_FILE", Path(), "File of the audit log's heads; empty: audit-heads.log in the data folder."
    )
    search_index: bool = _setting("DESK_SEARCH_INDEX", True, "Whether tickets can be searched by their words (1 or 0).")
    secret_key: str = _setting(
        "DESK_SECRET_KEY", "", "32 random bytes in base64, from which all keys derive; empty: made at first start."
    )
    master_keys_file: Path = _setting(
        "DESK_MASTER_KEYS_FILE", Path(), "File of the keys that requests are encrypted by; empty: master.keys in the data folder."
    )
    require_second_factor: bool = _setting(
        "DESK_REQUIRE_SECOND_FACTOR", False, "Whether everybody of the staff has to have a second factor (1 or 0)."
    )
    oidc_issuer: str = _setting("DESK_OIDC_ISSUER", "", "OpenID Connect provider that staff may sign in by; empty: none.")
    oidc_client_id: str = _setting("DESK_OIDC_CLIENT_ID", "", "Name that the provider knows the desk by.")
    oidc_client_secret: str = _setting("DESK_OIDC_CLIENT_SECRET", "", "Secret that the provider gave the desk.")
    production: bool = _setting("DESK_PRODUCTION", False, "Whether real customers use it: what is for trying out is off (1 or 0).")
    smtp_host: str = _setting("DESK_SMTP_HOST", "", "Mail server that takes the desk's mail; empty: none.")
    smtp_port: int = _setting("DESK_SMTP_PORT", 587, "Port of the mail server.")
    smtp_security: str = _setting("DESK_SMTP_SECURITY", "starttls", "How the way to the mail server is encrypted.")
    smtp_user: str = _setting("DESK_SMTP_USER", "", "Name that the mail server knows the desk by.")
    smtp_password: str = _setting("DESK_SMTP_PASSWORD", "", "Password for the mail server.")
    mail_from: str = _setting("DESK_MAIL_FROM", "", "Sender of the desk's mail, an address or Name <address>.")

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the product's database."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'desk.db').resolve()}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
            raise BadSetting("DESK_DATABASE_URL must begin with postgresql://, or be empty for the embedded database.")
        return f"postgresql+psycopg://{rest}"

    @property
    def models(self) -> Path:
        return self.models_dir if self.models_dir != Path() else self.data_dir / "models"

    @property
    def audit_heads(self) -> Path:
        return self.audit_heads_file if self.audit_heads_file != Path() else self.data_dir / "audit-heads.log"

    @property
    def master_keys(self) -> Path:
        return self.master_keys_file if self.master_keys_file != Path() else self.data_dir / "master.keys"

    @property
    def engine(self) -> str:
        return self.engine_url or f"http://127.0.0.1:{self.engine_port}"

    @property
    def actions(self) -> str:
        return self.actions_url or f"http://127.0.0.1:{self.actions_port}"

    @property
    def address(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def sender(self) -> tuple[str, str]:
        """Name and address that the desk's mail comes from."""
        return parseaddr(self.mail_from) if self.mail_from else ("", "desk@localhost")

    @property
    def keeps_mail(self) -> bool:
        """Whether mail stays in a local mailbox: on a machine for trying out, which no customer reaches."""
        if self.smtp_host or self.database_url or self.production or self.trusted_proxies:
            return False
        address = urlsplit(self.address)
        return address.scheme == "http" and address.hostname in ("127.0.0.1", "localhost", "::1")


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this environment; raises BadSetting."""
    values = {}
    for spec in fields(Settings):
        text = environ.get(spec.metadata["name"])
        if text is not None and text.strip():
            values[spec.name] = _read(spec.metadata["name"], spec.default, text.strip())
    settings = Settings(**values)
    _check_mail(settings)
    return settings


def _check_mail(settings: Settings) -> None:
    security = settings.smtp_security
    if security not in ("starttls", "tls", "none"):
        raise BadSetting(f"DESK_SMTP_SECURITY is {security!r}, but must be starttls, tls or none.")
    if settings.mail_from and (len(getaddresses([settings.mail_from])) != 1 or not is_address(settings.sender[1])):
        raise BadSetting("DESK_MAIL_FROM must be an address, or Name <address>, that mail can come from.")
    if not settings.smtp_host:
        return
    if not settings.mail_from:
        raise BadSetting("DESK_MAIL_FROM must be set, since DESK_SMTP_HOST is: mail needs a sender.")
    if settings.smtp_user and security == "none":
        raise BadSetting("DESK_SMTP_USER needs DESK_SMTP_SECURITY starttls or tls: no password is sent in clear.")


def _read(name: str, default: object, text: str) -> object:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
        if isinstance(default, int):
            number = int(text)
            if not 0 < number < 65536:
                raise ValueError
            return number
        if isinstance(default, float):
            seconds = float(text)
            if not 0 < seconds < 1e6:
                raise ValueError
            return seconds
        return Path(text) if isinstance(default, Path) else text
    except (ValueError, KeyError):
        wanted = {bool: "1 or 0", int: "a whole number, 1 to 65535", float: "a number of seconds"}[type(default)]
        raise BadSetting(f"{name} is {text!r}, but must be {wanted}.") from None


def read_secret(settings: Settings) -> bytes:
    """The 32 bytes from which all keys derive; made and kept (mode 0600) at first start where none is given."""
    if settings.secret_key:
        try:
            secret = base64.b64decode(settings.secret_key, validate=True)
        except ValueError:
            secret = b""
        if len(secret) < 32:
            raise BadSetting("DESK_SECRET_KEY must be at least 32 bytes in base64 (openssl rand -base64 32).")
        return secret
    file = settings.data_dir / "secret.key"
    try:
        return _read_key(file)
    except FileNotFoundError:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_bytes(32)
    fresh = file.with_suffix(f".{secrets.token_hex(8)}")
    # Written aside and linked, so that two processes starting at once agree on one key and none reads half of it.
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(base64.b64encode(secret))
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return _read_key(file)


def _read_key(file: Path) -> bytes:
    try:
        secret = base64.b64decode(file.read_bytes(), validate=True)
    except ValueError:
        secret = b""
    if len(secret) < 32:
        raise BadSetting(
            f"The key in {file} is damaged. Put it back from a backup; without it nothing stored can be read. "
            "On a desk that has stored nothing yet, remove the file."
        )
    return secret
