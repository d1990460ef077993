"""Which action a message leads to, by Rasa's own evaluation of stories."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
STORIES = ROOT / "tests" / "stories" / "routing.yml"


@pytest.fixture(scope="module")
def report(small_model, tmp_path_factory):
    """What `rasa test core` found."""
    out = tmp_path_factory.mktemp("results")
    command = [
        sys.executable, "-m", "rasa", "test", "core", "--model", str(small_model), "--stories", str(STORIES),
        "--out", str(out), "--no-plot",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "ERROR"}
    done = subprocess.run(command, cwd=out, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-2000:]
    failed = (out / "failed_test_stories.yml").read_text(encoding="utf-8")
    return json.loads((out / "story_report.json").read_text(encoding="utf-8")), failed


def test_every_story_takes_the_way_it_tells(report):
    figures, failed = report
    assert "stories" not in (yaml.safe_load(failed) or {}), failed
    assert figures["accuracy"] == 1.0


def test_every_action_that_a_rule_leads_to_stands_in_a_story():
    told = {
        step["action"]
        for story in yaml.safe_load(STORIES.read_text(encoding="utf-8"))["stories"]
        for step in story["steps"]
        if "action" in step
    }
    led_to = {
        step["action"]
        for path in (ROOT / "bot" / "dialogue" / "rules").glob("*.yml")
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
        for step in rule["steps"]
        if "action" in step
    }
    assert led_to <= told
