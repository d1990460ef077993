"""What the engine writes about itself: places, and nothing that a customer said."""

import logging

from engine.logs import PlaceOnly, outline

SECRET = "my card is 4111 1111 1111 1111"


def written(logger, message, error=None):
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(logger, logging.WARNING, "processor.py", 12, message, None, info, func="handle")
    return PlaceOnly().format(record)


def test_rasas_messages_are_written_as_places():
    line = written("rasa.core.processor", f"Parsed an intent from {SECRET}")
    assert SECRET not in line and "processor.handle:12" in line


def test_our_own_messages_are_written():
    assert "could not be run" in written("engine.channel", "The action action_answer could not be run.")


def test_an_exception_is_written_by_type_and_place_and_never_by_its_words():
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as cause:
            raise RuntimeError(f"While answering {SECRET}") from cause
    except RuntimeError as error:
        line = written("engine.channel", "A turn failed.", error)
    assert SECRET not in line
    assert "ValueError" in line and "RuntimeError" in line and "test_logs.py" in line


def test_a_full_disk_is_called_a_full_disk():
    assert "No space left on device" in outline(OSError(28, "No space left on device"))
