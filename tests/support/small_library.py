"""A library of one small company in a folder, whole and sound until a test breaks something in it."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge import loader
from bot.knowledge.library import Library

SOURCE = """\
Privacy of Acorn

1. Fees
A disclosure costs 300 yen (including tax) for each request.
Please pay by bank transfer.

2. Contact
Acorn desk, telephone 03-1234-5678 (Tuesday to Thursday: 9:30 to 16:00).
We never sell personal information;
not even to our friends.
"""

COMPANY: dict[str, Any] = {
    "company": {
        "key": "acorn",
        "name": "Acorn Co., Ltd.",
        "short": {"en": "Acorn", "ja": "エイコーン"},
        "aliases": ["acorn"],
        "desk": {"en": "the Acorn desk", "ja": "エイコーン窓口"},
        "locales": ["en", "ja"],
        "timezone": "Asia/Tokyo",
        "origins": ["https://acorn.example"],
        "colour": "#0b5fa5",
    },
    "document": {
        "source": "acorn.txt",
        "title": {"en": "Privacy of Acorn"},
        "version": "2024-04-01",
        "headings": [3, 7],
        "continues": [10],
        "without_fact": [{"lines": "1", "reason": "the page's title"}],
    },
    "requests": {"disclosure": {"en": "disclosure"}},
    "hours": {
        "days": ["tue", "wed", "thu"],
        "opens": "09:30",
        "closes": "16:00",
        "holidays": "unknown",
        "quote": "(Tuesday to Thursday: 9:30 to 16:00)",
    },
    "facts": {
        "fee_amount": {
            "answer": {
                "en": "Acorn charges 300 yen with tax for each disclosure; two cost 600 yen.",
                "ja": "開示の手数料は1件につき300円（税込）、2件で600円です。",
            },
            "values": {"amount": "300 yen"},
            "derived": {"two": {"value": "600 yen for 2, 1 for 1", "from": "300 yen for each of two"}},
            "quotes": ["A disclosure costs 300 yen (including tax) for each request."],
            "leads": [{"asked": {"en": "free"}, "say": {"en": "No.", "ja": "いいえ。"}}, {"say": {"en": "Yes."}}],
            "law": ["free_corrections"],
            "related": ["phone"],
            "variants": [
                {
                    "when": {"right": ["correction"]},
                    "not_stated": {"searched": ["correction"], "answer": {"en": "Nothing.", "ja": "なし。"}},
                },
            ],
        },
        "phone": {
            "answer": {"en": "Call 03-1234-5678."},
            "quotes": ["Acorn desk, telephone 03-1234-5678 (Tuesday to Thursday: 9:30 to 16:00)."],
            "phone": True,
        },
        "payment": {"answer": {"en": "By bank transfer."}, "quotes": ["Please pay by bank transfer."]},
        "sale": {
            "answer": {"en": "No, it sells nothing."},
            "quotes": ["We never sell personal information;\nnot even to our friends."],
        },
        "fax": {"not_stated": {"searched": ["fax", "telephone"], "explained": {"telephone": "the desk's number"}}},
    },
}

CATALOGUE = {
    "groups": {
        "fees": {
            "fee_amount": {"title": {"en": "Fee"}, "asked": {"en": "a fee", "ja": "手数料"}, "about": "-"},
        },
        "contact": {
            "phone": {"title": {"en": "Telephone"}, "asked": {"en": "a telephone number"}, "about": "-"},
            "payment": {"title": {"en": "Paying"}, "asked": {"en": "how to pay"}, "about": "-"},
            "fax": {"title": {"en": "Fax"}, "asked": {"en": "a fax number"}, "about": "-"},
            "sale": {"title": {"en": "Sale"}, "asked": {"en": "whether data are sold"}, "about": "-"},
        },
    }
}

LAW = {
    "free_corrections": {
        "text": {"en": "This is the law, not the policy: corrections are free.", "ja": "これは法律の定めです。"},
        "source": "an act",
        "reviewed": "2026-01-01",
    }
}


def write_library(folder: Path, change: Callable[[dict[str, Any]], object] = lambda company: None) -> Path:
    """Writes the library below `folder`, the company changed as the test wants it."""
    for name in ("companies", "sources"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    company = copy.deepcopy(COMPANY)
    change(company)
    _write(folder / "companies" / "acorn.yml", company)
    (folder / "sources" / "acorn.txt").write_text(SOURCE, encoding="utf-8")
    _write(folder / "catalogue.yml", CATALOGUE)
    _write(folder / "law.yml", LAW)
    for name in ("wording.yml", "follow_ups.yml", "procedures.yml", "paper.yml"):
        shutil.copy(loader.HERE / name, folder / name)
    return folder


def small_library(folder: Path, change: Callable[[dict[str, Any]], object] = lambda company: None) -> Library:
    """The library that was written."""
    return loader.load_library(write_library(folder, change))


def _write(file: Path, data: Any) -> None:
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
