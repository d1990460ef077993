"""The staff's side of requests: what may be done now, the moves, what the customer hears, who may look, hold and export."""

from __future__ import annotations

import asyncio
import json

import pytest
import sqlalchemy as sa

from bot.desk.errors import (
    EvidenceMissing,
    Forbidden,
    MoveNotAllowed,
    NoReason,
    NotInProcedure,
    RequestChanged,
    RequestErased,
    UnknownRequest,
)
from bot.desk.person import Role
from bot.desk.request import Mover, Needs, State
from bot.storage.tables import audit_entries, outbox, request_fields, requests
from tests.support.casework import Desk, make_desk


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


class Hana:
    """A customer who has submitted a request."""

    def __init__(self, desk: Desk, company: str = "coocom", kind: str = "disclosure", locale: str = "en", **needs):
        self.desk, self.core = desk, desk.core
        self.ticket = desk.ticket("I want to see my data.", company, reason="request", locale=locale)
        needs = {"fee": 500, **needs}
        self.request = desk.do(lambda db: self._submit(db, kind, Needs(**needs)))

    def _submit(self, db, kind, needs):
        core, now = self.core, self.desk.clock()
        chat = core.conversations.find(db, self.ticket.conversation)
        request = core.requests.open(db, chat, kind, needs, now)
        db.execute(requests.update().where(requests.c.id == request.id).values(ticket=self.ticket.id))
        core.requests.put_field(db, request.id, "name", "Hana Yamada")
        core.requests.put_field(db, request.id, "email", "hana@mail.example")
        return core.requests.move(db, request, "submit", Mover.CUSTOMER, now)

    def verify_contact(self):
        now = self.desk.clock()
        request = self.read()
        self.desk.do(lambda db: self.core.requests.move(db, request, "verify_contact", Mover.CUSTOMER, now))
        return self

    def read(self):
        return self.desk.do(lambda db: self.core.requests.find(db, self.request.id))

    @property
    def version(self) -> int:
        return self.read().version

    def heard(self) -> list[str]:
        messages = self.desk.do(lambda db: self.core.conversations.list_messages(db, self.ticket.conversation))
        return [message.text for message in messages if message.sender == "system"]

    def mails(self) -> list[str]:
        rows = self.desk.do(lambda db: db.execute(sa.select(outbox).order_by(outbox.c.created_at)).all())
        return [self.core.outbox._read(row).mail for row in rows if row.sealed_mail]

    def audited(self) -> list[str]:
        query = sa.select(audit_entries.c.action).where(audit_entries.c.subject == self.request.id)
        return list(self.desk.do(lambda db: db.execute(query.order_by(audit_entries.c.number)).scalars()))


@pytest.fixture
def hana(desk) -> Hana:
    return Hana(desk).verify_contact()


@pytest.fixture
def mika(desk):
    return desk.person("Mika", companies=["coocom"])


@pytest.fixture
def officer(desk):
    return desk.person("Ryo", Role.PRIVACY_OFFICER, companies=["coocom"])


async def test_mika_sees_the_moves_that_are_allowed_now_with_the_policys_words(desk, hana, mika):
    case = await desk.casework.requests.find(mika, hana.request.id)
    steps = {step.move: step for step in case.steps}
    assert list(steps) == ["receive_documents", "verify_identity", "record_payment", "refuse", "withdraw"]
    fee = next(one for one in steps["record_payment"].prescriptions if one.rule == "fee")
    assert fee.of_policy and "500 yen" in fee.lines[0]["en"] and "500円" in fee.lines[0]["ja"]
    assert [choice.key for choice in steps["verify_identity"].choices["identity_how"]] == ["telephone", "post"]
    grounds = {choice.key: choice.of_policy for choice in steps["refuse"].choices["ground"]}
    assert grounds["fee_missing"] and not grounds["identity_not_shown"]
    assert State.AWAITING_CONTACT in case.passed and State.AWAITING_PAYMENT not in case.passed


async def test_what_the_policy_is_silent_on_is_not_worded_as_the_policys(desk, mika):
    silent = Hana(desk, "coocom").verify_contact()
    case = await desk.casework.requests.find(mika, silent.request.id)
    for step in case.steps:
        for one in step.prescriptions:
            assert one.of_policy == bool(one.quotes)
            for quote in one.quotes:
                assert quote.text in desk.core.library.company("coocom").document.source


async def test_a_request_is_found_by_what_stands_on_its_letter(desk, hana, mika):
    reference = desk.do(lambda db: desk.core.requests.reference_of(db, hana.request.id))
    found = await desk.casework.requests.find_by_reference(mika, f" {reference.lower()} ")
    assert (found.request.id, found.ticket.id) == (hana.request.id, hana.ticket.id)
    assert (await desk.casework.requests.find_by_ticket(mika, hana.ticket.id)).reference == reference


async def test_a_request_of_another_company_is_not_there(desk, hana):
    stranger = desk.person("Sato", companies=["jcom"])
    reference = desk.do(lambda db: desk.core.requests.reference_of(db, hana.request.id))
    for asked in (
        desk.casework.requests.find(stranger, hana.request.id),
        desk.casework.requests.find_by_reference(stranger, reference),
        desk.casework.requests.find_by_reference(stranger, "nothing"),
        desk.casework.request_moves.withdraw(stranger, hana.request.id, hana.version),
        desk.casework.request_records.read(stranger, hana.request.id),
    ):
        with pytest.raises(UnknownRequest):
            await asked


async def test_mika_works_a_request_to_its_answer_and_hana_hears_of_each_step(desk, hana, mika):
    moves = desk.casework.request_moves
    await moves.receive_documents(mika, hana.request.id, hana.version)
    await moves.verify_identity(mika, hana.request.id, hana.version, "telephone")
    await moves.record_payment(mika, hana.request.id, hana.version, 400)
    assert hana.read().state is State.AWAITING_PAYMENT
    assert "it is short: 400 of 500 yen" in hana.heard()[-1] and "100 yen are still" in hana.heard()[-1]
    await moves.record_payment(mika, hana.request.id, hana.version, 100)
    case = await moves.answer(mika, hana.request.id, hana.version, "mail")
    assert case.ended and case.request.state is State.ANSWERED and case.steps == ()
    assert len(hana.heard()) == 5
    assert case.request.evidence.identity_by == mika.id
    assert [done.by.name for done in case.moves[2:]] == ["Mika"] * 5
    assert hana.audited() == ["request.move"] * 5
    assert desk.events(hana.ticket).count("request_moved") == 5
    assert any(h.data.get("event") == "request_moved" for h in desk.feed.heard)
    assert not any("Yamada" in text or "hana@" in text for text in hana.heard())


async def test_hana_is_told_in_japanese_if_that_is_her_language(desk, mika):
    hana = Hana(desk, locale="ja").verify_contact()
    await desk.casework.request_moves.receive_documents(mika, hana.request.id, hana.version)
    assert "本人確認" in hana.heard()[-1]


async def test_only_a_verified_address_is_written_to(desk, mika):
    stranger, known = Hana(desk), Hana(desk).verify_contact()
    for one in (stranger, known):
        await desk.casework.request_moves.receive_documents(mika, one.request.id, one.version)
    (mail,) = known.mails()
    assert (mail.to, mail.conversation) == ("hana@mail.example", known.ticket.conversation)
    assert known.heard()[-1] in mail.text and "/case/" in mail.text and "Yamada" not in mail.text


async def test_what_is_sent_twice_is_done_once(desk, hana, mika):
    version = hana.version
    await desk.casework.request_moves.record_payment(mika, hana.request.id, version, 300)
    with pytest.raises(RequestChanged):
        await desk.casework.request_moves.record_payment(mika, hana.request.id, version, 300)
    assert hana.read().evidence.paid == 300


async def test_of_two_who_record_the_same_payment_at_once_one_is_told(desk, hana, mika):
    rei, version = desk.person("Rei", companies=["coocom"]), hana.version
    tries = [desk.casework.request_moves.record_payment(who, hana.request.id, version, 300) for who in (mika, rei)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Case", "RequestChanged"]
    assert hana.read().evidence.paid == 300
    assert len(hana.heard()) == 1


async def test_a_request_goes_on_in_the_ticket_that_its_own_was_merged_into(desk, hana, mika):
    other = desk.ticket("The same matter.", "coocom", reason="request")
    await desk.casework.links.merge(mika, hana.ticket.id, other.id)
    case = await desk.casework.request_moves.receive_documents(mika, hana.request.id, hana.version)
    assert case.ticket.id == other.id
    assert "request_moved" in desk.events(other)


async def test_nothing_is_answered_before_identity_and_fee(desk, hana, mika):
    moves = desk.casework.request_moves
    with pytest.raises(MoveNotAllowed):
        await moves.answer(mika, hana.request.id, hana.version, "mail")
    await moves.verify_identity(mika, hana.request.id, hana.version, "post")
    with pytest.raises(MoveNotAllowed):
        await moves.answer(mika, hana.request.id, hana.version, "mail")


@pytest.mark.parametrize("amount", [0, -1, 10**9, True, "1100"])
async def test_a_payment_is_an_amount_in_yen(desk, hana, mika, amount):
    with pytest.raises(EvidenceMissing):
        await desk.casework.request_moves.record_payment(mika, hana.request.id, hana.version, amount)


async def test_identity_is_verified_and_answers_go_as_the_company_does_it(desk, hana, mika):
    moves = desk.casework.request_moves
    with pytest.raises(NotInProcedure):
        await moves.verify_identity(mika, hana.request.id, hana.version, "visit")
    with pytest.raises(NotInProcedure):
        await moves.refuse(mika, hana.request.id, hana.version, "no time", "We are busy.")
    with pytest.raises(EvidenceMissing):
        await moves.verify_identity(mika, hana.request.id, hana.version, "")
    for odd in ("submit", "expire", "verify_contact", "nothing"):
        with pytest.raises(MoveNotAllowed):
            await moves.move(mika, hana.request.id, odd, hana.version)


async def test_a_refusal_names_its_ground_and_its_explanation_is_sealed(desk, hana, mika, officer):
    moves = desk.casework.request_moves
    with pytest.raises(EvidenceMissing):
        await moves.refuse(mika, hana.request.id, hana.version, "fee_missing", "  ")
    await moves.refuse(mika, hana.request.id, hana.version, "fee_missing", "Nothing came in from Hana Yamada.")
    assert "the fee is short" in hana.heard()[-1] and "Yamada" not in hana.heard()[-1]
    fields = await desk.casework.request_records.read(officer, hana.request.id)
    assert fields["explanation"] == "Nothing came in from Hana Yamada."


async def test_who_may_only_look_moves_nothing(desk, hana, officer):
    assert (await desk.casework.requests.find(officer, hana.request.id)).steps == ()
    with pytest.raises(Forbidden):
        await desk.casework.request_moves.withdraw(officer, hana.request.id, hana.version)


async def test_the_clocks_stand_while_hana_has_the_ball(desk, hana, mika):
    moves = desk.casework.request_moves
    await moves.receive_documents(mika, hana.request.id, hana.version)
    await moves.reject_documents(mika, hana.request.id, hana.version)
    assert desk.read(hana.ticket).status == "waiting"
    assert "cannot be used" in hana.heard()[-1]
    await moves.receive_documents(mika, hana.request.id, hana.version)
    assert desk.read(hana.ticket).status == "open"


async def test_a_look_at_what_was_typed_is_recorded_once_an_hour(desk, hana, mika, clock):
    records = desk.casework.request_records
    for _ in range(3):
        assert (await records.read(mika, hana.request.id))["name"] == "Hana Yamada"
    assert hana.audited() == ["request.look"]
    clock.advance(hours=1)
    await records.read(mika, hana.request.id)
    assert hana.audited() == ["request.look"] * 2


async def test_a_legal_hold_is_set_and_lifted_by_the_privacy_officer(desk, hana, mika, officer):
    records = desk.casework.request_records
    with pytest.raises(Forbidden):
        await records.hold(mika, hana.request.id, "a lawsuit")
    with pytest.raises(NoReason):
        await records.hold(officer, hana.request.id, "  ")
    assert (await records.hold(officer, hana.request.id, "Lawsuit of Hana Yamada")).held
    assert await records.read_hold(officer, hana.request.id) == "Lawsuit of Hana Yamada"
    stored = desk.do(lambda db: db.execute(sa.select(requests.c.held_because)).scalar())
    assert b"Yamada" not in bytes(stored)
    assert not (await records.release(officer, hana.request.id)).held
    assert hana.audited() == ["request.hold", "request.release"]
    assert desk.events(hana.ticket)[-2:] == ["request_held", "request_released"]


async def test_the_officer_exports_the_case_whole(desk, hana, mika, officer):
    await desk.casework.request_moves.receive_documents(mika, hana.request.id, hana.version)
    await desk.casework.notes.add(mika, hana.ticket.id, "Looks right.", form="one")
    with pytest.raises(Forbidden):
        await desk.casework.request_records.export(mika, hana.request.id)
    whole = await desk.casework.request_records.export(officer, hana.request.id)
    assert whole["fields"] == {"name": "Hana Yamada", "email": "hana@mail.example"}
    assert [move["move"] for move in whole["moves"]] == ["submit", "verify_contact", "receive_documents"]
    assert whole["messages"][0]["text"] == "I want to see my data."
    assert whole["ticket"]["notes"][0]["text"] == "Looks right."
    assert json.loads(json.dumps(whole)) == whole
    assert hana.audited()[-1] == "request.export"


async def test_what_was_erased_is_said_to_be(desk, hana, mika, officer):
    desk.do(lambda db: desk.core.requests.erase(db, hana.request.id, "test", desk.clock()))
    case = await desk.casework.requests.find(mika, hana.request.id)
    assert case.erased and case.steps == ()
    for asked in (
        desk.casework.request_records.read(mika, hana.request.id),
        desk.casework.request_records.hold(officer, hana.request.id, "too late"),
        desk.casework.request_moves.refuse(mika, hana.request.id, hana.version, "fee_missing", "Nothing came."),
    ):
        with pytest.raises(RequestErased):
            await asked
    assert desk.do(lambda db: db.execute(sa.select(sa.func.count()).select_from(request_fields)).scalar()) == 0
