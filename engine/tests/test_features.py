"""What the classifier reads of a text."""

import importlib

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import encoder
from engine.tfidf import TfidfFeaturizer, gaps_of, normalise, pieces_of, words_of

EXAMPLES = ["how much is the fee", "what does it charge", "手数料はいくらですか", "手数料を教えて", "when are you open", "are you open now"]
TABLES = [{"name": "concept_fee", "elements": ["fee", "charge", "手数料"]}, {"name": "document", "elements": ["passport"]}]


@pytest.fixture
def storage(tmp_path):
    return LocalModelStorage(tmp_path)


CONTEXT = ExecutionContext(GraphSchema({}), model_id="test", node_name="tfidf")


def trained(storage):
    featurizer = TfidfFeaturizer.create(TfidfFeaturizer.get_default_config(), storage, Resource("tfidf"), CONTEXT)
    featurizer.train(TrainingData([Message(data={"text": text}) for text in EXAMPLES], lookup_tables=TABLES))
    return featurizer


def likeness(featurizer, one, other):
    first, second = featurizer.matrix([one, other]).toarray()
    return float(first @ second)


def test_a_loaded_featurizer_sees_what_the_trained_one_saw(storage):
    before = trained(storage)
    after = TfidfFeaturizer.load(TfidfFeaturizer.get_default_config(), storage, Resource("tfidf"), CONTEXT)
    assert np.allclose(before.matrix(EXAMPLES).toarray(), after.matrix(EXAMPLES).toarray(), atol=1e-4)


def test_two_words_for_one_thing_are_near(storage):
    featurizer = trained(storage)
    assert likeness(featurizer, "the fee", "your charge") > likeness(featurizer, "the fee", "are you open")


def test_japanese_is_read_without_gaps(storage):
    featurizer = trained(storage)
    assert likeness(featurizer, "手数料はいくら", "手数料を教えてください") > 0.5


def test_a_text_of_unknown_words_is_a_row_of_nothing(storage):
    assert trained(storage).matrix(["zzz qqq", ""]).nnz == 0


def test_a_text_is_seen_by_its_ends_and_by_what_stands_around_a_word():
    assert gaps_of("is it taxed") == ["< is", "< _ it", "is _ taxed", "it _ >", "taxed >"]
    assert gaps_of("fee") == gaps_of("手数料") == []


def test_width_case_and_curly_marks_do_not_matter():
    assert normalise("ＦＡＸ Don’t") == "fax don't"


def test_words_come_with_their_pairs_and_pieces_know_the_edges_of_a_word():
    assert words_of("fax number") == ["fax", "number", "fax number"]
    assert " fa" in pieces_of("fax") and "ax " in pieces_of("fax")


def test_a_missing_encoder_is_a_sentence_that_says_what_to_do(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    monkeypatch.setattr(encoder, "_loaded", {})
    with pytest.raises(encoder.EncoderMissing, match=r"config\.light\.yml"):
        encoder.encoder("universal-sentence-encoder")


def test_an_unknown_encoder_is_named():
    with pytest.raises(encoder.EncoderMissing, match="no encoder called 'bert'"):
        encoder.encoder("bert")


class Twelve:
    """An encoder that knows how long a text is."""

    def encode(self, texts):
        return np.array([[len(text)] * 12 for text in texts], dtype=np.float32)


def test_every_message_of_a_batch_gets_its_own_embedding(monkeypatch):
    monkeypatch.setitem(encoder._loaded, "universal-sentence-encoder", Twelve())
    featurizer = encoder.EncoderFeaturizer.create(encoder.EncoderFeaturizer.get_default_config(), None, None, CONTEXT)
    examples = [Message(data={"text": "x" * length}) for length in range(1, 700)]
    featurizer.process_training_data(TrainingData(examples))
    assert all(
        example.get_dense_features("text")[1].features[0][0] == len(example.get("text")) for example in examples
    )
