"""The judge of the console's benchmark sees what goes wrong, and its figures are what they are called."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.customers import Talk
from benchmarks.desk_live import Case, Heard, Survived, _judge
from benchmarks.desk_pages import Timed
from benchmarks.desk_report import Figures, requirements, tell
from benchmarks.desk_texts import Writer
from benchmarks.load import Chat


def message(sequence: int, sender: str, text: str = "") -> dict:
    return {"sequence": sequence, "sender": sender, "text": text}


class ToldCustomer:
    """Reads back what the test says."""

    def __init__(self, history: list[dict]):
        self.messages = history

    async def history(self, _: Chat) -> dict:
        return {"messages": self.messages}


class ToldConsole:
    def __init__(self, page: str):
        self.page = page

    async def show(self, _: str) -> str:
        return self.page


class Agent:
    id = "mika"


def human(said: int = 2) -> Talk:
    talk = Talk(0, "acorn", chat=Chat("abcdefgh12", "token", "acorn"))
    talk.said = [f"A question ({number} of abcdefgh)" for number in range(said)]
    talk.seen = list(range(1, said + 3))
    return talk


def history_of(talk: Talk) -> list[dict]:
    opening = [message(1, "customer", "a person, please"), message(2, "bot", "I have passed this on.")]
    return opening + [message(place + 3, "customer", text) for place, text in enumerate(talk.said)]


async def judge(talk: Talk, history: list[dict], page: str | None = None) -> Counter[str]:
    faults: Counter[str] = Counter()
    shown = "\n".join(talk.said) if page is None else page
    people, bots = ([talk], []) if talk.script == 0 else ([], [talk])
    cases = [Case(talk.chat, "ticket", "P8J-XVVD", Agent())] if people else []
    await _judge(ToldCustomer(history), {"mika": ToldConsole(shown)}, cases, people, bots, faults)
    return faults


async def test_a_chat_of_which_nothing_was_lost_has_no_fault():
    assert not await judge(human(), history_of(human()))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: float) -> None: ...

    monkeypatch.setattr("benchmarks.desk_live.asyncio.sleep", at_once)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda talk, history: history.pop(), "are not stored once each"),
        (lambda talk, history: history.append({**history[-1], "sequence": 5}), "are not stored once each"),
        (lambda talk, history: history.append(message(5, "bot", "Hello!")), "the bot spoke"),
        (lambda talk, history: talk.seen.pop(), "lost or doubled"),
        (lambda talk, history: talk.seen.append(4), "lost or doubled"),
    ],
)
async def test_what_was_lost_doubled_or_said_by_the_bot_is_seen(spoil, fault: str):
    talk = human()
    history = history_of(talk)
    spoil(talk, history)
    assert any(fault in one for one in await judge(talk, history))


@pytest.mark.parametrize(
    "page", ["", "(0 of abcdefgh)", "(1 of abcdefgh) (0 of abcdefgh)", "(0 of abcdefgh) (1 of abcdefgh) (1 of abcdefgh)"]
)
async def test_a_page_that_does_not_show_each_message_once_in_order_is_seen(page: str):
    assert any("ticket's page" in one for one in await judge(human(), history_of(human()), page))


@pytest.mark.parametrize("senders", [("customer",), ("customer", "bot", "bot"), ("customer", "customer", "bot")])
async def test_a_message_to_the_bot_without_its_one_answer_is_seen(senders: tuple[str, ...]):
    talk = Talk(1, "acorn", chat=Chat("abcdefgh12", "token", "acorn"))
    talk.said = ["fee?"]
    talk.seen = list(range(1, len(senders) + 1))
    history = [message(place, sender, "fee?" if sender == "customer" else "500 yen") for place, sender in enumerate(senders, 1)]
    assert any("not exactly one answer" in one for one in await judge(talk, history))


def pages(*medians: float) -> list[Timed]:
    return [Timed(f"{what}: one", [seconds, seconds]) for what, seconds in zip(("queue", "search", "ticket"), medians, strict=True)]


def test_a_page_that_is_too_slow_is_a_requirement_not_met():
    met = [good for _, good, _ in requirements(Figures("sqlite", pages(0.02, 0.2, 0.149)))]
    assert met == [True, False, True]


@pytest.mark.parametrize(("seconds", "shown", "good"), [(0.1, 100, True), (0.4, 100, False), (0.1, 99, False)])
def test_a_message_that_comes_late_or_never_is_a_requirement_not_met(seconds: float, shown: int, good: bool):
    live = Heard(200, 40, 100, 60.0, [seconds] * 100, [seconds] * shown)
    assert [met for _, met, _ in requirements(Figures("postgres", live=live))] == [good]


def test_one_fault_in_a_kill_is_a_requirement_not_met():
    kill = Survived(50, 500, 3, 4.0, 49, 5, [1.0] * 5, Counter({"lost: one": 1}))
    assert [met for _, met, _ in requirements(Figures("sqlite", kill=kill))] == [False]


def test_the_median_and_the_95th_percentile_are_these():
    timed = Timed("queue", [number / 1000 for number in range(1, 101)])
    assert (timed.median, timed.p95) == (pytest.approx(50.5), pytest.approx(96.0))


def test_the_section_tells_all_that_was_measured():
    class Options:
        tickets, messages, times = 100_000, 1_000_000, 40

    figures = [
        Figures(
            kind,
            pages(0.02, 0.03, 0.04),
            Heard(200, 40, 100, 60.0, [0.1] * 100, [0.2] * 100),
            Survived(50, 500, 3, 4.0, 50, 5, [1.0] * 5),
        )
        for kind in ("sqlite", "postgres")
    ]
    text = tell(figures, Options())
    assert text.count("| yes |") == 10
    assert "| queue: one | 20 | 20 | 20 | 20 |" in text
    assert "Faults: none." in text


def test_the_same_seed_writes_the_same_texts():
    for locale in ("en", "ja"):
        assert Writer(1).ask(locale) == Writer(1).ask(locale)
        assert "{" not in "".join(Writer(seed).reply(locale) for seed in range(50))
