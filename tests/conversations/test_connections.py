"""No process of the product talks to anybody but the product's own parts: no telemetry, no look-ups."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

import aiohttp
import pytest

from tests.support.chat import Client

pytestmark = pytest.mark.product

PROC = Path("/proc")


def descendants(root: int) -> list[int]:
    """A process and all that it started."""
    parents = {}
    for entry in PROC.glob("[0-9]*/stat"):
        try:
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile
    found, queue = [], [root]
    while queue:
        one = queue.pop()
        found.append(one)
        queue += [child for child, parent in parents.items() if parent == one]
    return found


def sockets_of(processes: list[int]) -> set[str]:
    """The kernel's numbers of the sockets that they hold."""
    held = set()
    for process in processes:
        for handle in (PROC / str(process) / "fd").glob("*"):
            try:
                target = os.readlink(handle)
            except OSError:
                continue
            if target.startswith("socket:["):
                held.add(target[8:-1])
    return held


def peers(held: set[str]) -> set[str]:
    """The addresses that those sockets are connected to."""
    found = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for row in (PROC / "net" / table).read_text().splitlines()[1:]:
            columns = row.split()
            if columns[9] in held:
                raw = bytes.fromhex(columns[2].partition(":")[0])
                plain = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
                found.add(str(ipaddress.ip_address(plain)))
    return found


def is_at_home(peer: str) -> bool:
    address = ipaddress.ip_address(peer)
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or address.is_unspecified or bool(mapped and mapped.is_unspecified)


async def test_the_product_speaks_to_nobody_outside_while_it_answers(product):
    processes = descendants(product.process.pid)
    assert len(processes) >= 4, "the supervisor, the engine, the action server and the gateway"
    seen = peers(sockets_of(processes))
    async with aiohttp.ClientSession() as session:
        chat = await Client(product.url, session).open()
        for words in ("How much is a disclosure?", "can I talk to a person", "what is the weather like?"):
            assert (await chat.ask(words)).status == 200
            seen |= peers(sockets_of(processes))
    assert seen, "the parts are connected to one another"
    assert {peer for peer in seen if not is_at_home(peer)} == set()
