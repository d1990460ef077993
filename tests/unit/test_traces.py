"""The search for clear text finds what a customer typed, however a program has left it behind."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cleartext import in_base64, search
from benchmarks.traces import NUMBERS, needles
from bot.desk.masking import mask

ENGLISH = "Plimsoldery said: \"how much?\" & 'why'"
JAPANESE = "椋鳥谷譲太郎と申します。手数料はいくらですか。"
CARD = "4111 1111 1111 1111"

LEFT_BEHIND = {
    "as it is": lambda text: text.encode(),
    "in UTF-16, little end first": lambda text: text.encode("utf-16-le"),
    "in UTF-16, big end first": lambda text: text.encode("utf-16-be"),
    "in a JSON log line": lambda text: json.dumps({"event": "user", "text": text}).encode(),
    "in a JSON log line with its own letters": lambda text: json.dumps({"text": text}, ensure_ascii=False).encode(),
    "in JSON that was put into JSON": lambda text: json.dumps({"body": json.dumps({"text": text})}).encode(),
    "with every character escaped": lambda text: "".join(f"\\u{ord(c):04x}" for c in text).encode(),
    "in an address": lambda text: f"GET /ask?text={quote_plus(text)} HTTP/1.1".encode(),
    "in an address's path": lambda text: f"GET /ask/{quote(text, safe='')} HTTP/1.1".encode(),
    "in an address written small": lambda text: quote(text, safe="").lower().encode(),
    "in a log of bytes": lambda text: repr(f"say {text}!".encode()).encode(),
    "in base64": lambda text: base64.b64encode(text.encode()),
    "in base64 after one byte": lambda text: base64.b64encode(b"x" + text.encode()),
    "in base64 after two bytes": lambda text: base64.b64encode(b"xy" + text.encode() + b"z"),
    "in base64 for addresses": lambda text: base64.urlsafe_b64encode(b"?" + text.encode() + b"?"),
    "in base64 of UTF-16": lambda text: base64.b64encode(b"x" + text.encode("utf-16-le")),
    "in base64 of JSON": lambda text: base64.b64encode(json.dumps({"text": text}).encode()),
    "in base64 with line ends": lambda text: base64.encodebytes(b"a header of some length" + text.encode() * 3),
    "in hexadecimal": lambda text: text.encode().hex().encode(),
    "in small letters": lambda text: text.lower().encode(),
    "packed by gzip": lambda text: gzip.compress(b"before " + text.encode()),
    "packed by a gzip that was killed": lambda text: gzip.compress(text.encode() * 40)[:-6],
}


@pytest.mark.parametrize("text", [ENGLISH, JAPANESE, CARD])
@pytest.mark.parametrize("how", LEFT_BEHIND)
def test_what_a_customer_typed_is_found(tmp_path: Path, how: str, text: str) -> None:
    file = tmp_path / "left.behind"
    file.write_bytes(b"\x00\x01 something else\n" + LEFT_BEHIND[how](text) + b"\n\xff")
    if how.startswith("packed"):
        file.write_bytes(LEFT_BEHIND[how](text))
    assert [find.needle for find in search([file], [text])] == [text]


def test_a_sentence_in_an_archive_of_logs_is_found(tmp_path: Path) -> None:
    tar, zipped = tmp_path / "logs.tar.gz", tmp_path / "logs.zip"
    with tarfile.open(tar, "w:gz") as archive:
        member = tarfile.TarInfo("engine.log")
        member.size = len(ENGLISH)
        archive.addfile(member, io.BytesIO(ENGLISH.encode()))
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("engine.log", ENGLISH)
    assert {find.file for find in search([tar, zipped], [ENGLISH])} == {tar, zipped}


def test_a_sentence_that_is_only_in_a_databases_journal_is_found(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "desk.db")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE messages (text)")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("INSERT INTO messages VALUES (?)", (JAPANESE,))
    db.commit()
    assert {find.file.name for find in search(sorted(tmp_path.iterdir()), [JAPANESE])} == {"desk.db-wal"}
    db.close()


def test_a_deleted_row_that_the_database_did_not_overwrite_is_found(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "desk.db") as db:
        db.execute("PRAGMA secure_delete=OFF")
        db.execute("CREATE TABLE messages (text)")
        db.execute("INSERT INTO messages VALUES (?)", (ENGLISH,))
        db.commit()
        db.execute("DELETE FROM messages")
    assert search([tmp_path / "desk.db"], [ENGLISH])


def test_nothing_is_found_where_nobody_left_anything(tmp_path: Path) -> None:
    file = tmp_path / "engine.log"
    file.write_bytes(b"2026-11-21 WARNING engine.channel: an action could not be run\n" + bytes(range(256)) * 100)
    assert search([file], needles()) == []


@given(st.binary(max_size=7), st.text(min_size=3, max_size=40).map(str.encode), st.binary(max_size=7))
def test_base64_is_recognised_at_every_alignment(before: bytes, text: bytes, after: bytes) -> None:
    assert in_base64(text, len(before) % 3) in base64.b64encode(before + text + after)


@pytest.mark.parametrize(("sentence", "number"), NUMBERS)
def test_every_number_that_the_search_uses_is_one_that_is_masked(sentence: str, number: str) -> None:
    assert number not in mask(sentence.format(number)).text
