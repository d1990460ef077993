"""One process of the product: how it starts, that it is restarted when it dies, how it stops."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds before a part that died is started again; a part that lived this long starts at the first again.
RESTARTS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 60.0
#: Seconds that a part has to stop by itself.
GRACE_SECONDS = 10.0
LARGEST_LOG = 10 * 1024 * 1024


@dataclass
class Part:
    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    hidden: frozenset[str] = frozenset()  #: variables of this environment that are not its business
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    stopping: bool = False
    _task: asyncio.Task | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start it and keep it running until stop()."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        await self._spawn()
        self._task = asyncio.create_task(self._watch())

    async def _spawn(self) -> None:
        with self.log.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                *self.command,
                env={name: value for name, value in os.environ.items() if name not in self.hidden} | self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops all in order.
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    async def _watch(self) -> None:
        short_lives = 0
        while True:
            assert self.process is not None
            began = time.monotonic()
            code = await self.process.wait()
            if self.stopping:
                return
            short_lives = 0 if time.monotonic() - began > STEADY_SECONDS else short_lives + 1
            delay = RESTARTS[min(short_lives, len(RESTARTS) - 1)]
            print(f"  {self.name} stopped ({_reason(code)}); starting it again", flush=True)
            self.restarts += 1
            await asyncio.sleep(delay)
            if not self.stopping:
                await self._spawn()

    async def stop(self) -> None:
        """Ask it to stop, wait, and end it if it does not."""
        self.stopping = True
        process = self.process
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), GRACE_SECONDS)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if self._task:
            self._task.cancel()


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _die_with_parent() -> None:
    """Linux: a supervisor that is killed takes its parts along, so that no port stays taken."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
