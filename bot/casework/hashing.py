"""Passwords are judged and hashed in threads of their own: each takes a while and 64 MiB, and the gateway goes on meanwhile."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from bot.desk import passwords

#: So many at once; the others wait their turn.
AT_ONCE = 2


async def verify(kept: str | None, password: str) -> bool:
    """As passwords.verify_password."""
    return await _run(passwords.verify_password, kept, password)


async def make(password: str, known: Iterable[str]) -> str:
    """The hash of a password that nobody would guess; raises WeakPassword."""
    await _run(passwords.check_password, password, tuple(known))
    return await _run(passwords.hash_password, password)


async def renew(kept: str, password: str) -> str | None:
    """A hash of more effort, where the one that is kept was made with less."""
    return await _run(passwords.hash_password, password) if passwords.is_outdated(kept) else None


async def _run(work, *arguments):
    return await asyncio.get_running_loop().run_in_executor(_threads(), work, *arguments)


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
