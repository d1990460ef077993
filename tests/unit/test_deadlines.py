"""Until when a ticket is to be answered and settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.deadlines import DEFAULTS, USUAL, Allowance, Clockwork, allowance_for
from bot.desk.staffing import StaffingPlan, is_staffed, staffed_between
from bot.desk.ticket import PRIORITIES, Ticket, priority_of

TOKYO = ZoneInfo("Asia/Tokyo")
HOUR = timedelta(hours=1)
#: Working days from nine to six.
PLAN = StaffingPlan()
USUALLY = Clockwork(PLAN, USUAL)
TUESDAY_NOON = datetime(2026, 11, 24, 12, 0, tzinfo=TOKYO)


def ticket(opened_at: datetime = TUESDAY_NOON, reason: str = "asked", **fields) -> Ticket:
    return Ticket(
        id="t",
        reference="ABC-DEF2",
        company="jcom",
        conversation="c",
        reason=reason,
        priority=fields.pop("priority", priority_of(reason)),
        status="open",
        language="en",
        channel="web",
        opened_at=opened_at,
        updated_at=opened_at,
        **fields,
    )


def begun(clockwork: Clockwork = USUALLY, opened_at: datetime = TUESDAY_NOON, **fields) -> Ticket:
    return clockwork.begin(ticket(opened_at, **fields), opened_at)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
lengths = st.integers(0, 20 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))


def test_a_ticket_has_eight_hours_for_a_reply_and_five_days_to_be_settled():
    one = begun()
    assert one.reply_due_at == datetime(2026, 11, 25, 11, 0, tzinfo=TOKYO)
    assert one.resolve_due_at == datetime(2026, 12, 1, 12, 0, tzinfo=TOKYO)
    assert one.due_at == one.reply_due_at
    assert one.alarm_at == one.due_at - HOUR


@pytest.mark.parametrize(("reason", "reply"), [("leak", HOUR / 2), ("complaint", 4 * HOUR), ("unanswered", 8 * HOUR)])
def test_each_kind_has_a_clock_of_its_own(reason, reply):
    one = ticket(reason=reason)
    assert allowance_for(one, {}).reply == reply
    assert allowance_for(one, {reason: Allowance(HOUR, None, HOUR / 4)}) == Allowance(HOUR, None, HOUR / 4)


def test_an_urgent_ticket_has_no_more_time_than_a_reported_leak():
    urgent = ticket(priority=PRIORITIES.index("urgent"))
    assert allowance_for(urgent, {}).reply == DEFAULTS["leak"].reply
    assert allowance_for(urgent, {"asked": Allowance(HOUR / 6, None, HOUR / 12)}).reply == HOUR / 6


def test_what_is_due_after_the_reply_is_that_it_is_settled():
    one = USUALLY.answered(begun(), TUESDAY_NOON + HOUR)
    assert (one.reply_due_at, one.due_at) == (None, one.resolve_due_at)
    assert one.alarm_at == one.resolve_due_at - HOUR
    assert USUALLY.answered(one, TUESDAY_NOON + 2 * HOUR) == one


def test_nothing_is_due_while_the_customer_has_the_ball():
    one = USUALLY.pause(begun(), TUESDAY_NOON + HOUR)
    assert (one.status, one.due_at, one.alarm_at) == ("waiting", None, None)
    assert USUALLY.pause(one, TUESDAY_NOON + 2 * HOUR) == one


@given(moments, lengths, lengths)
def test_after_a_pause_there_is_as_much_time_left_as_before(opened_at, worked, paused):
    one = begun(opened_at=opened_at)
    stopped, resumed = opened_at + worked, opened_at + worked + paused
    again = USUALLY.resume(USUALLY.pause(one, stopped), resumed)
    assert again.status == "open"
    for before, after in ((one.reply_due_at, again.reply_due_at), (one.resolve_due_at, again.resolve_due_at)):
        if before <= stopped:
            assert after == before, "what was late is late"
        else:
            assert staffed_between(PLAN, resumed, after) == staffed_between(PLAN, stopped, before)


@given(moments, lengths, lengths, st.sampled_from(["leak", "complaint", "request"]))
def test_another_kind_counts_from_the_same_beginning_without_the_pauses(opened_at, worked, paused, reason):
    one = USUALLY.resume(USUALLY.pause(begun(opened_at=opened_at), opened_at + worked), opened_at + worked + paused)
    pause = staffed_between(PLAN, opened_at + worked, opened_at + worked + paused)
    other = Clockwork(PLAN, DEFAULTS.get(reason, USUAL))
    again = other.recount(replace(one, reason=reason), opened_at + worked + paused)
    assert staffed_between(PLAN, opened_at, again.reply_due_at) == other.allowed.reply + pause
    assert staffed_between(PLAN, opened_at, again.resolve_due_at) == other.allowed.resolve + pause


@given(moments)
def test_a_date_and_its_warning_are_within_the_hours_of_the_desk(opened_at):
    one = begun(opened_at=opened_at)
    for moment in (one.reply_due_at, one.resolve_due_at):
        assert is_staffed(PLAN, moment - timedelta(seconds=1))
    assert is_staffed(PLAN, one.alarm_at)
    assert staffed_between(PLAN, one.alarm_at, one.due_at) == USUAL.warn


def test_a_date_that_staff_set_goes_before_the_clocks_and_holds_while_the_customer_has_the_ball():
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=TOKYO)
    one = USUALLY.set_due(begun(), friday, TUESDAY_NOON)
    assert (one.due_at, one.due_set, one.alarm_at) == (friday, True, friday - HOUR)
    paused = USUALLY.pause(one, TUESDAY_NOON + HOUR)
    assert paused.due_at == friday
    assert USUALLY.resume(paused, TUESDAY_NOON + 2 * HOUR).due_at == friday
    assert USUALLY.recount(replace(one, reason="leak"), TUESDAY_NOON).due_at == friday
    back = USUALLY.set_due(one, None, TUESDAY_NOON)
    assert (back.due_at, back.due_set) == (back.reply_due_at, False)


def test_the_desk_is_told_once_of_each_date():
    one = begun()
    warned = USUALLY.warned(one, one.alarm_at)
    assert warned.alarm_at == one.due_at
    late = USUALLY.escalated(warned, one.due_at)
    assert (late.alarm_at, late.priority) == (None, one.priority + 1)
    paused = USUALLY.pause(late, one.due_at + HOUR)
    assert USUALLY.resume(paused, one.due_at + 2 * HOUR).alarm_at is None, "it was told of this date already"
    answered = USUALLY.answered(late, one.due_at + HOUR)
    assert answered.alarm_at == one.resolve_due_at - HOUR, "a new date is told of anew"


def test_a_lower_priority_given_to_what_is_late_is_not_raised_again():
    one = begun()
    late = USUALLY.escalated(one, one.due_at + HOUR)
    calmed = USUALLY.recount(replace(late, priority=0), one.due_at + 2 * HOUR)
    assert (calmed.priority, calmed.alarm_at) == (0, None)


def test_the_highest_priority_rises_no_further():
    one = begun(reason="leak")
    assert USUALLY.escalated(one, one.due_at).priority == PRIORITIES.index("urgent")


def test_nothing_is_due_of_a_closed_ticket_and_all_begins_anew_when_it_is_reopened():
    one = begun()
    closed = USUALLY.close(USUALLY.set_due(one, one.due_at + HOUR, TUESDAY_NOON), TUESDAY_NOON + HOUR)
    assert (closed.status, closed.due_at, closed.alarm_at, closed.due_set) == ("closed", None, None, False)
    friday = datetime(2026, 11, 27, 9, 0, tzinfo=TOKYO)
    again = USUALLY.begin(replace(closed, status="open"), friday)
    assert again.due_at == friday + 8 * HOUR


def test_a_kind_without_clocks_is_never_due():
    none = Clockwork(PLAN, Allowance(None, None, HOUR))
    assert (begun(none).due_at, begun(none).alarm_at) == (None, None)


def test_a_desk_that_is_never_there_makes_nothing_late():
    never = Clockwork(StaffingPlan(week=((),) * 7), USUAL)
    one = begun(never)
    assert (one.due_at, one.alarm_at) == (None, None)
    assert never.resume(never.pause(one, TUESDAY_NOON), TUESDAY_NOON + HOUR).due_at is None


def test_a_ticket_that_is_closed_while_the_customer_has_the_ball_has_that_pause_counted():
    opened = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    clockwork = Clockwork(StaffingPlan(week=(((0, 1440),),) * 7, closed_on_holidays=False), USUAL)
    ticket = Ticket("t", "r", "jcom", "c", "asked", 1, "open", "en", "web", opened, opened)
    waiting = clockwork.pause(clockwork.begin(ticket, opened), opened + timedelta(hours=1))
    closed = clockwork.close(waiting, opened + timedelta(hours=3))
    assert (closed.paused_at, closed.paused_seconds) == (None, 2 * 3600)
