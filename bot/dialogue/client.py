"""Speaks to the dialogue engine: one message in, what the assistant says to it out."""

from __future__ import annotations

import json
from typing import Any

import aiohttp


class EngineUnavailable(Exception):
    """The engine or its action server cannot be reached now; the message is kept and sent again."""


class EngineFailed(Exception):
    """The engine answered, but not with a reply; sending the same message again may not help."""


class EngineClient:
    """The engine's channel for this desk, over one keep-alive session."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str, timeout: float = 60.0):
        self._session = session
        self._url = url.rstrip("/") + "/webhooks/desk"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=3)

    async def send(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        """The replies to one message; raises EngineUnavailable or EngineFailed.

        Sent again with the same message id, it gives the same replies and runs nothing twice.
        """
        try:
            async with self._session.post(
                f"{self._url}/webhook", json=message, headers=self._headers, timeout=self._timeout
            ) as response:
                if response.status == 503:
                    raise EngineUnavailable("the engine cannot run its actions")
                if response.status != 200:
                    raise EngineFailed(f"the engine answered {response.status}")
                replies = _read(await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise EngineUnavailable(f"the engine cannot be reached ({type(error).__name__})") from None
        return replies

    async def forget(self, conversation: str) -> None:
        """Erase a conversation's dialogue state; raises EngineUnavailable."""
        url = f"{self._url}/conversations/{conversation}"
        try:
            async with self._session.delete(url, headers=self._headers, timeout=self._timeout) as response:
                if response.status not in (204, 404):
                    raise EngineUnavailable(f"the engine answered {response.status}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise EngineUnavailable(f"the engine cannot be reached ({type(error).__name__})") from None

    async def is_ready(self) -> bool:
        """Whether a model is loaded."""
        try:
            async with self._session.get(
                f"{self._url}/ready", headers=self._headers, timeout=aiohttp.ClientTimeout(total=5)
            ) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


def _read(body: bytes) -> list[dict[str, Any]]:
    try:
        replies = json.loads(body)["replies"]
        if replies and all(isinstance(reply["text"], str) for reply in replies):
            return replies
    except (ValueError, KeyError, TypeError):
        raise EngineFailed("the engine answered in another form than a reply's") from None
    raise EngineFailed("the engine gave no reply")
