"""The search index as an operator has it: made anew, dropped, and never in the way of an upgrade."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.__main__ import main
from bot.storage import search_rebuild
from bot.storage.search_rebuild import rebuild_index
from bot.storage.tables import search_terms, search_tickets
from tests.support.casework import Desk, make_desk


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


def read_terms(desk: Desk) -> dict[str, set[int]]:
    """The hashes by ticket."""
    query = sa.select(search_tickets.c.ticket, search_terms.c.term).join(
        search_terms, search_terms.c.number == search_tickets.c.number
    )
    found: dict[str, set[int]] = {}
    for ticket, term in desk.do(lambda db: db.execute(query).all()):
        found.setdefault(ticket, set()).add(term)
    return found


def test_what_is_made_anew_is_what_was_written(desk, core, monkeypatch):
    monkeypatch.setattr(search_rebuild, "BATCH", 2)
    for text in ("My umbrella", "手数料について", "My licence", "住所の訂正", "A fifth one"):
        desk.ticket(text)
    written, told = read_terms(desk), []
    assert len(written) == 5
    desk.do(core.search.clear)
    assert read_terms(desk) == {}
    assert rebuild_index(core.database, core.tickets, core.search, told.append) == 5
    assert read_terms(desk) == written
    assert told == [2, 4, 5]


def test_making_it_anew_twice_changes_nothing(desk, core):
    desk.ticket("My umbrella")
    written = read_terms(desk)
    rebuild_index(core.database, core.tickets, core.search)
    rebuild_index(core.database, core.tickets, core.search)
    assert read_terms(desk) == written


def test_a_newer_ticket_has_a_higher_number(desk, core):
    tickets = []
    for _ in range(5):
        tickets.append(desk.ticket("My umbrella"))
        desk.clock.advance(seconds=1)
    found = desk.do(lambda db: core.search.find(db, ["jcom"], ["umbrella"], 10))
    assert [candidate.ticket for candidate in found] == [ticket.id for ticket in reversed(tickets)]
    assert desk.do(lambda db: core.search.find(db, ["jcom"], ["umbrella"], 10, found[1].number)) == found[2:]


def test_many_terms_and_common_ones_are_looked_up_from_the_rarest(desk, core):
    words = " ".join(f"word{number}" for number in range(40))
    ticket = desk.ticket(words)
    for _ in range(3):
        desk.ticket("word0 word1")
    found = desk.do(lambda db: core.search.find(db, ["jcom", "cuc"], words.split(), 10))
    assert [candidate.ticket for candidate in found] == [ticket.id]
    assert desk.do(lambda db: core.search.find(db, ["jcom"], [*words.split(), "word40"], 10)) == []
    assert desk.do(lambda db: core.search.find(db, ["jcom"], [], 10)) == []


def test_the_index_holds_no_word_in_clear(desk, core, tmp_path):
    desk.ticket("Umbrella 手数料")
    rows = desk.do(lambda db: db.execute(sa.select(search_terms)).all())
    assert rows and all(isinstance(value, int) for row in rows for value in row)


@pytest.fixture
def environment(database_settings, monkeypatch):
    monkeypatch.setenv("DESK_DATA_DIR", str(database_settings.data_dir))
    monkeypatch.setenv("DESK_DATABASE_URL", database_settings.database_url)
    monkeypatch.setenv("DESK_SECRET_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")  # SECRET
    return monkeypatch


def test_an_operator_drops_it_and_makes_it_anew(desk, environment, capsys):
    desk.ticket("My umbrella")
    written = read_terms(desk)
    assert main(["search", "drop"]) == 0
    assert read_terms(desk) == {}
    assert main(["search", "rebuild"]) == 0
    assert read_terms(desk) == written
    assert "1 tickets" in capsys.readouterr().out


def test_switched_off_it_is_not_made_anew_and_can_be_dropped(desk, environment, capsys):
    desk.ticket("My umbrella")
    environment.setenv("DESK_SEARCH_INDEX", "0")
    assert main(["search", "rebuild"]) == 1
    assert "DESK_SEARCH_INDEX" in capsys.readouterr().err
    assert main(["search", "drop"]) == 0
    assert read_terms(desk) == {}
