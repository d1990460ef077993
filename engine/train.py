"""Trains a model and names it after what it is made of.

    python -m engine.train --config config.yml --out models/

A model that is there already is not trained again.
"""

import argparse
import contextlib
import os
import sys
import time
from pathlib import Path

from engine import fingerprint, lean


def main() -> int:
    """The command line."""
    arguments = _arguments()
    root = fingerprint.ROOT
    name = fingerprint.model_name(arguments.config)
    out = Path(arguments.out)
    model = out / f"{name}.tar.gz"
    if model.exists() and not arguments.force:
        print(f"The model is up to date: {model}", flush=True)
        return 0
    out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    print("Training the assistant (about half a minute) ...", flush=True)
    _quiet()
    config = Path(arguments.config)
    if lean.config_does_without(config):
        lean.leave_out_tensorflow()
    train(
        config=config,
        domain=root / "bot" / "dialogue" / "domain",
        data=[root / "nlu_data", root / "bot" / "dialogue" / "rules"],
        out=out,
        name=name,
    )
    print(f"Trained in {time.monotonic() - started:.0f} seconds: {model}", flush=True)
    return 0


def train(config: Path, domain: Path, data: list, out: Path, name: str) -> Path:
    """Trains a model from files and writes it to `out`; the file appears whole or not at all."""
    from rasa.model_training import train as rasa_train

    from engine import training

    training.show_progress()
    partial = f"partial-{os.getpid()}"
    # What Rasa prints is meant for people who train by hand; the progress lines are ours.
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        result = rasa_train(
            domain=str(domain),
            config=str(config),
            training_files=[str(folder) for folder in data],
            output=str(out),
            fixed_model_name=partial,
            force_training=True,
        )
    if result.model is None:
        raise SystemExit("Rasa found nothing to train.")
    model = out / f"{name}.tar.gz"
    os.replace(result.model, model)
    return model


def _quiet() -> None:
    """Rasa's telemetry and chatter off, before anything of it is imported."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Rasa shows its progress bars unless it is told to speak of errors only.
    os.environ["LOG_LEVEL"] = "ERROR"
    from engine import blas, logs

    blas.choose_kernels()
    logs.set_up()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine.train", description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config.yml", help="the pipeline and the policies")
    parser.add_argument("--out", default="models", help="the folder that models are kept in")
    parser.add_argument("--force", action="store_true", help="train even if the model is there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
