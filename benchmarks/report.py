"""Writes what was measured into README.md, each benchmark between markers of its own."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

README = Path(__file__).with_name("README.md")
_HEAD = "# What was measured\n\nEach section is written by the script that it names; run it again to measure anew.\n"


def write_section(name: str, text: str, readme: Path = README) -> None:
    """Replace the section of that name, or append it; all others stay as they are."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    section = f"{begin}\n{text.strip()}\n{end}"
    whole = readme.read_text(encoding="utf-8") if readme.exists() else _HEAD
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    whole, known = pattern.subn(lambda _: section, whole)
    if not known:
        whole = f"{whole.rstrip()}\n\n{section}\n"
    readme.write_text(whole, encoding="utf-8")


def describe_machine() -> str:
    """Cores, memory, processor and how busy others keep it; no name of the machine."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", info, re.MULTILINE)
    memory = re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    cores = len(os.sched_getaffinity(0))
    name = model[1].strip() if model else platform.machine()
    size = f"{int(memory[1]) / 2**20:.0f} GB" if memory else "unknown"
    return f"{cores} cores ({name}), {size} of memory, Linux {platform.release().split('-')[0]}"


def describe_load() -> str:
    """How busy the machine was over the last minute; a load above what we ran ourselves is noise by others."""
    return f"load average {os.getloadavg()[0]:.1f}"


def describe_code() -> str:
    """The commit that was measured, where git can tell."""
    try:
        done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=README.parent, capture_output=True, text=True)
    except OSError:
        return "code of no known commit"
    return f"commit {done.stdout.strip()}" if done.returncode == 0 else "code of no known commit"


def wrap(text: str) -> str:
    """A paragraph in lines of the page's length."""
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def make_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A markdown table; all columns but the first are set to the right."""
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join(lines)
