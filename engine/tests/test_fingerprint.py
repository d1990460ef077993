"""When a model is trained anew."""

import shutil

import pytest

from engine import fingerprint


@pytest.fixture
def project(tmp_path, monkeypatch):
    for folder in ("bot/dialogue/domain", "bot/dialogue/rules", "nlu_data/intents", "engine"):
        (tmp_path / folder).mkdir(parents=True)
    for path in (fingerprint.ROOT / "engine").glob("*.py"):
        shutil.copy(path, tmp_path / "engine")
    (tmp_path / "config.yml").write_text("pipeline: []")
    (tmp_path / "nlu_data/intents/greet.yml").write_text("hello")
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    return tmp_path


def test_the_same_files_make_the_same_model(project):
    assert fingerprint.model_name("config.yml") == fingerprint.model_name("config.yml")


@pytest.mark.parametrize("name", ["config.yml", "nlu_data/intents/greet.yml", "engine/tfidf.py", "engine/choice.py"])
def test_what_shapes_a_model_makes_another_one_when_it_changes(project, name):
    before = fingerprint.fingerprint("config.yml")
    (project / name).write_text("changed")
    assert fingerprint.fingerprint("config.yml") != before


def test_a_new_file_of_examples_makes_another_model(project):
    before = fingerprint.fingerprint("config.yml")
    (project / "nlu_data/intents/thank.yml").write_text("thanks")
    assert fingerprint.fingerprint("config.yml") != before


@pytest.mark.parametrize("name", ["engine/channel.py", "engine/serve.py", "engine/tracker_store.py", "engine/logs.py"])
def test_what_only_serves_a_model_does_not(project, name):
    before = fingerprint.fingerprint("config.yml")
    (project / name).write_text("changed")
    assert fingerprint.fingerprint("config.yml") == before
