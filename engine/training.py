"""Says what a training is doing: a line for each component that learns, and how far a long one is."""

import logging
import sys

#: What a component says of its own progress.
_steps = logging.getLogger("engine.training.steps")


def tell(step: str) -> None:
    """Say what is being done; heard only where a person watches the training."""
    _steps.info(step)


class _Progress(logging.Handler):
    """Turns Rasa's own notes on its training graph into short lines."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints the name of the component that begins to learn."""
        message = record.getMessage()
        if message.startswith("Starting to train component"):
            name = message.split("'")[1].rsplit(".", 1)[-1]
            print(f"  learning: {name}", file=sys.__stdout__, flush=True)
        elif record.name == _steps.name:
            print(f"  {message}", file=sys.__stdout__, flush=True)


def show_progress() -> None:
    """Prints a line whenever a component begins to learn; everything else stays quiet below a warning."""
    for logger in (logging.getLogger("rasa.engine.training.hooks"), _steps):
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.handlers = [_Progress()]
