"""`python -m actions --port 5055`: the action server, on loopback unless DESK_ACTIONS_HOST says otherwise."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

#: The SDK reads a file of tracing endpoints, and complains at every start where there is none.
NO_ENDPOINTS = Path(__file__).with_name("endpoints.yml")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m actions", description=__doc__)
    parser.add_argument("--port", type=int, default=5055)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")

    from rasa_sdk.endpoint import create_app_for_serve
    from rasa_sdk.executor import ActionExecutor

    from .desk import answerer

    answerer()  # the policies are read before the first customer asks
    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app_for_serve(executor, cors_origins=[], endpoints=str(NO_ENDPOINTS))
    # One process: the SDK's own run() starts a second one, which outlives a killed parent and holds the port.
    app.run(
        host=os.environ.get("DESK_ACTIONS_HOST", "127.0.0.1"),
        port=options.port,
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
