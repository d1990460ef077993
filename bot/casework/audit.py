"""The audit log for privacy officers: read, filtered, exported, verified."""

from __future__ import annotations

from collections.abc import Callable

from bot.bootstrap import Core
from bot.desk.audit import Verdict
from bot.storage.audit_check import AuditCheck
from bot.storage.audit_heads import HeadFile


def check_log(core: Core, tell: Callable[[int, int], None] = lambda done, of: None) -> Verdict:
    """Verify the whole log against the heads outside, in this thread; `tell` hears how far it is."""
    heads = HeadFile(core.settings.audit_heads).read()
    return AuditCheck(core.audit, core.database.transact, heads, tell=tell).run()
