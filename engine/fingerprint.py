"""Names a model after everything it is made of, so that a start trains only when something changed.

Only the standard library is used: the supervisor calls this with whatever Python it runs on.

    python -m engine.fingerprint config.yml
"""

import hashlib
import sys
from pathlib import Path
from typing import Iterator, Union

ROOT = Path(__file__).resolve().parent.parent

#: The engine's code that serves a model; all the rest shapes it.
_SERVING = {
    "__init__", "blas", "channel", "endpoint", "fingerprint", "lean", "logs", "patches", "processor", "replies", "serve",
    "tracker_store", "train",
}
_LOCKS = ("requirements.lock", "encoder.lock")


def fingerprint(config: Union[str, Path] = "config.yml") -> str:
    """The sha256 over names and contents of all that a model is made of."""
    digest = hashlib.sha256()
    for path in _ingredients(ROOT / config):
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def model_name(config: Union[str, Path] = "config.yml") -> str:
    """The name of the model, without its ending."""
    return f"desk-{fingerprint(config)[:16]}"


def _ingredients(config: Path) -> Iterator[Path]:
    yield config
    for folder in ("bot/dialogue/domain", "bot/dialogue/rules", "nlu_data"):
        files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
        yield from sorted(path for path in files if path.suffix in (".yml", ".yaml", ".txt"))
    yield from sorted(path for path in (ROOT / "engine").glob("*.py") if path.stem not in _SERVING)
    for lock in _LOCKS:
        path = ROOT / "engine" / lock
        if path.exists():
            yield path


if __name__ == "__main__":
    print(model_name(*sys.argv[1:2]))
