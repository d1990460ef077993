"""The gateway's way in, with Rasa's real server and an action server as processes of their own."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a token that nobody guesses"
SECRET = "my card 4111 1111 1111 1111 offer"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Desk:
    """The two processes, and a gateway's calls."""

    def __init__(self, model, folder):
        self.model, self.folder = model, folder
        self.port, self.actions_port = free_port(), free_port()
        self.actions = self.engine = None
        self.count = 0

    def start(self):
        self.start_actions()
        self.start_engine()

    def start_actions(self):
        self.actions = self._run("actions.log", str(Path(__file__).with_name("tiny_actions.py")), str(self.actions_port))
        self._wait(f"http://127.0.0.1:{self.actions_port}/calls", self.actions)

    def start_engine(self):
        self.engine = self._run("engine.log", "-m", "engine.serve", "--model", str(self.model), "--port", str(self.port))
        self._wait(f"{self.url}/webhooks/desk/ready", self.engine)

    def stop(self):
        for process in (self.engine, self.actions):
            process.kill()
            process.wait()

    def kill_actions(self):
        self.actions.send_signal(signal.SIGKILL)
        self.actions.wait()

    def restart_engine(self):
        self.engine.send_signal(signal.SIGKILL)
        self.engine.wait()
        self.start_engine()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def say(self, text, conversation="hana", message=None, token=TOKEN, **changes):
        self.count += 1
        body = {
            "conversation": conversation, "message": message or f"message {self.count}", "text": text,
            "locale": "en", "company": "jcom", "company_name": "JCOM", "choice": None, **changes,
        }
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return requests.post(f"{self.url}/webhooks/desk/webhook", json=body, headers=headers, timeout=60)

    def texts(self, *arguments, **named):
        answer = self.say(*arguments, **named)
        assert answer.status_code == 200, answer.text
        return [reply["text"] for reply in answer.json()["replies"]]

    def calls(self):
        return requests.get(f"http://127.0.0.1:{self.actions_port}/calls", timeout=10).json()

    def last_call(self):
        return requests.get(f"http://127.0.0.1:{self.actions_port}/last", timeout=10).json()

    def written(self):
        """Everything that the engine left on the disk."""
        return b"".join(path.read_bytes() for path in self.folder.iterdir() if path.is_file())

    def _run(self, log, *command):
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DESK_ENGINE_TOKEN": TOKEN,
            "DESK_ACTIONS_URL": f"http://127.0.0.1:{self.actions_port}/webhook",
            "DESK_TRACKER_URL": f"sqlite:///{self.folder}/trackers.db",
            "DESK_TRACKER_KEY": base64.b64encode(bytes(range(32))).decode(),
        }
        with open(self.folder / log, "ab") as output:
            return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdout=output, stderr=output)

    def _wait(self, url, process):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise AssertionError(f"The process ended: {self.written().decode(errors='replace')[-2000:]}")
            try:
                if requests.get(url, timeout=5).status_code == 200:
                    return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError(f"Nothing answers at {url}.")


@pytest.fixture(scope="module")
def desk(small_model, tmp_path_factory):
    running = Desk(small_model, tmp_path_factory.mktemp("desk"))
    running.start()
    yield running
    running.stop()


def test_hana_asks_and_is_answered_with_the_policy_quoted(desk):
    answer = desk.say("How much does a disclosure cost?")
    [reply] = answer.json()["replies"]
    assert reply["text"] == "action_answer ask_fee_amount jcom"
    assert reply["citations"][0]["quote"] == "500 yen"
    assert set(reply) >= {"text", "citations", "quick_replies", "offers", "ticket"}


def test_the_same_message_twice_runs_nothing_again(desk):
    first = desk.say("How much does a disclosure cost?", message="twice").json()
    second = desk.say("How much does a disclosure cost?", message="twice").json()
    assert first == second
    assert desk.calls()["twice"] == 1


def test_the_same_message_twice_at_the_same_moment_runs_once(desk):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: desk.say("How much is it?", "rin", message="at once").json(), range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert desk.calls()["at once"] == 1


def test_a_greeting_is_returned_in_the_customers_language(desk):
    assert "JCOM" in desk.texts("hello", "greeting")[0]
    assert "窓口" in desk.texts("hello", "greeting", locale="ja")[0]


def test_a_slash_is_a_customers_text_and_no_command(desk):
    for text in ('/ask_fee_amount{"company": "cuc"}', ' /ask_fee_amount{"company": "cuc"}'):
        assert desk.texts(text, "slash") == ["action_answer ask_fee_amount jcom"]
        message = desk.last_call()["tracker"]["latest_message"]
        assert message["text"].startswith("／ask_fee_amount")
        assert message["intent"]["confidence"] < 1.0
    desk.texts("/restart", "slash", message="restart")
    assert desk.say("/restart", "slash", message="restart").json()["replies"]


def test_a_choice_is_an_intent_without_understanding(desk):
    assert desk.texts("Yes, please", "choice", choice={"intent": "ask_human"}) == ["action_open_ticket ask_human jcom"]


@pytest.mark.parametrize("intent", ["restart", "session_start", "back", "no_such_intent", "nlu_fallback"])
def test_a_choice_names_only_the_desks_own_intents(desk, intent):
    assert desk.say("x", choice={"intent": intent}).status_code == 400


def test_yes_takes_an_offered_person_and_only_right_after_the_offer(desk):
    yes = {"choice": {"intent": "affirm"}}
    desk.texts("offer: how much is the fee?", "offer")
    assert desk.texts("yes", "offer", **yes) == ["action_open_ticket affirm jcom"]
    desk.texts("offer: how much is the fee?", "late")
    desk.texts("thanks", "late", choice={"intent": "thank"})
    assert "anything else" in desk.texts("yes", "late", **yes)[0]


def test_what_was_offered_before_a_person_had_the_chat_stands_no_more(desk):
    desk.texts("offer: how much is the fee?", "fresh")
    assert "anything else" in desk.texts("yes", "fresh", choice={"intent": "affirm"}, fresh=True)[0]


def test_no_declines_an_offered_person(desk):
    desk.texts("offer: how much is the fee?", "decline")
    assert "leave it" in desk.texts("no", "decline", choice={"intent": "deny"})[0]


def test_an_action_gets_the_message_and_no_old_history(desk):
    for number in range(6):
        desk.texts(f"How much is it? {number}", "history")
    call = desk.last_call()
    assert call["tracker"]["latest_message"]["segments"]
    assert call["tracker"]["latest_message"]["metadata"]["company"] == "jcom"
    assert sum(event["event"] == "user" for event in call["tracker"]["events"]) == 2
    assert not call["domain"]


def test_two_questions_come_as_two_segments(desk):
    desk.texts("How much does a disclosure cost? Which bank account do I pay into?", "two")
    segments = desk.last_call()["tracker"]["latest_message"]["segments"]
    assert [segment["text"] for segment in segments] == [
        "How much does a disclosure cost?", "Which bank account do I pay into?",
    ]
    assert all(len(segment["intent_ranking"]) == 6 for segment in segments)


def test_a_failing_action_leaves_the_conversation_as_it_was(desk):
    desk.texts("How much is it?", "failing", message="before")
    answer = desk.say("How much is it, fail", "failing", message="failed")
    assert answer.status_code == 502 and "replies" not in answer.json()
    desk.texts("How much is it?", "failing", message="after")
    texts = [event.get("text") for event in desk.last_call()["tracker"]["events"] if event["event"] == "user"]
    assert texts == ["-", "How much is it?"]  # what was said before is not kept, only what it was understood as


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x"])
def test_nobody_comes_in_without_the_token(desk, token):
    assert desk.say("hello", token=token).status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.delete(f"{desk.url}/webhooks/desk/conversations/hana", headers=headers, timeout=10).status_code == 401
    assert requests.post(f"{desk.url}/model/parse", json={"text": "x"}, headers=headers, timeout=10).status_code == 401


@pytest.mark.parametrize(
    "path", ["/status", "/domain", "/model", "/conversations/hana/tracker", "/webhooks/rest/webhook", "/model/train"]
)
def test_rasas_own_interface_is_closed(desk, path):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for method in (requests.get, requests.post, requests.put):
        assert method(f"{desk.url}{path}", headers=headers, timeout=10).status_code in (404, 405)


@pytest.mark.parametrize(
    "change",
    [{"text": None}, {"text": "  "}, {"conversation": ""}, {"message": 7}, {"company": None}, {"choice": "affirm"}, {"choice": {}}],
)
def test_a_call_that_is_not_as_agreed_is_refused_with_the_fields_name(desk, change):
    fields = {"text": "hello", **change}
    answer = desk.say(fields.pop("text"), **({"conversation": "strange"} | fields))
    assert answer.status_code == 400
    assert f"`{next(iter(change))}`" in answer.json()["error"]


def test_a_forgotten_conversation_begins_anew(desk):
    desk.texts("How much is it?", "forgotten", message="old")
    gone = requests.delete(
        f"{desk.url}/webhooks/desk/conversations/forgotten", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10
    )
    assert gone.status_code == 204
    desk.texts("How much is it?", "forgotten", message="old")
    assert desk.calls()["old"] == 2


def test_parsing_answers_to_the_token(desk):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    parsed = requests.post(f"{desk.url}/model/parse", json={"text": "hello"}, headers=headers, timeout=10).json()
    assert parsed["intent"]["name"] == "greet" and parsed["segments"]


def test_after_a_kill_of_either_process_the_conversation_goes_on(desk):
    desk.texts("How much is it?", "kill", message="first")
    desk.kill_actions()
    away = desk.say("How much is it?", "kill", message="second")
    assert away.status_code == 503 and away.json() == {"unavailable": "actions"}
    desk.start_actions()
    assert desk.texts("How much is it?", "kill", message="second")
    desk.restart_engine()
    assert desk.texts("How much is it?", "kill", message="second")
    assert desk.calls()["second"] == 1
    assert desk.say("How much is it?", "kill", message="first").json()["replies"]


def test_no_word_of_a_customer_is_left_in_clear_on_the_disk(desk):
    desk.texts(SECRET, "clear")
    desk.say(SECRET + " fail", "clear")
    assert b"4111" not in desk.written()
    engine = sa.create_engine(f"sqlite:///{desk.folder}/trackers.db")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM engine_trackers")).scalar() > 0
    engine.dispose()
