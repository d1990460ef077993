"""`python -m bot run`: the database, the model, three processes, and the addresses to open."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import sqlalchemy as sa

from bot.bootstrap import Core, engine_settings, open_core
from bot.casework.welcome import make_first_link
from bot.desk.clock import now
from bot.knowledge.errors import BrokenKnowledge
from bot.settings import BadSetting, Settings, read_settings
from engine.fingerprint import model_name

from .part import Part
from .preflight import NotReady, check_knowledge, check_ports, check_room, take_lock

ROOT = Path(__file__).resolve().parents[2]
#: The engine is given what derives from it, never itself.
SECRET = "DESK_SECRET_KEY"
#: What only the gateway needs to know.
GATEWAYS_OWN = frozenset({"DESK_SMTP_PASSWORD", "DESK_OIDC_CLIENT_SECRET"})
#: A model is loaded and every part ready within this, or the start has failed.
READY_SECONDS = 180.0


def run(settings: Settings | None = None) -> int:
    """Bring everything up, keep it up until Ctrl-C; returns the exit code."""
    try:
        settings = settings or read_settings()
        os.umask(0o077)  # what the desk keeps is nobody else's to read
        check_room(settings.data_dir)
        lock = take_lock(settings.data_dir)
        check_ports(settings)
        core = open_core(settings)
        check_knowledge(core.library)
        model = train_if_needed(settings)
        token = make_first_link(core, now())
        core.close()
    except (NotReady, BadSetting, BrokenKnowledge) as error:
        print(f"The desk cannot start. {error}", file=sys.stderr)
        return 1
    except sa.exc.OperationalError:
        print(
            "The desk cannot start. The database cannot be reached: check that it runs and that DESK_DATABASE_URL "
            f"is right ({sa.make_url(settings.database).render_as_string(hide_password=True)}).",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print("The desk cannot start. The disk is full: make room and start again.", file=sys.stderr)
        return 1
    with lock:
        return asyncio.run(supervise(settings, core, model, token))


def config_of(settings: Settings) -> str:
    return "config.yml" if settings.encoder else "config.light.yml"


def engine_python() -> Path:
    """The interpreter of the engine's environment."""
    return Path(os.environ.get("DESK_ENGINE_PYTHON") or ROOT / "engine" / ".venv" / "bin" / "python")


def train_if_needed(settings: Settings) -> Path:
    """The model of what stands in the files now; trained only if no model has its fingerprint."""
    config = config_of(settings)
    models = settings.models
    model = models / f"{model_name(config)}.tar.gz"
    if model.exists():
        return model
    python = engine_python()
    if not python.exists():
        raise NotReady("The engine's environment is missing. Run `make install` first.")
    command = [str(python), "-m", "engine.train", "--config", config, "--out", str(models.resolve())]
    done = subprocess.run(command, cwd=ROOT, env=engine_env(), check=False)
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise NotReady(f"The training was ended by {name}: is there memory enough (3 GB)? Start again.")
    if done.returncode or not model.exists():
        raise NotReady("The model could not be trained; what went wrong stands above.")
    for old in sorted(models.glob("desk-*.tar.gz"), key=lambda file: file.stat().st_mtime)[:-3]:
        old.unlink()
    return model


def engine_env() -> dict[str, str]:
    """What the engine's processes get: this one's environment but for the secret, from which all keys derive."""
    return {
        **{name: value for name, value in os.environ.items() if name not in {SECRET, *GATEWAYS_OWN}},
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
    }


def make_parts(settings: Settings, core: Core, model: Path) -> list[Part]:
    """The product's processes, in the order in which they start."""
    logs = settings.data_dir / "logs"
    shared = {"PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false", "SANIC_HOST": "127.0.0.1"}
    parts = []
    if not settings.engine_url:
        parts.append(
            Part(
                "engine",
                [str(engine_python()), "-m", "engine.serve", "--model", str(model), "--port", str(settings.engine_port)],
                # By default glibc keeps freed memory apart for every thread; the engine has many threads that hardly run.
                {"MALLOC_ARENA_MAX": "2", **engine_env(), **engine_settings(settings, core.secret)},
                logs / "engine.log",
                hidden=GATEWAYS_OWN | {SECRET},
            )
        )
    if not settings.actions_url:
        parts.append(
            Part(
                "actions",
                [sys.executable, "-m", "actions", "--port", str(settings.actions_port)],
                shared,
                logs / "actions.log",
                hidden=GATEWAYS_OWN,
            )
        )
    parts.append(Part("gateway", [sys.executable, "-m", "bot", "gateway"], shared, logs / "gateway.log"))
    return parts


async def supervise(settings: Settings, core: Core, model: Path, token: str | None = None) -> int:
    """Start the parts, say when they are ready, and stop them in order."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    parts = make_parts(settings, core, model)
    began = time.monotonic()
    print("Starting the engine, the action server and the gateway ...", flush=True)
    code = 0
    try:
        for part in parts:
            await part.start()
        if await wait_until_ready(settings, parts, stop):
            print(f"Ready after {time.monotonic() - began:.1f} seconds.\n{tell_addresses(settings, core, token)}", flush=True)
            await stop.wait()
        elif not stop.is_set():
            logs = settings.data_dir / "logs"
            print(f"The desk did not become ready in {READY_SECONDS:.0f} seconds; see the logs in {logs}.", file=sys.stderr)
            code = 1
    finally:
        print("Stopping ...", flush=True)
        for part in reversed(parts):  # the gateway first, so that no message is taken that cannot be answered
            await part.stop()
        print("Stopped.", flush=True)
    return code


async def wait_until_ready(settings: Settings, parts: list[Part], stop: asyncio.Event) -> bool:
    """Whether every part became ready; it says which ones it still waits for."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    url = f"http://{host}:{settings.port}/healthz"
    waiting: list[str] = []
    deadline = time.monotonic() + READY_SECONDS
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline and not stop.is_set():
            try:
                async with session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as response:
                    ready = (await response.json(content_type=None))["parts"]
            except (aiohttp.ClientError, TimeoutError, OSError, KeyError, ValueError):
                ready = {"gateway": False}
            missing = [name for name, up in ready.items() if not up]
            if not missing:
                return True
            if missing != waiting:
                print(f"  waiting for: {', '.join(missing)}", flush=True)
                waiting = missing
            try:
                await asyncio.wait_for(stop.wait(), 0.2)
            except TimeoutError:
                continue
    return False


def tell_addresses(settings: Settings, core: Core, token: str | None = None) -> str:
    """The addresses to open; with the token, the one-time link to the first administrator."""
    lines = [f"  {settings.address}/   the companies' desks"]
    lines += [f"  {settings.address}/demo/{company.key}   {company.name}" for company in core.library.companies()]
    lines.append(f"  {settings.address}/desk   the staff's console")
    if token:
        lines += ["Nobody administers this desk yet. Whoever opens this link within a day becomes its administrator:"]
        lines += [f"  {settings.address}/desk/welcome/{token}"]
    return "\n".join([*lines, "Ctrl-C stops everything."])
