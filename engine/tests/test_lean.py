"""TensorFlow stays out of a process that needs none of it."""

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from engine import lean

ROOT = Path(__file__).resolve().parents[2]


def model_of(tmp_path, *components):
    path = tmp_path / "model.tar.gz"
    content = json.dumps({"predict_schema": {"nodes": {str(place): {"uses": name} for place, name in enumerate(components)}}})
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("./metadata.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content.encode()))
    return path


def test_our_own_models_do_without(small_model):
    assert lean.model_does_without(small_model)


@pytest.mark.parametrize("name", ["config.yml", "config.light.yml"])
def test_our_own_configurations_do_without(name):
    assert lean.config_does_without(ROOT / name)


@pytest.mark.parametrize("component", ["rasa.nlu.classifiers.diet_classifier.DIETClassifier", "somebody.elses.Component"])
def test_a_model_with_any_other_component_gets_the_real_one(tmp_path, component):
    assert not lean.model_does_without(model_of(tmp_path, "engine.tfidf.TfidfFeaturizer", component))


def test_a_configuration_with_diet_gets_the_real_one(tmp_path):
    (tmp_path / "config.yml").write_text("pipeline: [{name: WhitespaceTokenizer}, {name: DIETClassifier}]\npolicies: []\n")
    assert not lean.config_does_without(tmp_path / "config.yml")


def test_a_file_that_is_no_model_is_left_to_rasa(tmp_path):
    (tmp_path / "model.tar.gz").write_bytes(b"no archive")
    assert not lean.model_does_without(tmp_path / "model.tar.gz")


def in_a_process(code):
    return subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_rasa_starts_without_it_and_says_so_if_it_is_used_after_all():
    done = in_a_process(
        "from engine import lean; lean.leave_out_tensorflow()\n"
        "import rasa.core.agent, rasa.nlu.classifiers.diet_classifier, sys\n"
        "assert type(sys.modules['tensorflow']).__module__ == 'engine.lean'\n"
        "import tensorflow as tf\n"
        "tf.constant([1])\n"
    )
    assert "TensorFlowLeftOut" in done.stderr and "constant needs TensorFlow" in done.stderr


def test_what_is_there_already_stays():
    done = in_a_process(
        "import sys, types; sys.modules['tensorflow'] = types.ModuleType('tensorflow')\n"
        "from engine import lean; before = list(sys.meta_path); lean.leave_out_tensorflow()\n"
        "assert sys.meta_path == before\n"
    )
    assert done.returncode == 0, done.stderr
