"""What each command does; imports stay inside, so that a command loads only what it needs."""

from __future__ import annotations

import argparse
import sys


def run_product(_: argparse.Namespace) -> int:
    """Bring the whole product up and keep it up, until Ctrl-C."""
    from bot.supervisor.run import run

    return run()


def run_gateway(_: argparse.Namespace) -> int:
    """Run the gateway alone; the engine and the action server run elsewhere."""
    from bot.gateway.serve import serve

    return serve()


def train(_: argparse.Namespace) -> int:
    """Train the model, if none is there for what the files say now."""
    from bot.settings import read_settings
    from bot.supervisor.run import train_if_needed

    print(train_if_needed(read_settings()))
    return 0


def migrate_database(_: argparse.Namespace) -> int:
    """Bring the database to the newest schema."""
    from bot.bootstrap import open_core

    open_core().close()
    print("The database is at the newest schema.")
    return 0


def print_engine_settings(_: argparse.Namespace) -> int:
    """Print what the engine's process is told, for an engine that runs apart; the keys in it are secret."""
    import shlex

    from bot.bootstrap import engine_settings
    from bot.settings import read_secret, read_settings

    settings = read_settings()
    for name, value in engine_settings(settings, read_secret(settings)).items():
        print(f"{name}={shlex.quote(value)}")
    return 0


def check_knowledge(_: argparse.Namespace) -> int:
    """Prove every quote, value and silence of the policies."""
    from bot.knowledge.check import find_faults
    from bot.knowledge.errors import BrokenKnowledge
    from bot.knowledge.loader import load_library

    try:
        library = load_library()
    except BrokenKnowledge as error:
        print(f"The knowledge does not hold.\n{error}", file=sys.stderr)
        return 1
    faults = find_faults(library)
    for fault in faults:
        print(fault, file=sys.stderr)
    statements = [s for c in library.companies() for f in c.facts.values() for s in f.statements()]
    counts = f"{len(library.companies())} companies, {len(library.topics)} topics, {len(statements)} statements"
    quotes = sum(len(statement.quotes) for statement in statements)
    print(f"{counts}, {quotes} quotes: {f'{len(faults)} faults' if faults else 'everything holds'}")
    return 1 if faults else 0


def list_tickets(options: argparse.Namespace) -> int:
    """The open tickets, urgent ones first."""
    from bot.bootstrap import open_core
    from bot.desk.ticket import PRIORITIES

    core = open_core()
    try:
        for ticket in core.database.transact(lambda db: core.tickets.list(db, options.company)):
            opened = f"{ticket.opened_at:%Y-%m-%d %H:%M} UTC"
            print(f"{ticket.reference}  {PRIORITIES[ticket.priority]:6}  {ticket.company:10} {ticket.reason:10} {opened}")
            if options.conversation:
                for message in core.database.transact(
                    lambda db, one=ticket.conversation: core.conversations.list_messages(db, one)
                ):
                    print(f"    {message.sender:8} {message.text}")
                    for citation in message.citations:
                        print(f"             “{citation['quote']}”")
    finally:
        core.close()
    return 0


def verify_audit(_: argparse.Namespace) -> int:
    """Recompute the audit log's chain, and say where it does not hold."""
    from bot.bootstrap import open_core
    from bot.casework.audit import check_log
    from bot.console.pages import read_wording

    core = open_core()
    try:
        verdict = check_log(core, lambda done, of: print(f"\r{done:,} of {of:,}", end="", file=sys.stderr, flush=True))
    finally:
        core.close()
    words = {key: texts["en"] for key, texts in read_wording().items() if key.startswith("audit.")}
    print(file=sys.stderr)
    if verdict.unreadable:
        lines = ", ".join(str(line) for line in verdict.unreadable)
        print(words["audit.unreadable"].format(file=core.settings.audit_heads, lines=lines))
    if verdict.fault is None:
        print(words["audit.whole"].format(entries=verdict.entries, heads=verdict.heads))
        return 0
    print(words[f"audit.fault_{verdict.fault.kind}"].format(first=verdict.fault.first, last=verdict.fault.last))
    print(words["audit.holds_before"].format(entries=verdict.entries))
    return 1


def make_staff_link(options: argparse.Namespace) -> int:
    """A one-time link to the first administrator or, with --email, for somebody who cannot get in any more."""
    from bot.bootstrap import open_core
    from bot.casework.welcome import make_first_link, make_rescue_link
    from bot.desk.clock import now
    from bot.desk.errors import UnknownPerson

    core = open_core()
    try:
        token = make_rescue_link(core, options.email, now()) if options.email else make_first_link(core, now())
    except UnknownPerson:
        print("Nobody at this desk has this e-mail address.", file=sys.stderr)
        return 1
    finally:
        core.close()
    if token is None:
        print("This desk has an administrator. Who cannot get in any more gets a link with --email.", file=sys.stderr)
        return 1
    print(f"{core.settings.address}/desk/welcome/{token}")
    return 0


def rebuild_search(_: argparse.Namespace) -> int:
    """Make the search index anew from all texts that are kept."""
    from bot.bootstrap import open_core
    from bot.storage.search_rebuild import rebuild_index

    core = open_core()
    try:
        if not core.search.on:
            print("The search index is switched off (DESK_SEARCH_INDEX=0).", file=sys.stderr)
            return 1
        tell = lambda done: print(f"\r{done:,} tickets", end="", file=sys.stderr, flush=True)  # noqa: E731
        done = rebuild_index(core.database, core.tickets, core.search, tell)
    finally:
        core.close()
    print(f"\rThe search index is made anew: {done:,} tickets.")
    return 0


def drop_search(_: argparse.Namespace) -> int:
    """Leave nothing of the search index; what is written later is indexed again, unless DESK_SEARCH_INDEX is 0."""
    from bot.bootstrap import open_core

    core = open_core()
    try:
        core.database.transact(core.search.clear)
    finally:
        core.close()
    print("The search index is empty.")
    return 0


def rotate_keys(_: argparse.Namespace) -> int:
    """Wrap all requests by a new master key and remove the old one; run again, it finishes what was ended in the middle."""
    from bot.bootstrap import open_core
    from bot.storage.rotation import rotate

    core = open_core()
    try:
        tell = lambda done: print(f"\r{done:,} requests", end="", file=sys.stderr, flush=True)  # noqa: E731
        done = rotate(core.database, core.vault, tell)
    finally:
        core.close()
    removed = ", ".join(str(version) for version in done.removed) or "none"
    if not done.added:
        print("An earlier rotation was finished. Run it again for another new key.")
    print(f"Master key {done.version} wraps everything; wrapped anew: {done.wrapped:,}; versions removed: {removed}.")
    print(f"Back up {core.settings.master_keys} now.")
    return 0


def list_due_requests(options: argparse.Namespace) -> int:
    """Print what retention would erase next, and what a legal hold keeps from it; nothing is changed."""
    from datetime import timedelta

    from bot.bootstrap import open_core
    from bot.delivery.request_retention import preview
    from bot.desk.clock import now

    core = open_core()
    try:
        found = preview(core, now() + timedelta(days=max(options.days, 0)))
    finally:
        core.close()
    for due in found:
        one, held = due.kept.request, "  legal hold" if due.held else ""
        name = due.kept.reference or one.id
        print(f"{name:12} {one.company:10} {one.kind:19} {one.state:10} {due.since:%Y-%m-%d %H:%M} UTC  {due.rule}{held}")
    return 0


def draw_states(_: argparse.Namespace) -> int:
    """Draw the table of a request's states as SVG, as docs/images/request-states.svg has it."""
    from bot.casework.state_picture import draw

    print(draw(), end="")
    return 0


def make_demo(_: argparse.Namespace) -> int:
    """Fill an empty desk with a week of invented tickets, people and replies, to look at."""
    from bot.bootstrap import open_core
    from bot.demo.seed import fill, refuse_other_databases
    from bot.desk.clock import now
    from bot.settings import read_settings

    settings = read_settings()
    refuse_other_databases(settings)
    core = open_core(settings)
    try:
        print(fill(core, now(), lambda said: print(said, file=sys.stderr, flush=True)))
    finally:
        core.close()
    return 0


def explain(error: Exception) -> str | None:
    """The sentence for what an operator can mend; None for a fault of ours."""
    import sqlalchemy as sa

    from bot.demo.errors import NotForDemo
    from bot.knowledge.errors import BrokenKnowledge
    from bot.settings import BadSetting
    from bot.storage.cipher import WrongKey
    from bot.supervisor.preflight import NotReady

    if isinstance(error, (BadSetting, BrokenKnowledge, NotForDemo, NotReady, WrongKey)):
        return str(error)
    if isinstance(error, sa.exc.OperationalError):
        return "The database cannot be reached: check that it runs and that DESK_DATABASE_URL is right."
    return None
