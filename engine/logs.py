"""Logging that never writes what a customer said.

Rasa puts texts, slots and whole events into its log messages and into its exceptions. So of
everything that is not ours only the place is written: level, logger, file and line, and for an
exception its type and the lines it went through. Our own loggers ("engine...") write their
messages, which name no text.
"""

import logging
import sys
import traceback
import warnings
from typing import Any

OURS = "engine"


class PlaceOnly(logging.Formatter):
    """Writes our own messages, and of others' only where they came from."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the lines of the traceback without any value."""
        stamp = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
        ours = record.name == OURS or record.name.startswith(f"{OURS}.")
        what = record.getMessage() if ours else f"at {record.module}.{record.funcName}:{record.lineno}"
        line = f"{stamp} {record.levelname} {record.name}: {what}"
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + outline(record.exc_info[1])
        return line


def outline(error: BaseException) -> str:
    """An exception and its causes by type and place; its message only if the system wrote it."""
    lines = []
    while error is not None:
        system = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
        lines.append(f"  {type(error).__module__}.{type(error).__qualname__}{system}")
        frames = traceback.extract_tb(error.__traceback__)
        lines += [f"    {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames[-6:]]
        error = error.__cause__ or error.__context__
    return "\n".join(lines)


def set_up() -> None:
    """Call before anything of Rasa is imported: warnings and worse go to standard error, as places."""
    import structlog

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlaceOnly())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("sanic.root", "sanic.error", "sanic.access", "apscheduler", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
        logger.setLevel(logging.WARNING)
    structlog.configure(
        processors=[_to_place], wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr), cache_logger_on_first_use=True,
    )
    # A warning's text may carry a message's. Libraries reset the filters when they are imported, so the
    # showing itself is turned off; the tests run without this and see every warning.
    warnings.showwarning = _unshown
    sys.excepthook = _uncaught


def _unshown(*arguments: Any, **named: Any) -> None:
    """Shows no warning."""


def _to_place(logger: Any, method: str, event: dict) -> str:
    """Of a structured entry only its name; its values may be texts."""
    name = str(event.get("event", ""))
    return f"{method.upper()} structlog: {name if name.replace('.', '').replace('_', '').isalnum() else 'entry'}"


def _uncaught(kind: type, error: BaseException, trace: Any) -> None:
    """An error that ends the process: ours with its sentence, others' by type and place."""
    if kind.__module__.split(".")[0] == OURS:
        print(error, file=sys.stderr)
    else:
        print(outline(error), file=sys.stderr)
