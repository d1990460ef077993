"""What happens at the desk, as it happens: for every console that is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

#: A listener this far behind is cut off; it comes back and reads everything anew.
BACKLOG = 1000


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that consoles may show."""

    kind: str  #: ticket (opened or changed), message, typing, presence, draft, person
    company: str
    ticket: str | None = None
    data: dict = field(default_factory=dict)


class Feed:
    """Hands every happening to those listeners who may see it."""

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue, Callable[[Happening], bool]] = {}

    @contextmanager
    def listen(self, wanted: Callable[[Happening], bool]) -> Iterator[asyncio.Queue]:
        """A queue of the happenings that `wanted` lets through; None in it means that the listener was cut off."""
        queue: asyncio.Queue = asyncio.Queue(BACKLOG)
        self._listeners[queue] = wanted
        try:
            yield queue
        finally:
            self._listeners.pop(queue, None)

    def publish(self, happening: Happening) -> None:
        for queue, wanted in tuple(self._listeners.items()):
            if wanted(happening):
                try:
                    queue.put_nowait(happening)
                except asyncio.QueueFull:
                    self._cut_off(queue)

    def close_all(self) -> None:
        for queue in tuple(self._listeners):
            self._cut_off(queue)

    def _cut_off(self, queue: asyncio.Queue) -> None:
        self._listeners.pop(queue, None)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
