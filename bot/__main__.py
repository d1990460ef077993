"""The product's commands: `python -m bot COMMAND`."""

from __future__ import annotations

import argparse
import sys

from bot.knowledge.check import find_faults
from bot.knowledge.errors import BrokenKnowledge
from bot.knowledge.loader import load_library


def check_knowledge(_: argparse.Namespace) -> int:
    """Prove every quote, value and silence of the policies."""
    try:
        library = load_library()
    except BrokenKnowledge as error:
        print(f"The knowledge does not hold.\n{error}", file=sys.stderr)
        return 1
    faults = find_faults(library)
    for fault in faults:
        print(fault, file=sys.stderr)
    quotes = sum(len(s.quotes) for c in library.companies() for f in c.facts.values() for s in f.statements())
    print(
        f"{len(library.companies())} companies, {len(library.topics)} topics, {quotes} quotes: "
        + (f"{len(faults)} faults" if faults else "everything holds")
    )
    return 1 if faults else 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    knowledge = commands.add_parser("knowledge", help="the policies and their facts").add_subparsers(required=True)
    check = knowledge.add_parser("check", help=check_knowledge.__doc__)
    check.set_defaults(run=check_knowledge)
    options = parser.parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
