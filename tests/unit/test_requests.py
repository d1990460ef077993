"""Where a request may go from where it stands, by whom, and on what evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.errors import DeskError, EvidenceMissing, MoveNotAllowed
from bot.desk.request import FINAL, MOVES, OPEN, Mover, Needs, Request, State, advance, allowed_moves

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
CUSTOMER, STAFF, SYSTEM = Mover.CUSTOMER, Mover.STAFF, Mover.SYSTEM

SHOWN = {
    "verify_identity": {"identity_by": "mika", "identity_how": "post"},
    "record_payment": {"amount": 1100},
    "answer": {"answer_method": "letter"},
    "refuse": {"ground": "identity_not_shown", "explanation": "The copy cannot be read."},
}


def ask(**needs) -> Request:
    """Hana's request for disclosure, with all that her company wants."""
    return Request("r1", "acorn", "disclosure", Needs(**{"fee": 1100, **needs}))


def walk(request: Request, *steps) -> Request:
    for number, step in enumerate(steps):
        name, mover, *shown = step if isinstance(step, tuple) else (step, STAFF)
        request = advance(request, name, mover, NOON + timedelta(minutes=number), shown[0] if shown else SHOWN.get(name))
    return request


def test_a_request_goes_by_every_gate_to_its_answer():
    request = ask()
    states = []
    for step in [("submit", CUSTOMER), ("verify_contact", CUSTOMER), ("receive_documents", CUSTOMER), "verify_identity",
                 "record_payment", "answer"]:
        request = walk(request, step)
        states.append(request.state)
    assert states == ["awaiting_contact", "awaiting_documents", "identity_check", "awaiting_payment", "in_progress", "answered"]
    assert request.version == 7


def test_a_letter_may_bring_documents_and_fee_before_the_contact_is_proved():
    request = walk(ask(), ("submit", CUSTOMER), "receive_documents", "record_payment", "verify_identity")
    assert request.state is State.AWAITING_CONTACT
    assert walk(request, "accept_contact").state is State.IN_PROGRESS


def test_what_no_procedure_asks_for_is_not_waited_for():
    request = walk(ask(contact=False, documents=False, identity=False, fee=0), ("submit", CUSTOMER))
    assert request.state is State.IN_PROGRESS


def test_too_little_money_is_kept_and_the_rest_waited_for():
    request = walk(ask(contact=False, identity=False), ("submit", CUSTOMER), ("record_payment", STAFF, {"amount": 1000}))
    assert (request.state, request.shortfall) == (State.AWAITING_PAYMENT, 100)
    request = walk(request, ("record_payment", STAFF, {"amount": 100}))
    assert (request.state, request.shortfall) == (State.IN_PROGRESS, 0)


def test_a_copy_that_cannot_be_read_is_asked_for_again():
    request = walk(ask(contact=False), ("submit", CUSTOMER), "receive_documents", "reject_documents")
    assert request.state is State.AWAITING_DOCUMENTS
    assert request.evidence.documents_at is None


@pytest.mark.parametrize("amount", [0, -500, None, "1100", 11.5])
def test_a_payment_is_a_whole_number_of_yen(amount):
    request = walk(ask(contact=False, identity=False), ("submit", CUSTOMER))
    with pytest.raises(EvidenceMissing, match="amount"):
        walk(request, ("record_payment", STAFF, {"amount": amount}))


@pytest.mark.parametrize(("move", "missing"), [(name, asked) for name, line in MOVES.items() for asked in line.asks])
def test_a_move_without_its_evidence_changes_nothing(move, missing):
    line = MOVES[move]
    source = State.IN_PROGRESS if State.IN_PROGRESS in line.sources else State.IDENTITY_CHECK
    request = Request("r1", "acorn", "disclosure", Needs(), state=source)
    shown = {name: value for name, value in SHOWN[move].items() if name != missing}
    with pytest.raises(EvidenceMissing, match=missing):
        advance(request, move, STAFF, NOON, shown)


def test_a_customer_may_withdraw_and_do_nothing_that_is_the_desks():
    request = walk(ask(), ("submit", CUSTOMER))
    assert {move.name for move in allowed_moves(request, CUSTOMER)} == {"verify_contact", "receive_documents", "withdraw"}
    for name in ("verify_identity", "record_payment", "answer", "refuse", "accept_contact", "expire"):
        with pytest.raises(MoveNotAllowed):
            advance(request, name, CUSTOMER, NOON, SHOWN.get(name))


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_follows_the_end(state):
    request = Request("r1", "acorn", "deletion", Needs(), state=state)
    assert [allowed_moves(request, mover) for mover in Mover] == [(), (), ()]


def test_every_state_can_be_reached_and_every_open_one_left():
    reached = {State.COLLECTING} | {target for move in MOVES.values() for target in move.targets}
    assert reached == set(State)
    assert all(any(state in move.sources for move in MOVES.values()) for state in OPEN)


steps = st.lists(
    st.tuples(
        st.sampled_from(sorted(MOVES)),
        st.sampled_from(list(Mover)),
        st.fixed_dictionaries(
            {},
            optional={
                "identity_by": st.just("mika"),
                "identity_how": st.sampled_from(["post", "upload", "hearsay"]),
                "amount": st.integers(-100, 2000),
                "answer_method": st.just("letter"),
                "ground": st.just("identity_not_shown"),
                "explanation": st.just("written"),
            },
        ),
    ),
    max_size=25,
)


wants = st.builds(
    Needs, contact=st.booleans(), documents=st.booleans(), identity=st.booleans(), fee=st.sampled_from([0, 1100])
)


@given(wants, steps)
def test_no_way_leads_to_an_answer_without_identity_and_the_whole_fee(needs, walked):
    request = Request("r1", "acorn", "disclosure", needs)
    for name, mover, shown in walked:
        before = request
        try:
            request = advance(request, name, mover, NOON, shown)
        except DeskError:
            assert request is before
            continue
        assert request.state in MOVES[name].targets | {before.state}
        if request.state in (State.IN_PROGRESS, State.ANSWERED):
            assert not needs.identity or request.evidence.identity_at
            assert not needs.contact or request.evidence.contact_at
            assert request.shortfall == 0
