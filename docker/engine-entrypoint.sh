#!/bin/sh
# Reads what `python -m bot engine-env` wrote for this engine, where it was handed over in a file, and becomes the engine.
set -eu
if [ -r /run/desk/engine.env ]; then
  set -a
  . /run/desk/engine.env
  set +a
fi
exec python -m engine.serve --model /app/models --port 5005
