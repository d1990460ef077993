"""Mounts mail: who takes it away, and the mailbox where nobody does."""

from __future__ import annotations

from aiohttp import web

from bot.bootstrap import Core
from bot.settings import Settings

from . import mailbox
from .smtp import SmtpPostman


def make_postman(settings: Settings) -> SmtpPostman | None:
    """Who takes the mail to the mail server, if there is one."""
    return SmtpPostman(settings) if settings.smtp_host else None


def mount(app: web.Application, core: Core) -> None:
    app.add_routes(mailbox.routes(core.settings))
