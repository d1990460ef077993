"""Starts Rasa's server, on this machine only unless told otherwise, with the desk's channel as its one way in.

    python -m engine.serve --model models/desk-....tar.gz --port 5005

Settings from the environment: DESK_ENGINE_TOKEN, DESK_ACTIONS_URL, DESK_TRACKER_URL, DESK_TRACKER_KEY (the product
makes all four: `python -m bot engine-env`), and DESK_ENGINE_HOST, the address to listen on, where that is not loopback.
Rasa's own HTTP interface stays closed (it can replace the model and read every conversation);
`POST /model/parse` answers to the token, for benchmarks and trainers.
"""

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any


class SettingMissing(RuntimeError):
    """A setting that the engine cannot start without."""


def main() -> int:
    """The command line."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The matrices of one message are too small to share; more threads would only wait for one another.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from engine import blas, lean, logs

    blas.choose_kernels()
    logs.set_up()
    arguments = _arguments()
    try:
        model = model_file(Path(arguments.model))
        if lean.model_does_without(model):
            lean.leave_out_tensorflow()
        app = application(
            model=model,
            token=setting("DESK_ENGINE_TOKEN"),
            actions_url=setting("DESK_ACTIONS_URL"),
            tracker_url=setting("DESK_TRACKER_URL"),
            tracker_key=setting("DESK_TRACKER_KEY"),
        )
    except SettingMissing as error:
        print(error, file=sys.stderr)
        return 2
    host = os.environ.get("DESK_ENGINE_HOST") or "127.0.0.1"
    app.run(host=host, port=arguments.port, workers=1, access_log=False, motd=False, backlog=512)
    return 0


def application(model: Path, token: str, actions_url: str, tracker_url: str, tracker_key: str) -> Any:
    """Rasa's application with the desk's channel; the model is loaded when it starts."""
    from rasa.core.run import configure_app
    from sanic.response import json

    from engine import patches
    from engine.channel import DeskChannel

    patches.apply()
    channel = DeskChannel(token)
    app = configure_app(input_channels=[channel], enable_api=False, route="/webhooks/")

    @app.post("/model/parse")
    async def parse(request: Any) -> Any:
        if not channel.knows(request):
            return json({"error": "The token is missing or wrong."}, status=401)
        text = (request.json or {}).get("text")
        if not isinstance(text, str) or not text.strip():
            return json({"error": "`text` must be a string that is not empty."}, status=400)
        from rasa.core.channels.channel import UserMessage

        from engine.channel import harmless

        parsed = await request.app.ctx.agent.processor.parse_message(UserMessage(harmless(text)))
        return json(parsed, ensure_ascii=False)

    app.register_listener(partial(_load, model, actions_url, tracker_url, tracker_key), "before_server_start")
    app.register_listener(_close, "after_server_stop")
    return app


async def _load(model: Path, actions_url: str, tracker_url: str, tracker_key: str, app: Any, loop: Any) -> None:
    """Loads the model and opens the store; a failure of either ends the process with its sentence."""
    from rasa.core import agent as agents
    from rasa.core.lock_store import InMemoryLockStore

    from engine.endpoint import ActionEndpoint
    from engine.processor import DeskProcessor
    from engine.tracker_store import EncryptedTrackerStore

    # The agent builds its processor by this name.
    agents.MessageProcessor = DeskProcessor
    store = EncryptedTrackerStore(None, host=tracker_url, key=tracker_key)
    agent = agents.Agent(tracker_store=store, lock_store=InMemoryLockStore(), action_endpoint=ActionEndpoint(actions_url))
    # Rasa would wrap the store in one that goes on in memory when saving fails, and lose the turn at the next start.
    agent.tracker_store = store
    agent.load_model(model)
    app.ctx.agent = agent


async def _close(app: Any, loop: Any) -> None:
    agent = getattr(app.ctx, "agent", None)
    if agent is not None:
        await agent.action_endpoint.close()
        agent.tracker_store.close()


def model_file(path: Path) -> Path:
    """The model itself, or the newest of a folder."""
    if path.is_dir():
        models = sorted(path.glob("desk-*.tar.gz"), key=lambda model: model.stat().st_mtime)
        if models:
            return models[-1]
    elif path.is_file():
        return path
    raise SettingMissing(f"There is no model at {path}. Train one: python -m engine.train")


def setting(name: str) -> str:
    """A setting from the environment, or a sentence that says what is missing."""
    value = os.environ.get(name, "")
    if not value:
        raise SettingMissing(f"The setting {name} is missing; the engine cannot start without it.")
    return value


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine.serve", description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="models", help="a model, or a folder of which the newest is taken")
    parser.add_argument("--port", type=int, default=5005, help="the port to listen on")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
