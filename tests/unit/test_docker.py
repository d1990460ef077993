"""The container files. Nobody builds them here, so all that can be known of them without is held to be so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import compose_spec
import pytest
import yaml

from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
IMAGES = sorted(DOCKER.glob("Dockerfile.*"))

each_image = pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.suffix[1:])


def instructions(image: Path) -> list[tuple[str, str]]:
    """(KEYWORD, the rest), continuation lines joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", image.read_text(encoding="utf-8"), flags=re.M)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def last_stage(image: Path) -> list[tuple[str, str]]:
    """What the image itself is made of; earlier stages are thrown away."""
    found = instructions(image)
    return found[max(place for place, (keyword, _) in enumerate(found) if keyword == "FROM") :]


def copied(image: Path) -> list[str]:
    """The files and folders of the tree that an image copies."""
    sources = []
    for keyword, rest in instructions(image):
        if keyword == "COPY" and "--from=" not in rest:
            sources += [word for word in rest.split()[:-1] if not word.startswith("--")]
    return sources


def compose(values: dict[str, str]) -> dict:
    """compose.yml as Compose reads it: variables filled in, anchors merged."""

    def fill(match: re.Match[str]) -> str:
        return values.get(match["name"]) or match["default"] or ""

    text = (DOCKER / "compose.yml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{(?P<name>\w+)(?::[-?](?P<default>[^}]*))?\}", fill, text))


@pytest.fixture
def services() -> dict[str, dict]:
    return compose({"DESK_SECRET_KEY": "c2VjcmV0", "POSTGRES_PASSWORD": "password"})["services"]


def test_there_is_an_image_for_each_process():
    assert [image.suffix for image in IMAGES] == [".actions", ".engine", ".gateway"]


@each_image
def test_the_linter_finds_nothing_in_an_image(image: Path):
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "--format", "json", image], capture_output=True, text=True, check=False)
    found = [f"{image.name}:{fault['line']} {fault['code']} {fault['message']}" for fault in json.loads(done.stdout)]
    assert found == []
    assert done.returncode == 0, done.stderr


@each_image
def test_an_image_runs_as_nobody_in_particular_and_says_how_it_is(image: Path):
    made_of = dict(last_stage(image))
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", made_of["USER"])
    assert made_of["HEALTHCHECK"].split("CMD")[1].strip().startswith('["python", "-c"')
    assert made_of["CMD"].startswith("[")


@each_image
def test_the_check_of_health_is_code_that_compiles_and_asks_the_exposed_port(image: Path):
    made_of = dict(last_stage(image))
    command = json.loads(made_of["HEALTHCHECK"].split("CMD")[1])
    compile(command[2], image.name, "exec")
    assert f":{made_of['EXPOSE']}/" in command[2]


@each_image
def test_every_base_is_named_by_its_version(image: Path):
    for keyword, rest in instructions(image):
        if keyword == "FROM":
            assert re.match(r"python:3\.\d+-slim-\w+(?: |$)", rest), rest


@each_image
def test_what_an_image_copies_is_there_and_is_sent_to_the_builder(image: Path):
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for source in copied(image):
        assert (ROOT / source).exists(), source
        assert any(source == one or source.startswith(f"{one}/") for one in sent), f"{source} is ignored"


def test_nothing_but_what_the_images_copy_is_sent_to_the_builder():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*", "all is left out first"
    wanted = {source for image in IMAGES for source in copied(image)}
    for line in lines:
        if line.startswith("!"):
            assert any(source == line[1:] or source.startswith(f"{line[1:]}/") for source in wanted), line


@each_image
def test_packages_come_from_the_locks_with_their_hashes(image: Path):
    for keyword, rest in instructions(image):
        if keyword == "RUN" and "pip" in rest:
            commands = [command for command in re.split(r"&&|;", rest) if "pip install" in command]
            assert commands
            for command in commands:
                assert "--require-hashes" in command and "--no-deps" in command, command


@each_image
def test_no_secret_is_baked_in(image: Path):
    text = image.read_text(encoding="utf-8")
    assert not re.search(r"DESK_SECRET_KEY|DESK_ENGINE_TOKEN|DESK_TRACKER_KEY|PASSWORD", text)


def test_compose_reads_the_file_and_knows_every_key():
    spec = compose({"DESK_SECRET_KEY": "c2VjcmV0", "POSTGRES_PASSWORD": "password"})
    read = compose_spec.PyCompose.from_yaml(yaml.safe_dump(spec))
    read.validate()
    assert sorted(read.service_names()) == ["actions", "engine", "engine-keys", "gateway", "postgres"]


def test_compose_does_not_start_without_the_secrets():
    text = (DOCKER / "compose.yml").read_text(encoding="utf-8")
    for name in ("DESK_SECRET_KEY", "POSTGRES_PASSWORD"):
        assert set(re.findall(rf"\$\{{{name}(.)(.)", text)) == {(":", "?")}


def test_every_setting_that_compose_and_the_images_make_is_documented(services: dict[str, dict]):
    documented = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    made = {name for service in services.values() for name in service.get("environment", {}) if "DESK_" in name}
    for image in IMAGES:
        made |= set(re.findall(r"\b(DESK_\w+)=", image.read_text(encoding="utf-8")))
    assert {"DESK_SECRET_KEY", "DESK_ENGINE_HOST", "DESK_ACTIONS_HOST"} <= made
    assert [name for name in sorted(made) if f"`{name}`" not in documented] == []


def test_what_compose_sets_for_the_product_is_a_setting_of_it(services: dict[str, dict]):
    known = {spec.metadata["name"] for spec in fields(Settings)}
    for name in ("gateway", "actions", "engine-keys"):
        assert set(services[name]["environment"]) <= known


def test_the_parts_share_one_secret_and_one_database_and_the_engine_has_neither(services: dict[str, dict]):
    for name in ("DESK_SECRET_KEY", "DESK_DATABASE_URL", "DESK_ENGINE_URL", "DESK_ACTIONS_URL"):
        assert len({services[part]["environment"][name] for part in ("gateway", "actions", "engine-keys")}) == 1
    assert "environment" not in services["engine"]


def test_only_the_gateway_can_be_reached_and_only_from_this_machine_unless_told_otherwise(services: dict[str, dict]):
    assert [name for name, service in services.items() if service.get("ports")] == ["gateway"]
    assert services["gateway"]["ports"] == ["127.0.0.1:8080:8080"]
    networks = compose({})["networks"]
    assert networks["inside"] == {"internal": True}
    for name in ("actions", "engine", "postgres"):
        assert services[name]["networks"] == ["inside"]


def test_the_parts_run_with_no_more_rights_than_they_need(services: dict[str, dict]):
    for name in ("gateway", "actions", "engine", "engine-keys"):
        assert services[name]["read_only"] and services[name]["cap_drop"] == ["ALL"]


def test_the_parts_meet_at_the_ports_that_their_images_expose(services: dict[str, dict]):
    ports = {image.suffix[1:]: dict(last_stage(image))["EXPOSE"] for image in IMAGES}
    told = services["gateway"]["environment"]
    assert told["DESK_ENGINE_URL"] == f"http://engine:{ports['engine']}"
    assert told["DESK_ACTIONS_URL"] == f"http://actions:{ports['actions']}"
    assert services["gateway"]["ports"][0].endswith(f":{ports['gateway']}")


def test_every_image_that_compose_names_has_a_version(services: dict[str, dict]):
    for service in services.values():
        tag = service["image"].rpartition(":")[2]
        assert tag not in ("latest", service["image"])
        if "build" in service:
            assert (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_readme_says_that_nobody_has_built_them():
    text = " ".join((DOCKER / "README.md").read_text(encoding="utf-8").split())
    assert "Nobody has built or started these images" in text
    assert "linted" in text


def test_the_engine_reads_its_keys_where_they_are_written(services: dict[str, dict]):
    entry = (DOCKER / "engine-entrypoint.sh").read_text(encoding="utf-8")
    written = services["engine-keys"]["command"][-1].rpartition(">")[2].strip()
    assert f". {written}" in entry
    assert services["engine-keys"]["volumes"] == ["engine-keys:/run/desk"]
    assert services["engine"]["volumes"] == ["engine-keys:/run/desk:ro"]
    assert subprocess.run(["sh", "-n", DOCKER / "engine-entrypoint.sh"], check=False).returncode == 0
