"""The product's commands: `python -m bot COMMAND`."""

from __future__ import annotations

import argparse
import sys

from bot import commands


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    top = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(parent, name: str, run, **options) -> argparse.ArgumentParser:
        command = parent.add_parser(name, help=run.__doc__.split("\n")[0], **options)
        command.set_defaults(run=run)
        return command

    add(top, "run", commands.run_product)
    add(top, "gateway", commands.run_gateway)
    add(top, "train", commands.train)
    add(top, "migrate", commands.migrate_database)
    add(top, "engine-env", commands.print_engine_settings)
    knowledge = top.add_parser("knowledge", help="the policies and their facts").add_subparsers(required=True)
    add(knowledge, "check", commands.check_knowledge)
    ticket = top.add_parser("ticket", help="what a person has to take").add_subparsers(required=True)
    listing = add(ticket, "list", commands.list_tickets)
    listing.add_argument("--company", help="only this company's")
    listing.add_argument("--conversation", action="store_true", help="with what was said, in clear text")
    audit = top.add_parser("audit", help="the log of who looked at and changed what").add_subparsers(required=True)
    add(audit, "verify", commands.verify_audit)
    link = add(top, "staff-link", commands.make_staff_link)
    link.add_argument("--email", help="of somebody who cannot get in any more: a new password, no second factor")
    search = top.add_parser("search", help="the index by which staff find tickets").add_subparsers(required=True)
    add(search, "rebuild", commands.rebuild_search)
    add(search, "drop", commands.drop_search)
    keys = top.add_parser("keys", help="the master keys of verified requests").add_subparsers(required=True)
    add(keys, "rotate", commands.rotate_keys)
    requests = top.add_parser("requests", help="verified requests").add_subparsers(required=True)
    due = add(requests, "due", commands.list_due_requests)
    due.add_argument("--days", type=int, default=0, help="also what will be due within so many days")
    add(requests, "picture", commands.draw_states)
    add(top, "demo", commands.make_demo)
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except Exception as error:
        sentence = commands.explain(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
