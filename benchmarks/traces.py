"""Searches everything that a run leaves on the disk for what customers typed.

    .venv/bin/python -m benchmarks.traces [--write]

Customers tell the product unmistakable things: in both languages, with card, My Number and insurance numbers, in
messages that are refused, in a chat that becomes a ticket and one that is forgotten, and while each part is killed with
-9. Then every file of the run (databases, their journals, logs, temporary files; not the model, which is older than any
customer) is searched for every sentence, every rare word and every number, in all forms that cleartext.py knows.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from .cleartext import Find, forms_of, search
from .customers import Customer, Lost, Progress, Step, Talk
from .load import Chat, ChatApi, connect
from .product import Product, stop_in_order
from .report import describe_code, describe_machine, make_table, today, wrap, write_section

#: What customers say. The rare words are in no policy, no training example and no code but this.
SENTENCES = [
    "Quilvenor Brabantine opened my letters, so how much does disclosure cost?",
    "My maiden name is Ottilwhistle. Which identity documents do you accept from somebody like me?",
    "Write to zephyrine.marmaduque@example.org or ring 090-5550-1734 and tell me how long you keep my data!",
    "/handoff my password is Gloxinia-Perpetua-77",
    "<b>Thrumblewick</b> & sons say: 'do you \"share\" my data?' \\ 100% sure?",
    "Plimsoldery told me that my illness, hereditary brontosis, is in your files; who else receives it?",
]
JAPANESE = [
    "椋鳥谷譲太郎と申します。手数料はいくらですか。",
    "私の病名は石榴性夢遊症です。振込手数料は誰が負担しますか？",
]
NUMBERS = [
    ("My card is {}, is it safe with you?", "4111 1111 1111 1111"),
    ("Is my card number {} stored?", "5500-0000-0000-0004"),
    ("My My Number is {}, do you need it?", "123456789018"),
    ("マイナンバーは{}です。必要ですか。", "１２３４ ５６７８ ９０１８"),
    ("My insurer's number is {}. Do I mask it?", "06139875"),
    ("保険証の記号番号は{}です。隠しますか。", "71340982"),
]
#: Ends with a person, so that these texts are kept with a ticket.
WITH_TICKET: list[Step] = [
    "Snorrabeth at your counter insulted me, I want to lodge a complaint.",
    {"press": 1},
    "Please let me talk to a human being about Snorrabeth.",
]
FORGOTTEN: list[Step] = ["My secret is Wexelbury Nocturne.", "How do I have Wexelbury Nocturne deleted from my file?"]
REFUSED = "Grimsel-Oxthwaite lives at 14 Farthingale Mews. "
RARE_WORDS = [
    "Quilvenor", "Brabantine", "Ottilwhistle", "zephyrine", "marmaduque", "5550-1734", "Gloxinia", "Thrumblewick",
    "Plimsoldery", "brontosis", "椋鳥谷", "譲太郎", "石榴性", "夢遊症", "Snorrabeth", "Wexelbury", "Nocturne",
    "Grimsel", "Oxthwaite", "Farthingale",
]  # fmt: skip

#: A file that is searched must hold this, or the search looked at the wrong files.
CONTROL = "jcom"


@dataclass
class Searched:
    """One search of everything on the disk."""

    when: str
    files: int
    size: int
    finds: list[Find]
    control: bool  #: the database was among the files, readable


@dataclass
class Run:
    """A run of the product, and what was searched when."""

    product: Product
    searched: list[Searched] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    messages: int = 0

    async def hold(self) -> None:
        """Everything that customers do, and a search after each."""
        async with connect() as session:
            customer = Customer(session, self.product.address, Progress())
            await self._talk(customer)
            await self._be_refused(customer)
            kept = await self._forget(customer)
            await self.search("while it runs")
            for part in ("action server", "engine", "gateway"):
                talking = [asyncio.create_task(self._talk(customer)) for _ in range(3)]
                await asyncio.sleep(0.3)
                await asyncio.to_thread(self.product.kill, part)
                await self.search(f"the {part} just killed")
                await asyncio.to_thread(self.product.wait_until_ready)
                await asyncio.gather(*talking)
            await customer.forget(kept)
            await self.search("all parts back, a second chat forgotten")
        self.messages = customer.progress.answers

    async def _talk(self, customer: Customer) -> None:
        """All that customers say and that is answered, a conversation for each kind."""
        numbers = [sentence.format(number) for sentence, number in NUMBERS]
        for company, locale, steps in (
            ("jcom", "en", SENTENCES),
            ("cloco", "ja", JAPANESE),
            ("jcom", "en", numbers),
            ("coocom", "en", WITH_TICKET),
        ):
            talk = Talk(0, company, locale=locale)
            await customer.talk(talk, list(steps))
            if talk.lost:
                raise Lost(talk.lost)
            if steps is numbers:
                shown = (await customer.history(talk.chat))["messages"]
                self.faults += [
                    f"a number is not masked in what the API shows: {number}"
                    for _, number in NUMBERS
                    if any(number in message["text"] for message in shown)
                ]
            if steps is WITH_TICKET and not talk.ticket:
                self.faults.append("no ticket was opened, so that its texts were not searched for")

    async def _be_refused(self, api: ChatApi) -> None:
        """Messages that are too long, no JSON, or sent with another's token: none is stored, none may be logged."""
        chat, other = await api.open("jcom"), await api.open("jcom")
        url, body = f"{api.address}/{chat.id}/messages", {"text": REFUSED, "client_message_id": "1"}
        calls = [
            {"json": {**body, "text": REFUSED * 100}, "headers": chat.headers},
            {"data": '{"text": "' + REFUSED, "headers": chat.headers},
            {"json": {**body, "payload": REFUSED}, "headers": chat.headers},
            {"json": {**body, "client_message_id": REFUSED * 9}, "headers": chat.headers},
            {"json": body, "headers": other.headers},
            {"json": body, "headers": {"Authorization": f"Bearer {REFUSED}"}},
        ]
        for call in calls:
            async with api.session.post(url, **call) as response:
                if not 400 <= response.status < 500:
                    self.faults.append(f"a message that is to be refused was answered {response.status}")

    async def _forget(self, customer: Customer) -> Chat:
        """Two chats; one is forgotten now, the other is given back."""
        talks = [Talk(0, "jcom"), Talk(0, "jcom")]
        for talk in talks:
            await customer.talk(talk, FORGOTTEN)
        await customer.forget(talks[0].chat)
        return talks[1].chat

    async def search(self, when: str) -> None:
        self.searched.append(await asyncio.to_thread(search_all, self.product.folder, when))
        print(f"{when}: {len(self.searched[-1].finds)} finds in {self.searched[-1].files} files", flush=True)


def needles() -> list[str]:
    """All that must not stand anywhere."""
    said = [step for step in WITH_TICKET + FORGOTTEN if isinstance(step, str)]
    numbers = [form for _, number in NUMBERS for form in (number, "".join(c for c in number if c.isdigit()))]
    return [*SENTENCES, *JAPANESE, *said, REFUSED, *RARE_WORDS, *dict.fromkeys(numbers)]


def search_all(folder: Path, when: str) -> Searched:
    """Search every file below the folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    databases = [path for path in files if path.name.startswith("desk.db")]
    size = sum(path.stat().st_size for path in files)
    return Searched(when, len(files), size, search(files, needles()), bool(search(databases, [CONTROL])))


def main() -> int:
    options = read_options()
    stop_in_order()
    folder = Path(tempfile.mkdtemp(prefix="desk-traces-"))
    (folder / "tmp").mkdir()
    product = Product(folder, TMPDIR=str(folder / "tmp"))
    run = Run(product)
    try:
        product.start()
        asyncio.run(run.hold())
        product.stop()
        run.searched.append(search_all(folder, "after it was stopped"))
    finally:
        product.stop()
        if options.keep:
            print(f"The run's files are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    run.faults += [f"{one.when}: the database was not among the files" for one in run.searched if not one.control]
    finds = [
        f"{one.when}: {find.needle!r} as {find.form} in {find.file.relative_to(folder)}"
        for one in run.searched
        for find in one.finds
    ]
    text = tell(run, finds)
    print(text)
    if options.write:
        write_section("traces", text)
    return 1 if finds or run.faults else 0


def tell(run: Run, finds: list[str]) -> str:
    """The section for the README."""
    wanted = needles()
    rows = [(one.when, one.files, f"{one.size / 1e6:.1f} MB", len(one.finds)) for one in run.searched]
    lines = [
        "## Traces of what customers type",
        "",
        wrap(
            f"`.venv/bin/python -m benchmarks.traces --write`, {today()}, {describe_code()}, {describe_machine()}. "
            f"{run.messages} messages answered; {len(wanted)} sentences, rare words and numbers, each searched for in up "
            f"to {max(len(forms_of(needle)) for needle in wanted)} forms (UTF-8, UTF-16, UTF-32, JSON escapes, "
            "percent-encoding, base64 at each alignment, hexadecimal, small and large letters), in the databases, their "
            "journals, the logs and the temporary files of the run. In every search, the database was among the files: "
            "the companies' keys, which may stand there, were found."
        ),
        "",
        make_table(["searched", "files", "size", "found"], rows),
        "",
    ]
    lines += [f"- **{fault}**" for fault in finds + run.faults] or ["Faults: none."]
    return "\n".join(lines)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traces", description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the run's files, to look at what was found")
    parser.add_argument("--write", action="store_true", help="write the section of README.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
