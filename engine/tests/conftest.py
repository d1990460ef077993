"""A small model of the desk's own domain and rules, trained once for all tests that need one."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["LOG_LEVEL"] = "ERROR"

from engine import train

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES_EACH = 8


@pytest.fixture(scope="session")
def small_data(tmp_path_factory):
    """The training data with a few examples of every intent: enough for rules, quick to learn."""
    folder = tmp_path_factory.mktemp("nlu")
    for part in ("lookups", "synonyms", "concepts"):
        shutil.copytree(ROOT / "nlu_data" / part, folder / part)
    (folder / "intents").mkdir()
    for path in sorted((ROOT / "nlu_data" / "intents").glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in content["nlu"]:
            entry["examples"] = "".join(f"{line}\n" for line in entry["examples"].splitlines()[:EXAMPLES_EACH])
        (folder / "intents" / path.name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def small_model(small_data, tmp_path_factory):
    """The path of a model of the light pipeline."""
    return train.train(
        config=ROOT / "config.light.yml",
        domain=ROOT / "bot" / "dialogue" / "domain",
        data=[small_data, ROOT / "bot" / "dialogue" / "rules"],
        out=tmp_path_factory.mktemp("models"),
        name="small",
    )
