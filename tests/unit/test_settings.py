"""An operator who mistypes a setting is told which one, what it was, and what it may be."""

from __future__ import annotations

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.settings import BadSetting, Settings, read_secret, read_settings
from bot.supervisor.run import engine_env, make_parts

DOCUMENT = Path(__file__).parents[2] / "docs" / "operators.md"


def test_without_any_setting_everything_stays_on_this_machine():
    settings = read_settings({})
    assert settings == Settings()
    assert settings.host == "127.0.0.1"
    assert settings.database.startswith("sqlite:///")
    assert settings.engine == "http://127.0.0.1:5005"
    assert settings.actions == "http://127.0.0.1:5055"
    assert settings.address == "http://127.0.0.1:8080"
    assert settings.models == Path("var/models")


@pytest.mark.parametrize("spec", fields(Settings), ids=lambda spec: spec.metadata["name"])
def test_every_setting_has_a_row_in_the_operators_document(spec):
    name = spec.metadata["name"]
    assert f"| `{name}` |" in DOCUMENT.read_text(encoding="utf-8"), f"docs/operators.md says nothing of {name}"
    assert spec.metadata["about"].endswith(".")


@pytest.mark.parametrize("spec", fields(Settings), ids=lambda spec: spec.metadata["name"])
def test_an_empty_setting_is_as_good_as_none(spec):
    assert read_settings({spec.metadata["name"]: "  "}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("DESK_PORT", " 9000 ", "port", 9000),
        ("DESK_ENCODER", "No", "encoder", False),
        ("DESK_ENCODER", "true", "encoder", True),
        ("DESK_PATIENCE", "2.5", "patience", 2.5),
        ("DESK_DATA_DIR", "/srv/desk", "data_dir", Path("/srv/desk")),
        ("DESK_PUBLIC_URL", "https://desk.example/", "address", "https://desk.example"),
        ("DESK_ENGINE_URL", "http://engine:5005", "engine", "http://engine:5005"),
        ("DESK_MODELS_DIR", "/srv/models", "models", Path("/srv/models")),
        ("DESK_DATABASE_URL", "postgresql://desk:p@db/desk", "database", "postgresql+psycopg://desk:p@db/desk"),
        ("DESK_DATABASE_URL", "postgres://desk@db/desk", "database", "postgresql+psycopg://desk@db/desk"),
    ],
)
def test_a_setting_is_read_as_it_is_meant(name, text, field, value):
    assert getattr(read_settings({name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DESK_PORT", "eighty"),
        ("DESK_PORT", "0"),
        ("DESK_PORT", "65536"),
        ("DESK_PORT", "-1"),
        ("DESK_PORT", "80.5"),
        ("DESK_ENCODER", "maybe"),
        ("DESK_PATIENCE", "soon"),
        ("DESK_PATIENCE", "-1"),
        ("DESK_PATIENCE", "0"),
        ("DESK_PATIENCE", "nan"),
        ("DESK_PATIENCE", "inf"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_it_may_be(name, text):
    with pytest.raises(BadSetting, match=rf"^{name} is '{text}', but must be .+\.$"):
        read_settings({name: text})


@pytest.mark.parametrize("address", ["mysql://x/y", "desk.db", "sqlite:///x.db", "postgresql:x"])
def test_a_database_that_is_none_of_ours_is_refused(address):
    with pytest.raises(BadSetting, match="DESK_DATABASE_URL must begin with postgresql://"):
        _ = read_settings({"DESK_DATABASE_URL": address}).database


# The secret ------------------------------------------------------------------------------------------------------


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    settings = Settings(data_dir=tmp_path / "new" / "folder")
    secret = read_secret(settings)
    assert len(secret) == 32
    assert read_secret(settings) == secret
    file = settings.data_dir / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret.key"]
    assert read_secret(Settings(data_dir=tmp_path / "other")) != secret


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path):
    settings = Settings(data_dir=tmp_path)
    with ThreadPoolExecutor(8) as threads:
        secrets = list(threads.map(lambda _: read_secret(settings), range(8)))
    assert len(set(secrets)) == 1


def test_a_given_secret_is_used_and_none_is_written(tmp_path):
    key = bytes(range(32))
    settings = Settings(data_dir=tmp_path, secret_key=base64.b64encode(key).decode())
    assert read_secret(settings) == key
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "key", ["short", "c2hvcnQ=", "not base64 at all!", "ü" * 44, base64.b64encode(bytes(31)).decode()]
)
def test_a_weak_or_mistyped_secret_is_refused(tmp_path, key):
    with pytest.raises(BadSetting, match="DESK_SECRET_KEY must be at least 32 bytes in base64"):
        read_secret(Settings(data_dir=tmp_path, secret_key=key))


@pytest.mark.parametrize("content", [b"", b"c2hvcnQ=", b"\xff\xfe", b"not base64!"])
def test_a_damaged_key_file_is_named_and_never_used(tmp_path, content):
    """With an empty key everything could be read by anybody; with another one nothing by us."""
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(BadSetting, match=r"secret\.key"):
        read_secret(Settings(data_dir=tmp_path))


# Mail ------------------------------------------------------------------------------------------------------------

SENDER = {"DESK_MAIL_FROM": "desk@example.jp"}


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"DESK_SMTP_HOST": "mail.example"}, "DESK_MAIL_FROM must be set"),
        ({"DESK_SMTP_SECURITY": "ssl"}, "DESK_SMTP_SECURITY is 'ssl', but must be starttls, tls or none"),
        ({"DESK_MAIL_FROM": "nobody"}, "DESK_MAIL_FROM must be an address"),
        ({"DESK_MAIL_FROM": "a@example.jp, b@example.jp"}, "DESK_MAIL_FROM must be an address"),
        (
            {**SENDER, "DESK_SMTP_HOST": "mail.example", "DESK_SMTP_SECURITY": "none", "DESK_SMTP_USER": "desk"},
            "DESK_SMTP_USER needs DESK_SMTP_SECURITY starttls or tls",
        ),
    ],
)
def test_a_mail_server_that_cannot_be_used_as_set_is_named(environ, said):
    with pytest.raises(BadSetting, match=f"^{said}"):
        read_settings(environ)


def test_the_sender_of_mail_may_have_a_name():
    assert read_settings({"DESK_MAIL_FROM": "Inquiry desk <desk@example.jp>"}).sender == ("Inquiry desk", "desk@example.jp")
    assert read_settings(SENDER).sender == ("", "desk@example.jp")


def test_the_mail_servers_password_is_told_to_the_gateway_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("DESK_SMTP_PASSWORD", "correct horse")
    settings = Settings(data_dir=tmp_path)
    parts = {part.name: part for part in make_parts(settings, SimpleNamespace(secret=bytes(32)), tmp_path)}
    assert "DESK_SMTP_PASSWORD" not in engine_env()
    for name, part in parts.items():
        told = {**{key: value for key, value in os.environ.items() if key not in part.hidden}, **part.env}
        assert ("correct horse" in told.values()) is (name == "gateway")
