"""The stock assistant: what `rasa init` gives, trained on this desk's data, behind Rasa's own REST channel.

stock/config.yml is the file of `rasa init` of Rasa 3.6.21, unchanged; it names no components, so that Rasa takes its
default pipeline and policies. Rasa notes in a configuration what it took, hence training happens on a copy.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp

from bot.bootstrap import open_core
from bot.knowledge.library import Library
from bot.settings import read_settings
from bot.supervisor.run import engine_python

from . import processes
from .load import NoAnswer
from .product import KEPT, ROOT, NotStarted, answers, find_parts
from .report import describe_load, today

CONFIG = Path(__file__).with_name("stock") / "config.yml"
DATA = {"nlu": ROOT / "nlu_data", "rules": ROOT / "bot" / "dialogue" / "rules"}
DOMAIN = ROOT / "bot" / "dialogue" / "domain"
PARTS = {"rasa": "rasa run", "action server": "-m actions"}


@dataclass(frozen=True)
class Training:
    """What training a model took."""

    seconds: float
    cpu_seconds: float
    peak: int  #: bytes
    on: str  #: date
    load: str


def run_training(command: list[str], folder: Path, log: Path) -> Training:
    """Run a training to its end and measure it."""
    environ = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
    began, load = time.monotonic(), describe_load()
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=out, stderr=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise NotStarted(f"The training failed with {process.returncode}. It said:\n{log.read_text()[-2000:]}")
    return Training(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, today(), load)


def train(epochs: int | None = None) -> tuple[Path, Training]:
    """The stock model of the data as they are now. It takes very long, so it is kept below var/ with what it took.

    `epochs` ends DIET's training early: a turn costs the same, and what such a part of the training takes, the whole
    takes at least.
    """
    folder = KEPT / f"stock-{_fingerprint()}{f'-{epochs}-epochs' if epochs else ''}"
    model, notes = folder / "stock.tar.gz", folder / "training.json"
    if model.exists() and notes.exists():
        return model, Training(**json.loads(notes.read_text()))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        project = Path(work)
        shutil.copy(CONFIG, project / "config.yml")
        shutil.copytree(DOMAIN, project / "domain")
        for name, source in DATA.items():
            shutil.copytree(source, project / "data" / name)
        command = [str(engine_python()), "-m", "rasa", "train", "--domain", "domain", "--data", "data"]
        command += ["--config", "config.yml", "--out", "models", "--fixed-model-name", "stock"]
        if epochs:
            subprocess.run([str(engine_python()), "-c", _SHORTEN, "config.yml", str(epochs)], cwd=project, check=True)
        training = run_training(command, project, folder / "training.log")
        shutil.move(project / "models" / "stock.tar.gz", model)
        shutil.copy(project / "config.yml", folder / "config-as-rasa-filled-it-in.yml")
    notes.write_text(json.dumps(asdict(training), indent=1))
    return model, training


#: Fills in the pipeline as Rasa would, and sets its epochs.
_SHORTEN = """
import sys, yaml
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
path, epochs = sys.argv[1:]
config = DefaultV1Recipe.complete_config(yaml.safe_load(open(path)), {"pipeline"})
for component in config["pipeline"]:
    if "epochs" in component:
        component["epochs"] = int(epochs)
yaml.safe_dump(config, open(path, "w"), sort_keys=False)
"""


def _fingerprint() -> str:
    digest = hashlib.sha256()
    files = [path for folder in (*DATA.values(), DOMAIN) for path in folder.rglob("*") if path.is_file()]
    for path in sorted([*files, CONFIG]):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


class BareRasa:
    """`rasa run` with the REST channel, the desk's own action server, and SQLite as durable as the product's."""

    def __init__(self, model: Path):
        self.model = model
        self.folder = Path(tempfile.mkdtemp(prefix="stock-benchmark-"))
        self.port, self._actions_port = processes.find_free_ports(2)
        self.seconds_to_ready = 0.0
        self._started: list[subprocess.Popen] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, patience: float = 400.0) -> BareRasa:
        """Start both processes and wait until the model is loaded."""
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DESK_")},
            "DESK_DATA_DIR": str(self.folder / "data"),
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SANIC_HOST": "127.0.0.1",
            "PYTHONPATH": str(ROOT),
        }
        open_core(read_settings(environ)).close()  # the action server leaves migrating to others
        self._write_settings()
        began = time.monotonic()
        actions = [sys.executable, "-m", "actions", "--port", str(self._actions_port)]
        rasa = [str(engine_python()), "-m", "rasa", "run", "--model", str(self.model), "--port", str(self.port)]
        rasa += ["--interface", "127.0.0.1", "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
        for name, command in (("actions", actions), ("rasa", rasa)):
            with (self.folder / f"{name}.log").open("wb") as log:
                self._started.append(subprocess.Popen(command, cwd=self.folder, env=environ, stdout=log, stderr=log))
        while not (answers(self.address) and answers(f"http://127.0.0.1:{self._actions_port}/health")):
            if time.monotonic() - began > patience or any(process.poll() is not None for process in self._started):
                said = (self.folder / "rasa.log").read_text()[-2000:]
                self.stop()
                raise NotStarted(f"Bare Rasa did not become ready. It said:\n{said}")
            time.sleep(0.05)
        self.seconds_to_ready = time.monotonic() - began
        return self

    def _write_settings(self) -> None:
        tracker = self.folder / "rasa.db"
        with sqlite3.connect(tracker) as db:
            # SQLite's own default is synchronous=FULL, which Rasa leaves alone. The journal is kept by the file: with
            # WAL a commit costs Rasa one flush instead of two or three, as it does the product.
            db.execute("PRAGMA journal_mode=WAL")
            assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        (self.folder / "credentials.yml").write_text("rest:\n")
        (self.folder / "endpoints.yml").write_text(
            f"action_endpoint:\n  url: http://127.0.0.1:{self._actions_port}/webhook\n"
            f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {tracker}\n"
        )

    def parts(self) -> dict[str, int]:
        """The process ids, by the part's name."""
        found = {}
        for process in self._started:
            found |= find_parts(process.pid, PARTS)
        return found

    def stop(self) -> None:
        for process in self._started:
            process.terminate()
        for process in self._started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class RestChannel:
    """Bare Rasa through its REST channel; what a gateway would know of a conversation travels as metadata."""

    def __init__(self, session: aiohttp.ClientSession, address: str, library: Library):
        self.session = session
        self.url = f"{address}/webhooks/rest/webhook"
        self.library = library

    async def open(self, company: str) -> dict:
        """A sender, and what goes along with each of its messages."""
        name = self.library.company(company).short["en"]
        return {"sender": uuid.uuid4().hex, "metadata": {"company": company, "company_name": name, "locale": "en"}}

    async def say(self, conversation: dict, text: str) -> list[dict]:
        metadata = {**conversation["metadata"], "message": uuid.uuid4().hex}
        body = {"sender": conversation["sender"], "message": text, "metadata": metadata}
        async with self.session.post(self.url, json=body) as response:
            if response.status != 200:
                raise NoAnswer(f"{response.status} to a message")
            replies = await response.json()
        if not replies:
            raise NoAnswer("an empty list of replies")
        return replies
