"""The whole product in its own processes, as an operator starts it, with a data folder and ports of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: The first start may have to train a model.
READY_SECONDS = 300.0
STOP_SECONDS = 40.0
#: Settings of the machine that a product under test keeps.
KEPT = ("DESK_ENGINE_PYTHON", "DESK_ENCODER")


class NoStart(AssertionError):
    """The product did not become ready; the message holds what it said."""


class Product:
    """`python -m bot run`, and commands beside it."""

    def __init__(self, folder: Path, **settings: str):
        self.folder = folder
        port, engine, actions = _free_ports(3)
        self.url = f"http://127.0.0.1:{port}"
        self.engine_url = f"http://127.0.0.1:{engine}"
        others = {name: value for name, value in os.environ.items() if not name.startswith("DESK_") or name in KEPT}
        self.environ = {
            **others,
            "DESK_PORT": str(port),
            "DESK_ENGINE_PORT": str(engine),
            "DESK_ACTIONS_PORT": str(actions),
            "DESK_DATA_DIR": str(folder),
            # Below the project, so that a model which was trained once is used again.
            "DESK_MODELS_DIR": str(ROOT / "var" / "models"),
            **settings,
        }
        self.output = folder / "output.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it and wait until every part is ready; raises NoStart."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None:
                raise NoStart(f"the product ended with exit code {self.process.returncode}.\n{self.tell()}")
            if time.monotonic() > deadline:
                self.stop()
                raise NoStart(f"the product was not ready within {READY_SECONDS:.0f} seconds.\n{self.tell()}")
            time.sleep(0.2)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return json.load(answer)["status"] == "ok"
        except (urllib.error.URLError, OSError, ValueError, KeyError):
            return False

    def stop(self) -> int:
        """As Ctrl-C does; gives the exit code."""
        process = self.process
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return process.returncode

    def command(self, *arguments: str) -> str:
        """What another command of the product says, on the same data."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    def tell(self, most: int = 6000) -> str:
        """The end of what every process said, for a failure's report."""
        logs = [self.output, *sorted((self.folder / "logs").glob("*.log"))]
        parts = [f"--- {log.name}\n{log.read_text(errors='replace')[-most:]}" for log in logs if log.exists()]
        return "\n".join(parts)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
