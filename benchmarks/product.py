"""The whole product, started on ports and in folders of its own, as `make run` starts it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bot.bootstrap import engine_token
from bot.settings import Settings, read_secret, read_settings

from . import processes

ROOT = Path(__file__).resolve().parents[1]
#: What benchmarks keep between runs: trained models.
KEPT = ROOT / "var" / "benchmarks"

#: Settings of the caller's that hold for the product, too; all others are the benchmark's own.
KEPT_SETTINGS = {"DESK_ENGINE_PYTHON", "DESK_ENCODER"}
#: How each part is known among the product's processes, by a piece of its command line.
PARTS = {"engine": "engine.serve", "action server": "-m actions", "gateway": "bot gateway", "supervisor": "bot run"}


class NotStarted(Exception):
    """The product did not become ready; the message holds what it said."""


class Product:
    """`python -m bot run` with a fresh data folder, until stop()."""

    def __init__(self, folder: Path | None = None, models: Path | None = None, **environ: str):
        """`folder` holds the data; without one, a temporary folder that stop() removes."""
        self._temporary = folder is None
        self.folder = Path(tempfile.mkdtemp(prefix="desk-benchmark-")) if folder is None else folder
        self.models = models or KEPT / "models"
        port, engine, actions = processes.find_free_ports(3)
        self.environ = {
            **{name: value for name, value in os.environ.items() if name in KEPT_SETTINGS or name[:5] != "DESK_"},
            "DESK_DATA_DIR": str(self.folder / "data"),
            "DESK_MODELS_DIR": str(self.models),
            "DESK_PORT": str(port),
            "DESK_ENGINE_PORT": str(engine),
            "DESK_ACTIONS_PORT": str(actions),
            **environ,
        }
        self.settings: Settings = read_settings(self.environ)
        self.log = self.folder / "run.log"
        self.seconds_to_ready = 0.0
        self._process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def engine_token(self) -> str:
        """What the engine knows its callers by."""
        return engine_token(read_secret(self.settings))

    def start(self, patience: float = 240.0) -> Product:
        """Start everything and wait until it is ready to serve a message."""
        self.folder.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() - began > patience:
                self.stop(keep=True)
                raise NotStarted(f"The product did not become ready. It said:\n{self.log.read_text()}")
            time.sleep(0.05)
        self.seconds_to_ready = time.monotonic() - began
        return self

    def is_ready(self) -> bool:
        """Whether the gateway says that every part is ready."""
        return answers(f"{self.address}/healthz")

    def wait_until_ready(self, patience: float = 120.0) -> None:
        """After a part was killed: until the supervisor has brought it back."""
        deadline = time.monotonic() + patience
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise NotStarted(f"The product did not come back. It said:\n{self.log.read_text()}")
            time.sleep(0.05)

    def parts(self) -> dict[str, int]:
        """The process ids, by the part's name."""
        if self._process is None:
            return {}
        return find_parts(self._process.pid, PARTS)

    def kill(self, part: str) -> int:
        """End one part with -9, as the kernel does when memory runs out; returns the id that it had."""
        process = self.parts()[part]
        os.kill(process, signal.SIGKILL)
        return process

    def stop(self, keep: bool = False) -> None:
        """Stop all in order; the data folder is removed if it was made here, unless it is to be kept."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._temporary and not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Product:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def stop_in_order() -> None:
    """Let a script that is told to end (SIGTERM) stop what it has started."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def find_parts(root: int, names: dict[str, str]) -> dict[str, int]:
    """Processes of a tree by name; one that no name fits is called by its id."""
    found = {}
    for process in processes.list_tree(root):
        command = processes.read_command(process)
        if command:
            found[next((name for name, piece in names.items() if piece in command), str(process))] = process
    return found


def answers(url: str) -> bool:
    """Whether an address answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def fetch(url: str) -> object:
    """What a JSON address gives."""
    with urllib.request.urlopen(url, timeout=30) as response:
        return json.load(response)
