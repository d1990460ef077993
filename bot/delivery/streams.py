"""Live streams: who listens to a conversation, and what is sent to them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager

#: A listener this far behind is cut off; it comes back and resumes from the database.
BACKLOG = 500


class Streams:
    """Hands frames to every listener of a conversation, in order."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue]] = defaultdict(set)

    @contextmanager
    def listen(self, conversation: str):
        """A queue of this conversation's frames; None in it means that the listener was cut off."""
        queue: asyncio.Queue = asyncio.Queue(BACKLOG)
        self._listeners[conversation].add(queue)
        try:
            yield queue
        finally:
            self._listeners[conversation].discard(queue)
            if not self._listeners[conversation]:
                del self._listeners[conversation]

    def listens(self, conversation: str) -> bool:
        """Whether its customer has the chat open."""
        return conversation in self._listeners

    def publish(self, conversation: str, frame: dict) -> None:
        for queue in tuple(self._listeners.get(conversation, ())):
            try:
                queue.put_nowait(frame)
            except asyncio.QueueFull:
                self._cut_off(conversation, queue)

    def close(self, conversation: str) -> None:
        """Cut off all listeners, as when a chat is forgotten."""
        for queue in tuple(self._listeners.get(conversation, ())):
            self._cut_off(conversation, queue)

    def close_all(self) -> None:
        for conversation in tuple(self._listeners):
            self.close(conversation)

    def _cut_off(self, conversation: str, queue: asyncio.Queue) -> None:
        self._listeners[conversation].discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
