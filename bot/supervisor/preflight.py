"""What is checked before anything starts; every fault is one sentence that says what to do."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from pathlib import Path

from bot.knowledge.check import find_faults
from bot.knowledge.library import Library
from bot.settings import Settings

#: Training and a day of logs need this much room.
ROOM = 300 * 1024 * 1024


class NotReady(Exception):
    """The product cannot start; the message says what to do."""


def check_ports(settings: Settings) -> None:
    """Every port that a part of ours will listen on is free."""
    wanted = [(settings.host, settings.port, "DESK_PORT")]
    if not settings.engine_url:
        wanted.append(("127.0.0.1", settings.engine_port, "DESK_ENGINE_PORT"))
    if not settings.actions_url:
        wanted.append(("127.0.0.1", settings.actions_port, "DESK_ACTIONS_PORT"))
    for host, port, name in wanted:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise NotReady(
                    f"Port {port} on {host} cannot be used ({error.strerror}). Stop what uses it, or set {name} to another."
                ) from None


def check_room(folder: Path) -> None:
    """There is room on the disk, and the folder can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise NotReady(f"The folder {folder} cannot be used ({error.strerror}). Set DESK_DATA_DIR to one that can.") from None
    if not os.access(folder, os.W_OK):
        raise NotReady(f"The folder {folder} cannot be written. Set DESK_DATA_DIR to one that can.")
    if free < ROOM:
        raise NotReady(
            f"Only {free // 2**20} MB are free where {folder} is; {ROOM // 2**20} MB are needed. Make room, or set DESK_DATA_DIR."
        )


def check_knowledge(library: Library) -> None:
    """The policies' facts hold: nothing is answered from a file that does not."""
    if faults := find_faults(library):
        shown = "\n  ".join(faults[:5])
        raise NotReady(f"The policy files do not hold ({len(faults)} faults; python -m bot knowledge check lists them):\n  {shown}")


def take_lock(folder: Path):
    """One supervisor for one data folder; the file is held as long as the returned handle lives."""
    handle = (folder / "supervisor.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise NotReady(f"The product is already running on {folder}. Stop it first, or set DESK_DATA_DIR to another.") from None
    return handle
