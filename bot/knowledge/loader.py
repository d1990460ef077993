"""Reads the knowledge files into a Library; every fault is named with its file and place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import available_timezones

import yaml

from .company import WEEKDAYS, Company, Hours
from .document import Document, Quote, QuoteNotFound
from .errors import BrokenKnowledge
from .facts import Fact, Lead, Statement, Variant
from .library import LawNote, Library, Topic
from .procedure import VOCABULARY, ProcedureTerms, read_procedure

HERE = Path(__file__).parent
T = TypeVar("T", dict, list)


def load_library(folder: Path = HERE) -> Library:
    """The library below `folder`; raises BrokenKnowledge."""
    topics = _topics(folder / "catalogue.yml")
    law = _law(folder / "law.yml")
    files = sorted((folder / "companies").glob("*.yml"))
    if not files:
        raise BrokenKnowledge("companies", "", f"there is no facts file in {folder / 'companies'}")
    terms = _terms(folder / "procedures.yml")
    companies = [_company(file, folder / "sources", set(law), terms) for file in files]
    return Library(
        {company.key: company for company in companies},
        topics,
        law,
        _read(folder / "wording.yml", dict),
        tuple(_read(folder / "follow_ups.yml", list)),
        terms,
        _read(folder / "paper.yml", dict),
    )


def _read(file: Path, kind: type[T]) -> T:
    try:
        text = file.read_text(encoding="utf-8")
        data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError as error:
        raise BrokenKnowledge(file.name, "", f"cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BrokenKnowledge(file.name, "", f"is not valid YAML in UTF-8: {error}") from None
    return _as(kind, kind() if data is None else data, file.name, "")


def _as(kind: type[T], value: Any, file: str, where: str) -> T:
    if not isinstance(value, kind):
        wanted = {dict: "keys with values", list: "a list"}[kind]
        raise BrokenKnowledge(file, where, f"must be {wanted}, and is {str(value)[:60]!r}")
    return value


@contextmanager
def _reading(file: str, where: str) -> Iterator[None]:
    """Names the place of whatever has not the form that it should have."""
    try:
        yield
    except KeyError as error:
        raise BrokenKnowledge(file, where, f"the key {error} is missing") from None
    except (TypeError, AttributeError, ValueError) as error:
        raise BrokenKnowledge(file, where, f"has a value of the wrong form: {error}") from None


def _topics(file: Path) -> dict[str, Topic]:
    found: dict[str, Topic] = {}
    with _reading(file.name, "groups"):
        groups = _as(dict, _read(file, dict)["groups"], file.name, "groups")
    for group, rows in groups.items():
        for key, row in _as(dict, rows, file.name, group).items():
            if key in found:
                raise BrokenKnowledge(file.name, key, "stands twice")
            with _reading(file.name, key):
                found[key] = Topic(key, group, row["title"], row["asked"], row["about"])
    return found


def _law(file: Path) -> dict[str, LawNote]:
    notes = {}
    for key, row in _read(file, dict).items():
        with _reading(file.name, key):
            notes[key] = LawNote(key, row["text"], row["source"], str(row["reviewed"]))
    return notes


def _terms(file: Path) -> ProcedureTerms:
    data = _read(file, dict)
    with _reading(file.name, "words"):
        words = {name: _as(dict, data["words"][name], file.name, f"words.{name}") for name in VOCABULARY}
        return ProcedureTerms(words, _as(dict, data["defaults"], file.name, "defaults"))


def _company(file: Path, sources: Path, law: set[str], terms: ProcedureTerms) -> Company:
    data = _read(file, dict)
    with _reading(file.name, ""):
        parts = {name: _as(dict, data[name], file.name, name) for name in ("company", "document", "facts")}
    company, document = parts["company"], parts["document"]
    policy = _document(file.name, document, sources)
    if company.get("key") != file.stem:
        raise BrokenKnowledge(file.name, "company.key", f"must be {file.stem!r}, as the file is called")
    if company.get("timezone") not in available_timezones():
        raise BrokenKnowledge(file.name, "company.timezone", f"{company.get('timezone')!r} is no time zone")
    with _reading(file.name, "document.without_fact"):
        without_fact = tuple(_lines(row) for row in document.get("without_fact") or ())
    facts, requests = _facts(file.name, parts["facts"], policy, law), data.get("requests") or {}
    with _reading(file.name, "procedure"):
        procedure = read_procedure(_as(dict, data.get("procedure") or {}, file.name, "procedure"), facts, requests, terms)
    with _reading(file.name, "company"):
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
            hours=_hours(file.name, data.get("hours")),
            facts=facts,
            without_fact=without_fact,
            requests=requests,
            procedure=procedure,
        )


def _document(file: str, row: dict, sources: Path) -> Document:
    with _reading(file, "document.source"):
        try:
            text = (sources / row["source"]).read_text(encoding="utf-8")
        except OSError as error:
            raise BrokenKnowledge(file, "document.source", f"cannot be read ({error.strerror})") from None
    last = text.count("\n") + 1
    for name in ("headings", "continues"):
        for line in _as(list, row.get(name) or [], file, f"document.{name}"):
            if not isinstance(line, int) or not 0 < line <= last:
                raise BrokenKnowledge(file, f"document.{name}", f"{line!r} is no line of the source, which has {last}")
    with _reading(file, "document"):
        return Document(
            text,
            title=row["title"],
            version=row.get("version") and str(row["version"]),
            headings=row.get("headings") or (),
            continues=row.get("continues") or (),
        )


def _facts(file: str, rows: dict, policy: Document, law: set[str]) -> dict[str, Fact]:
    """Every topic's fact; one error names all that is wrong, so that it can be mended in one go."""
    facts, faults = {}, []
    for topic, row in rows.items():
        try:
            with _reading(file, f"facts.{topic}"):
                facts[topic] = _Reader(file, topic, policy, law).fact(_as(dict, row or {}, file, f"facts.{topic}"))
        except BrokenKnowledge as error:
            faults.append(f"{error.where}: {error.problem}")
    if faults:
        raise BrokenKnowledge(file, "", "\n  ".join(["does not hold:", *faults]))
    return facts


def _lines(row: dict) -> tuple[int, int, str]:
    first, _, last = str(row["lines"]).partition("-")
    return int(first), int(last or first), row["reason"]


def _hours(file: str, row: Any) -> Hours | None:
    if not row:
        return None
    row = _as(dict, row, file, "hours")
    with _reading(file, "hours"):
        for day in row["days"]:
            if day not in WEEKDAYS:
                raise ValueError(f"{day!r} is none of {', '.join(WEEKDAYS)}")
        for name in ("opens", "closes"):
            if not re.fullmatch(r"\d\d:\d\d", str(row[name])):
                raise ValueError(f"{name} is {row[name]!r}, and must be written as \"10:00\", in quotes")
        if row["opens"] >= row["closes"]:
            raise ValueError(f"it opens at {row['opens']}, which is not before it closes at {row['closes']}")
        if row["holidays"] not in ("open", "closed", "unknown"):
            raise ValueError(f"holidays is {row['holidays']!r}, and must be open, closed or unknown")
        return Hours(
            frozenset(WEEKDAYS.index(day) for day in row["days"]),
            time.fromisoformat(row["opens"]),
            time.fromisoformat(row["closes"]),
            row["holidays"],
            row["quote"],
        )


class _Reader:
    """Reads one topic's entry of a facts file."""

    SAID_KEYS = frozenset(["answer", "quotes", "values", "derived", "leads", "law", "phone", "related"])
    SILENT_KEYS = SAID_KEYS | {"searched", "explained"}
    KEYS = SAID_KEYS | {"not_stated", "variants", "when", "asked"}

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
            silent = _as(dict, silent, self.file, f"facts.{self.topic}.not_stated")
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
