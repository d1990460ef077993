"""The first and the last component: one message becomes its parts, the parts one message."""

from rasa.shared.nlu.training_data.message import Message

from engine.segments import SegmentMerger, SegmentSplitter

INTENTS = {
    "How much is it? Where do I pay?": ("ask_fee_amount", 0.7),
    "How much is it?": ("ask_fee_amount", 0.95),
    "Where do I pay?": ("ask_fee_payment_method", 0.9),
    "hello": ("greet", 0.99),
}


def through(*texts):
    messages = SegmentSplitter().process([Message(data={"text": text}) for text in texts])
    for message in messages:
        name, confidence = INTENTS[message.get("text")]
        ranking = [{"name": name, "confidence": confidence}] + [{"name": f"other {n}", "confidence": 0.001} for n in range(9)]
        message.set("intent", dict(ranking[0]), add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        message.set("entities", [{"entity": "day", "value": "x", "start": 0, "end": 3, "extractor": "e"}], add_to_output=True)
    return [message.as_dict(only_output_properties=True) for message in SegmentMerger().process(messages)]


def test_two_questions_make_one_message_with_two_segments():
    [message] = through("How much is it? Where do I pay?")
    assert [(part["text"], part["intent"]["name"], part["meant"]) for part in message["segments"]] == [
        ("How much is it?", "ask_fee_amount", True),
        ("Where do I pay?", "ask_fee_payment_method", True),
    ]
    assert message["intent"]["name"] == "ask_fee_amount"
    assert len(message["segments"][0]["intent_ranking"]) == 6
    assert set(message["segments"][0]["entities"][0]) == {"entity", "value", "start", "end"}


def test_a_message_of_one_sentence_is_its_own_segment():
    [message] = through("hello")
    [segment] = message["segments"]
    assert segment["text"] == "hello" and segment["meant"] and segment["intent"]["name"] == "greet"


def test_messages_of_a_batch_keep_their_own_segments():
    first, second = through("How much is it? Where do I pay?", "hello")
    assert len(first["segments"]) == 2 and len(second["segments"]) == 1
