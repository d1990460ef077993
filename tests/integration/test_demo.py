"""`make demo`: a week at the desk, made by the product's own parts."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.__main__ import main
from bot.bootstrap import make_core
from bot.casework.audit import check_log
from bot.demo.errors import NotForDemo
from bot.demo.seed import fill, refuse_if_in_use
from bot.desk.passwords import verify_password
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.tables import conversations, messages, notes, outbox, outcomes, people, ticket_events, ticket_tags, tickets
from tests.support.clocks import SetClock

from .conftest import SECRET


@pytest.fixture(scope="module")
def filled(migrated_sqlite, library, tmp_path_factory):
    """A desk that was filled, and what was said of it."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(migrated_sqlite, folder / "desk.db")
    settings = Settings(data_dir=folder)
    core = make_core(settings, SECRET, library, Database(settings.database))
    told: list[str] = []
    said = fill(core, SetClock()(), told.append)
    yield core, said, told
    core.close()


def ask(core, query):
    return core.database.transact(lambda db: db.execute(query).all())


def kinds(core, column) -> dict:
    return dict(ask(core, sa.select(column, sa.func.count()).group_by(column)))


def test_there_are_tickets_of_every_company_state_and_kind(filled, library):
    core, _, _ = filled
    assert 60 <= sum(kinds(core, tickets.c.company).values()) <= 100
    assert set(kinds(core, tickets.c.company)) == {company.key for company in library.companies()}
    assert set(kinds(core, tickets.c.status)) == {"open", "waiting", "closed"}
    assert {"asked", "complaint", "leak", "status", "unanswered", "request", "registered"} <= set(kinds(core, tickets.c.reason))
    assert {"web", "letter", "fax", "phone", "visit", "email"} == set(kinds(core, tickets.c.channel))
    assert {"en", "ja"} == set(kinds(core, tickets.c.language))
    assert {1, 2, 3} <= set(kinds(core, tickets.c.priority))
    assert {1, -1} <= set(kinds(core, tickets.c.rating))


def test_somebody_works_on_them(filled):
    core, _, _ = filled
    assert {"opened", "registered", "taken", "closed", "tagged", "called", "rated"} <= set(kinds(core, ticket_events.c.kind))
    assert set(kinds(core, messages.c.sender)) == {"customer", "bot", "staff", "system"}
    assert ask(core, sa.select(notes)) and ask(core, sa.select(ticket_tags))
    assert ask(core, sa.select(tickets).where(tickets.c.assignee.is_(None), tickets.c.status == "open"))


def test_what_the_assistant_made_of_its_chats_is_counted(filled):
    core, _, _ = filled
    assert {"answered", "not_stated", "missed", "handed_over"} <= set(kinds(core, outcomes.c.kind))


def test_it_all_happened_within_the_week_before(filled):
    core, _, _ = filled
    now = SetClock()()
    (first, last), *_ = ask(core, sa.select(sa.func.min(messages.c.sent_at), sa.func.max(messages.c.sent_at)))
    assert last.replace(tzinfo=now.tzinfo) <= now
    assert 5 <= (now - first.replace(tzinfo=now.tzinfo)).days <= 7


def test_every_citation_is_of_the_companys_own_policy(filled, library):
    core, _, _ = filled
    cited = 0
    for row in ask(core, sa.select(conversations.c.id, conversations.c.company)):
        source = library.company(row.company).document.source
        for message in core.database.transact(lambda db, one=row.id: core.conversations.list_messages(db, one)):
            for citation in message.citations:
                assert citation["url"].startswith(f"/policies/{row.company}#")
                assert citation["quote"] in source
                cited += message.sender == "staff"
    assert cited > 5


def test_mail_goes_to_invented_addresses_alone(filled):
    core, _, _ = filled
    assert core.settings.keeps_mail
    letters = [core.outbox._read(row) for row in ask(core, sa.select(outbox)) if row.sealed_mail]
    assert {letter.mail.to.rpartition(".")[2] for letter in letters} == {"example"}


def test_the_audit_log_holds(filled):
    core, _, _ = filled
    verdict = check_log(core, lambda done, of: None)
    assert verdict.entries > 200
    assert verdict.fault is None or verdict.fault.kind == "no_heads"


def test_the_accounts_it_names_can_sign_in(filled):
    core, said, told = filled
    accounts = dict(line.split()[:2] for line in said.splitlines() if "@desk.example" in line)
    assert len(accounts) == len(ask(core, sa.select(people.c.id))) == 7
    for email, password in accounts.items():
        person = core.database.transact(lambda db, email=email: core.people.find_by_email(db, email))
        kept = core.database.transact(lambda db, person=person: core.credentials.find(db, person.id))
        assert verify_password(kept.password_hash, password)
    assert f"{core.settings.address}/desk" in said
    assert len(told) >= 8


def test_a_desk_in_use_is_not_filled(filled, core):
    with pytest.raises(NotForDemo, match=r"people or chats already.*DESK_DATA_DIR=var/demo make demo"):
        refuse_if_in_use(filled[0])
    if core.settings.database_url:
        with pytest.raises(NotForDemo, match="unset DESK_DATABASE_URL"):
            fill(core, SetClock()(), print)
    else:
        refuse_if_in_use(core)
        with pytest.raises(NotForDemo):
            refuse_if_in_use(replace(core, settings=replace(core.settings, database_url="postgresql://desk@db/desk")))


def test_the_command_says_in_a_sentence_why_not(filled, monkeypatch, capsys):
    monkeypatch.setenv("DESK_DATA_DIR", str(filled[0].settings.data_dir))
    monkeypatch.setenv("DESK_SECRET_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    assert main(["demo"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
