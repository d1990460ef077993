"""Reads the knowledge files into a Library; every fault is named with its file and place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from pathlib import Path
from typing import Any

import yaml

from .company import WEEKDAYS, Company, Hours
from .document import Document, Quote, QuoteNotFound
from .errors import BrokenKnowledge
from .facts import Fact, Lead, Statement, Variant
from .library import LawNote, Library, Topic

HERE = Path(__file__).parent


def load_library(folder: Path = HERE) -> Library:
    """The library below `folder`; raises BrokenKnowledge."""
    topics = _topics(folder / "catalogue.yml")
    law = {
        key: LawNote(key, row["text"], row["source"], str(row["reviewed"]))
        for key, row in _read(folder / "law.yml").items()
    }
    files = sorted((folder / "companies").glob("*.yml"))
    companies = [_company(file, folder / "sources", set(law)) for file in files]
    return Library(
        {company.key: company for company in companies},
        topics,
        law,
        _read(folder / "wording.yml"),
        tuple(_read(folder / "follow_ups.yml")),
    )


def _read(file: Path) -> Any:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError as error:
        raise BrokenKnowledge(file.name, "", f"cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BrokenKnowledge(file.name, "", f"is not valid YAML in UTF-8: {error}") from None


def _topics(file: Path) -> dict[str, Topic]:
    found: dict[str, Topic] = {}
    for group, rows in _read(file)["groups"].items():
        for key, row in rows.items():
            if key in found:
                raise BrokenKnowledge(file.name, key, "stands twice")
            found[key] = Topic(key, group, row["title"], row["asked"], row["about"])
    return found


def _company(file: Path, sources: Path, law: set[str]) -> Company:
    data = _read(file)
    try:
        company, document = data["company"], data["document"]
        source = sources / document["source"]
        text = source.read_text(encoding="utf-8")
        policy = Document(
            text,
            title=document["title"],
            version=document.get("version") and str(document["version"]),
            headings=document.get("headings") or (),
            continues=document.get("continues") or (),
        )
        facts = _facts(file.name, data["facts"], policy, law)
        if company["key"] != file.stem:
            raise BrokenKnowledge(file.name, "company.key", f"must be {file.stem!r}, as the file is called")
        return Company(
            key=company["key"],
            name=company["name"],
            short=company["short"],
            aliases=tuple(company.get("aliases") or ()),
            desk=company["desk"],
            locales=tuple(company["locales"]),
            timezone=company["timezone"],
            origins=tuple(company.get("origins") or ()),
            colour=company["colour"],
            document=policy,
            hours=_hours(data.get("hours")),
            facts=facts,
            without_fact=tuple(_lines(row) for row in document.get("without_fact") or ()),
            requests=data.get("requests") or {},
        )
    except KeyError as error:
        raise BrokenKnowledge(file.name, "", f"the key {error} is missing") from None
    except OSError as error:
        raise BrokenKnowledge(file.name, "document.source", f"cannot be read ({error.strerror})") from None
    except (TypeError, AttributeError, ValueError) as error:
        raise BrokenKnowledge(file.name, "", f"has a value of the wrong form: {error}") from error


def _facts(file: str, rows: dict, policy: Document, law: set[str]) -> dict[str, Fact]:
    """Every topic's fact; one error names all that is wrong, so that it can be mended in one go."""
    facts, faults = {}, []
    for topic, row in rows.items():
        try:
            facts[topic] = _Reader(file, topic, policy, law).fact(row or {})
        except BrokenKnowledge as error:
            faults.append(f"{error.where}: {error.problem}")
        except (KeyError, TypeError, AttributeError) as error:
            faults.append(f"facts.{topic}: has the wrong form ({type(error).__name__}: {error})")
    if faults:
        raise BrokenKnowledge(file, "", "\n  ".join(["does not hold:", *faults]))
    return facts


def _lines(row: dict) -> tuple[int, int, str]:
    first, _, last = str(row["lines"]).partition("-")
    return int(first), int(last or first), row["reason"]


def _hours(row: dict | None) -> Hours | None:
    if not row:
        return None
    return Hours(
        frozenset(WEEKDAYS.index(day) for day in row["days"]),
        time.fromisoformat(row["opens"]),
        time.fromisoformat(row["closes"]),
        row["holidays"],
        row["quote"],
    )


class _Reader:
    """Reads one topic's entry of a facts file."""

    KEYS = frozenset("answer quotes values derived leads law phone related not_stated variants when asked".split())
    SILENT_KEYS = frozenset("searched explained answer quotes values derived leads law phone related".split())

    def __init__(self, file: str, topic: str, document: Document, law: set[str]):
        self.file, self.topic, self.document, self.law = file, topic, document, law

    def broken(self, problem: str) -> BrokenKnowledge:
        return BrokenKnowledge(self.file, f"facts.{self.topic}", problem)

    def fact(self, row: dict) -> Fact:
        variants = tuple(
            Variant(
                self.statement(item),
                {entity: frozenset(_list(values)) for entity, values in (item.get("when") or {}).items()},
                self.patterns(item.get("asked")),
            )
            for item in row.get("variants") or ()
        )
        return Fact(self.topic, self.statement(row), variants)

    def statement(self, row: dict) -> Statement:
        silent = row.get("not_stated")
        if unknown := set(row) - self.KEYS:
            raise self.broken(f"has unknown keys: {', '.join(sorted(map(str, unknown)))}")
        if silent is not None:
            if unknown := set(silent) - self.SILENT_KEYS:
                raise self.broken(f"not_stated has unknown keys: {', '.join(sorted(map(str, unknown)))}")
            row = {**{k: row[k] for k in ("leads", "law", "phone", "related") if k in row}, **silent}
        elif not row.get("answer") or not row.get("quotes"):
            raise self.broken("needs an answer with quotes, or not_stated")
        laws = tuple(row.get("law") or ())
        if unknown := set(laws) - self.law:
            raise self.broken(f"names notes that law.yml does not have: {', '.join(sorted(unknown))}")
        return Statement(
            stated=silent is None,
            answer=row.get("answer") or {},
            quotes=tuple(self.quote(item) for item in row.get("quotes") or ()),
            values={name: str(value) for name, value in (row.get("values") or {}).items()},
            derived={n: (str(d["value"]), str(d["from"])) for n, d in (row.get("derived") or {}).items()},
            leads=tuple(Lead(item["say"], self.patterns(item.get("asked"))) for item in row.get("leads") or ()),
            law=laws,
            phone=bool(row.get("phone")),
            related=tuple(row.get("related") or ()),
            searched=tuple(map(str, row.get("searched") or ())),
            explained={str(k): str(v) for k, v in (row.get("explained") or {}).items()},
        )

    def quote(self, item: str | dict) -> Quote:
        try:
            if isinstance(item, str):
                return self.document.locate(item)
            return self.document.locate(item["text"], item.get("occurrence", 1))
        except QuoteNotFound as error:
            raise self.broken(f"a quote {error}") from None

    def patterns(self, row: dict | str | None) -> dict[str, re.Pattern[str]]:
        if isinstance(row, str):
            row = {"en": row}
        try:
            return {locale: re.compile(pattern, re.I) for locale, pattern in (row or {}).items()}
        except re.error as error:
            raise self.broken(f"a pattern is no regular expression: {error}") from None


def _list(values: Any) -> Iterable[str]:
    return values if isinstance(values, list) else [values]
