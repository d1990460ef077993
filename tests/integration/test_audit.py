"""The audit log: whoever changes it behind the desk's back is found, and the place is named; on both databases."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.__main__ import main
from bot.delivery import audit_heads
from bot.desk.audit import BEGINNING, Entry, Fault, Head, Verdict, chain
from bot.storage.audit_check import AuditCheck
from bot.storage.audit_heads import HeadFile, Heads
from bot.storage.tables import audit_entries, audit_head
from tests.support.waiting import until

LENGTH = 9

#: The log is the same for every example; what an example changes is taken back.
on_one_log = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

numbers = st.integers(1, LENGTH)


class RolledBack(Exception):
    """Ends a transaction without a trace."""


class Log:
    """A log of nine acts, somebody who tampers with it, and the verification."""

    def __init__(self, core, clock):
        self.core, self.clock = core, clock
        for number in range(1, LENGTH + 1):
            self.append(number)
        self.rows = [dict(row._mapping) for row in core.database.transact(core.audit.rows)]
        self.heads = {row["number"]: Head(row["number"], bytes(row["mac"])) for row in self.rows}

    def append(self, number: int) -> None:
        self.clock.advance(seconds=7)
        act = ("ticket.take", "ticket.close", "person.change")[number % 3]
        where = {"company": "jcom" if number % 2 else None, "subject": f"thing{number}", "detail": {"was": number}}
        self.core.database.transact(lambda db: self.core.audit.append(db, f"person{number % 4}", act, self.clock(), **where))

    def verify(self, rows: list[dict] | None = None, *, heads: set[int] = frozenset(), kept: Head | None = None) -> Verdict:
        """What a verification finds with these rows in the table; `kept` is the end as the database keeps it."""
        outside = Heads(tuple(self.heads[number] for number in sorted(heads)))
        if rows is None:
            return AuditCheck(self.core.audit, self.core.database.transact, outside).run()
        with self.core.database.engine.connect() as db:
            _disarm(db)
            db.execute(audit_entries.delete())
            if rows:
                db.execute(audit_entries.insert(), rows)
            if kept:
                db.execute(audit_head.update().values(number=kept.number, mac=kept.mac))
            verdict = AuditCheck(self.core.audit, lambda work: work(db), outside).run()
            db.rollback()
        return verdict


def _disarm(db: sa.Connection) -> None:
    """Who owns the database can take the triggers away."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("drop trigger if exists audit_entries_no_update")
        db.exec_driver_sql("drop trigger if exists audit_entries_no_delete")
    else:
        db.exec_driver_sql("alter table audit_entries disable trigger all")


@pytest.fixture
def log(core, clock) -> Log:
    return Log(core, clock)


def renumbered(rows: list[dict]) -> list[dict]:
    return [{**row, "number": place} for place, row in enumerate(rows, 1)]


# A whole log -----------------------------------------------------------------------------------------------------


def test_a_log_that_nobody_touched_is_whole(log):
    assert log.verify(heads={3, LENGTH}) == Verdict(LENGTH, 2)


def test_an_empty_log_is_whole(core):
    assert AuditCheck(core.audit, core.database.transact, Heads()).run() == Verdict(0, 0)


def test_what_is_added_while_it_is_verified_is_verified_too(log, monkeypatch):
    read = log.core.audit.rows
    added = []

    def read_and_be_added_to(db, after=None, most=2000):
        rows = read(db, after, 4)
        if after == 4 and not added:
            added.append(True)
            log.core.audit.append(db, "person1", "ticket.take", log.clock())
        return rows

    monkeypatch.setattr(log.core.audit, "rows", read_and_be_added_to)
    assert log.verify(heads={2}) == Verdict(LENGTH + 1, 1)


def test_progress_is_told_and_ends_at_the_end(log):
    told = []
    AuditCheck(log.core.audit, log.core.database.transact, Heads(), tell=lambda done, of: told.append((done, of))).run()
    assert told[-1] == (LENGTH, LENGTH)


def test_details_are_chained_as_they_are_read_again(core, clock):
    detail = {"companies": ("jcom", "cuc"), "minutes": {10: "ten", 9: "nine"}, "name": "花"}
    entry = core.database.transact(lambda db: core.audit.append(db, "system", "desk.set", clock(), detail=detail))
    assert entry.detail == {"companies": ["jcom", "cuc"], "minutes": {"10": "ten", "9": "nine"}, "name": "花"}
    assert AuditCheck(core.audit, core.database.transact, Heads((core.database.transact(core.audit.head),))).run().whole


def test_what_is_taken_back_leaves_no_gap(log):
    with pytest.raises(RolledBack), log.core.database.engine.begin() as db:
        log.core.audit.append(db, "person1", "ticket.take", log.clock())
        raise RolledBack
    log.append(1)
    assert log.verify(heads={LENGTH}).entries == LENGTH + 1


# Tampering -------------------------------------------------------------------------------------------------------

changed_fields = st.sampled_from(
    [
        ("at", "2026-11-23T03:00:00.000000+00:00"),
        ("actor", "somebody"),
        ("action", "ticket.look"),
        ("company", "cuc"),
        ("subject", None),
        ("sealed_detail", b"\0" * 40),
        ("mac", b"\1" * 32),
    ]
)


@on_one_log
@given(number=numbers, change=changed_fields, heads=st.sets(numbers))
def test_an_edited_entry_is_found(log, number, change, heads):
    rows = [dict(row) for row in log.rows]
    rows[number - 1][change[0]] = change[1]
    verdict = log.verify(rows, heads=heads)
    assert verdict.fault == Fault("edited", number, number)
    assert verdict.entries == number - 1


@on_one_log
@given(number=numbers, other=numbers, heads=st.sets(numbers))
def test_a_detail_taken_from_another_entry_is_found(log, number, other, heads):
    rows = [dict(row) for row in log.rows]
    rows[number - 1]["sealed_detail"] = log.rows[other - 1]["sealed_detail"]
    fault = log.verify(rows, heads=heads).fault
    if number == other:
        assert fault in (None, Fault("no_heads", LENGTH, LENGTH))
    else:
        assert fault is not None
        assert fault.first == number


@on_one_log
@given(number=numbers, heads=st.sets(numbers))
def test_a_removed_entry_is_found(log, number, heads):
    fault = log.verify([row for row in log.rows if row["number"] != number], heads=heads).fault
    assert fault == Fault("cut_off" if number == LENGTH else "removed", number, number)


@on_one_log
@given(number=st.integers(1, LENGTH - 1), heads=st.sets(numbers))
def test_a_removed_entry_is_found_though_the_others_close_the_gap(log, number, heads):
    rows = renumbered([row for row in log.rows if row["number"] != number])
    kept = Head(LENGTH - 1, rows[-1]["mac"])
    assert log.verify(rows, heads=heads, kept=kept).fault == Fault("removed", number, number)


@on_one_log
@given(first=st.integers(1, LENGTH - 2), count=st.integers(1, LENGTH), heads=st.sets(numbers))
def test_several_removed_entries_are_named(log, first, count, heads):
    last = min(first + count - 1, LENGTH - 1)
    rows = [row for row in log.rows if not first <= row["number"] <= last]
    assert log.verify(rows, heads=heads).fault == Fault("removed", first, last)


@on_one_log
@given(number=numbers, source=st.one_of(st.none(), numbers), heads=st.sets(numbers))
def test_an_inserted_entry_is_found_be_it_made_up_or_a_copy(log, number, source, heads):
    forged = dict(log.rows[(source or 1) - 1])
    if source is None:
        forged.update(actor="nobody", sealed_detail=b"\2" * 60, mac=b"\3" * 32)
    rows = renumbered([*log.rows[: number - 1], forged, *log.rows[number - 1 :]])
    kept = Head(LENGTH + 1, rows[-1]["mac"])
    fault = log.verify(rows, heads=heads, kept=kept).fault
    if source == number:  # the copy stands where the original stood, which is now the one too many
        assert fault == Fault("inserted" if number < LENGTH else "edited", number + 1, number + 1)
    else:
        assert fault == Fault("inserted", number, number)


@on_one_log
@given(adjusted=st.booleans(), heads=st.sets(numbers))
def test_an_entry_put_at_the_end_is_found(log, adjusted, heads):
    forged = {**log.rows[-1], "number": LENGTH + 1, "sealed_detail": b"\2" * 60, "mac": b"\3" * 32}
    kept = Head(LENGTH + 1, forged["mac"]) if adjusted else None
    fault = log.verify([*log.rows, forged], heads=heads, kept=kept).fault
    # Where the database's own end was changed to fit, nothing tells a forged last entry from an edited one.
    assert fault == Fault("edited" if adjusted else "inserted", LENGTH + 1, LENGTH + 1)


def test_an_entry_put_before_the_first_is_found(log):
    assert log.verify([{**log.rows[3], "number": 0}, *log.rows]).fault == Fault("inserted", 0, 0)


@on_one_log
@given(places=st.sets(numbers, min_size=2, max_size=2), heads=st.sets(numbers))
def test_two_entries_that_changed_places_are_found(log, places, heads):
    one, other = sorted(places)
    rows = [dict(row) for row in log.rows]
    rows[one - 1]["number"], rows[other - 1]["number"] = other, one
    assert log.verify(rows, heads=heads).fault == Fault("order", one, one)


def test_an_entry_with_another_number_is_found(log):
    rows = [{**row, "number": 40} if row["number"] == 4 else row for row in log.rows]
    assert log.verify(rows).fault == Fault("order", 4, 4)


@on_one_log
@given(left=st.integers(0, LENGTH - 1), known=numbers, kept_too=st.booleans())
def test_a_tail_that_was_cut_off_is_found(log, left, known, kept_too):
    """By the end as the database keeps it or, where that was set back as well, by a head outside that is behind the cut."""
    rows = log.rows[:left]
    kept = None if kept_too else Head(left, rows[-1]["mac"] if rows else bytes(32))
    fault = log.verify(rows, heads={known}, kept=kept).fault
    if kept_too or known > left:
        assert fault == Fault("cut_off" if left else "emptied", left + 1, LENGTH if kept_too else known)
    else:
        assert fault is None, "nobody outside knew of what was cut off"


@on_one_log
@given(left=st.integers(0, LENGTH - 2), known=st.integers(1, LENGTH))
def test_a_tail_that_was_cut_off_and_grew_again_is_found(log, left, known):
    """The desk itself chains new entries to the cut, so only a head outside tells."""
    core, rows = log.core, log.rows[:left]
    with core.database.engine.connect() as db:
        _disarm(db)
        db.execute(audit_entries.delete())
        if rows:
            db.execute(audit_entries.insert(), rows)
        db.execute(audit_head.delete())
        for _ in range(LENGTH):
            core.audit.append(db, "person1", "ticket.take", log.clock())
        outside = Heads((log.heads[max(left, 1)], log.heads[known]))
        fault = AuditCheck(core.audit, lambda work: work(db), outside).run().fault
        db.rollback()
    if known > left or not left:
        assert fault is not None
        assert fault.kind == "replaced"
        assert fault.first == left + 1
    else:
        assert fault is None


def test_an_end_that_is_not_the_last_entry_is_found(log):
    assert log.verify(log.rows, heads={LENGTH}, kept=Head(LENGTH, b"\4" * 32)).fault == Fault("head", LENGTH, LENGTH)
    assert log.verify(log.rows, heads={LENGTH}, kept=log.heads[4]).fault == Fault("head", LENGTH, LENGTH)


def test_that_nothing_outside_vouches_for_the_end_is_said(log):
    assert log.verify(log.rows).fault == Fault("no_heads", LENGTH, LENGTH)


def test_with_another_key_nothing_holds(log):
    log.core.audit.key = b"\5" * 32
    assert log.verify(heads={LENGTH}).fault == Fault("edited", 1, 1)


# What the database itself refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [audit_entries.update().values(actor="nobody"), audit_entries.delete().where(audit_entries.c.number == 3)]
)
def test_the_database_refuses_to_change_an_entry_or_take_it_out(log, change):
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        log.core.database.transact(lambda db: db.execute(change))
    assert log.verify(heads={LENGTH}).whole


def test_the_log_goes_on_where_its_end_was_lost(log):
    """As after a restore of the entries alone; the missing row is no reason to stop all work."""
    log.core.database.transact(lambda db: db.execute(audit_head.delete()))
    log.append(1)
    assert log.verify(heads={LENGTH}) == Verdict(LENGTH + 1, 1)


# Heads outside ---------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path) -> HeadFile:
    return HeadFile(tmp_path / "deep" / "audit-heads.log")


def test_heads_are_added_to_a_file_that_only_its_owner_reads(file, clock):
    file.append(Head(1, b"\1" * 32), clock())
    file.append(Head(5, b"\5" * 32), clock())
    assert file.read() == Heads((Head(1, b"\1" * 32), Head(5, b"\5" * 32)))
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert file.path.read_text().splitlines()[1] == f"5 {'05' * 32} 2026-11-24T03:00:00+00:00"


def test_a_line_that_a_power_cut_tore_spoils_no_other(file, clock):
    file.append(Head(1, b"\1" * 32), clock())
    with file.path.open("a") as out:
        out.write("2 0202")
    file.append(Head(3, b"\3" * 32), clock())
    assert file.read() == Heads((Head(1, b"\1" * 32), Head(3, b"\3" * 32)), (2,))


def test_no_file_is_no_heads(file):
    assert file.read() == Heads()


async def test_the_gateway_writes_the_head_when_it_starts_and_when_it_stops(log, gateway):
    file = HeadFile(gateway.core.settings.audit_heads)
    assert await until(lambda: file.read().heads) == (log.heads[LENGTH],)
    log.append(1)
    await gateway.stop()
    newest = log.core.database.transact(log.core.audit.head)
    assert file.read().heads == (log.heads[LENGTH], newest)
    await gateway.start()
    await gateway.stop()
    assert file.read().heads == (log.heads[LENGTH], newest), "what has not changed is not written again"


async def test_the_gateway_writes_the_head_again_after_the_set_time(log, gateway, monkeypatch):
    file = HeadFile(gateway.core.settings.audit_heads)
    await until(lambda: file.read().heads)
    monkeypatch.setattr(audit_heads, "SECONDS_A_MINUTE", 0.002)
    await gateway.restart()
    log.append(1)
    assert await until(lambda: len(file.read().heads) == 2)


async def test_the_gateway_says_that_the_log_is_not_as_it_was(log, gateway, caplog):
    file = HeadFile(gateway.core.settings.audit_heads)
    await until(lambda: file.read().heads)
    await gateway.stop()
    with log.core.database.engine.begin() as db:
        _disarm(db)
        db.execute(audit_entries.delete().where(audit_entries.c.number > 5))
        db.execute(audit_head.delete())
    await gateway.start()
    assert await until(lambda: "audit verify" in caplog.text)


async def test_the_gateway_runs_where_the_heads_cannot_be_written(log, gateway, caplog):
    await gateway.stop()
    blocked = gateway.core.settings.data_dir / "blocked"
    blocked.write_text("a file, and no folder")
    gateway.core = replace(gateway.core, settings=replace(gateway.core.settings, audit_heads_file=blocked / "audit-heads.log"))
    await gateway.start()
    await until(lambda: "audit log's head could not be written" in caplog.text)
    assert (await gateway.call("GET", "/")).status == 200


# The command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def command(log, monkeypatch, capsys) -> Callable[[], tuple[int, str]]:
    """Runs `python -m bot audit verify` on the log."""
    monkeypatch.setattr("bot.bootstrap.open_core", lambda: replace(log.core, database=_Open(log.core.database)))

    def run() -> tuple[int, str]:
        code = main(["audit", "verify"])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


class _Open:
    """A database that stays open for the test."""

    def __init__(self, database):
        self.look = database.look

    def close(self) -> None:
        """Does nothing."""


def test_the_command_says_that_the_log_is_whole(log, command, clock):
    HeadFile(log.core.settings.audit_heads).append(log.heads[LENGTH], clock())
    code, said = command()
    assert code == 0
    assert f"{LENGTH} entries" in said
    assert "outside agree (1)" in said


def test_the_command_names_the_place_and_fails(log, command, clock):
    HeadFile(log.core.settings.audit_heads).append(log.heads[LENGTH], clock())
    with log.core.database.engine.begin() as db:
        _disarm(db)
        db.execute(audit_entries.update().where(audit_entries.c.number == 4).values(actor="nobody"))
    code, said = command()
    assert code == 1
    assert "Entry 4" in said


def test_a_log_of_a_hundred_thousand_entries_is_verified_in_reasonable_time(core, clock):
    """Made in bulk by the chain's own rule, as so many appends would take most of the time."""
    count, rows, mac = 100_000, [], BEGINNING
    for number in range(1, count + 1):
        entry = Entry(number, clock().isoformat(timespec="microseconds"), "person1", "ticket.look", "jcom", "thing", {"n": number})
        mac = chain(core.audit.key, mac, entry)
        sealed = core.audit.cipher.encrypt(f'{{"n": {number}}}', f"audit {number}")
        fields = ("number", "at", "actor", "action", "company", "subject")
        rows.append({**{name: getattr(entry, name) for name in fields}, "sealed_detail": sealed, "mac": mac})
    with core.database.engine.begin() as db:
        for start in range(0, count, 10_000):
            db.execute(audit_entries.insert(), rows[start : start + 10_000])
        db.execute(audit_head.delete())
        db.execute(audit_head.insert().values(id=1, number=count, mac=mac))
    began = time.process_time()
    assert AuditCheck(core.audit, core.database.transact, Heads((Head(count, mac),))).run() == Verdict(count, 1)
    assert time.process_time() - began < 30, "seconds of this process's own time, far above what it takes"
