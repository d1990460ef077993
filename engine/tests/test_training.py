"""Whoever trains the assistant sees what it is doing, and how far it is."""

import sys

import numpy as np
import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import encoder, training


class Quick:
    """An encoder that takes no time."""

    def encode(self, texts):
        return np.ones((len(texts), 4), dtype=np.float32)


@pytest.fixture
def featurizer(monkeypatch):
    monkeypatch.setitem(encoder.ENCODERS, "quick", Quick)
    return encoder.EncoderFeaturizer({"encoder": "quick"}, "encoder")


def test_a_trainer_sees_how_much_of_the_examples_was_read(featurizer, capsys, monkeypatch):
    monkeypatch.setattr(sys, "__stdout__", sys.stdout)
    training.show_progress()
    featurizer.process_training_data(TrainingData([Message({TEXT: f"example {n}"}) for n in range(1000)]))
    said = capsys.readouterr().out.splitlines()
    assert said == [f"  reading the examples: {share} %" for share in (25, 50, 75, 100)]
