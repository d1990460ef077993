"""`make test`: every test there is, from small to large; any failure makes the exit code 1."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
ENGINE = ROOT / "engine" / ".venv" / "bin" / "python"

#: From small to large: what fails fast fails first.
RUNGS = ("unit", "integration", "conversations", "acceptance", "browser")

STEPS = [
    ("style", [PYTHON, "-m", "ruff", "check", "."]),
    ("directions of import", [str(Path(PYTHON).with_name("lint-imports")), "--no-cache"]),
    ("the policies' facts", [PYTHON, "-m", "bot", "knowledge", "check"]),
    ("the engine's tests", [str(ENGINE), "-m", "pytest", "-q", "--disable-warnings", "engine/tests"]),
    ("the product's tests", [PYTHON, "-m", "pytest", "-q", *(f"tests/{rung}" for rung in RUNGS)]),
]


def main() -> int:
    failed = []
    for name, command in STEPS:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"-- {name}: {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"\nFAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
