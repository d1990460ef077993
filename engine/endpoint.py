"""The way to the action server: one session that keeps its connections open."""

from typing import Any, Optional, Text

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

#: Longer than any action takes; the gateway tries again.
SECONDS = 20


class ActionEndpoint(EndpointConfig):
    """Rasa's endpoint opens a session and a connection for every call; this one keeps them."""

    _session: Optional[aiohttp.ClientSession] = None

    async def request(
        self,
        method: Text = "post",
        subpath: Optional[Text] = None,
        content_type: Optional[Text] = "application/json",
        compress: bool = False,
        json: Any = None,
        **kwargs: Any,
    ) -> Optional[Any]:
        """Calls the action server. A connection that it has closed meanwhile is opened anew, once."""
        try:
            return await self._call(json)
        except (aiohttp.ServerDisconnectedError, ConnectionResetError):
            # Actions are idempotent on the message that caused them, so a second call is safe.
            return await self._call(json)

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(self, body: Any) -> Any:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=SECONDS), connector=aiohttp.TCPConnector(limit=64)
            )
        async with self._session.post(self.url, json=body) as response:
            if response.status >= 400:
                raise ClientResponseError(response.status, response.reason or "", await response.text())
            return await response.json()
