"""An action server of a few lines: it answers every action with what it was told, or fails as it was told.

    python tiny_actions.py PORT

`fail` in a message's text makes the action fail; `offer` makes it offer a person. `GET /calls` tells how often an
action ran for each message, `GET /last` what the last call carried.
"""

import json
import sys
from collections import Counter

from sanic import Sanic, response

app = Sanic("tiny_actions", configure_logging=False)
calls: Counter = Counter()
last = {}


@app.post("/webhook")
async def webhook(request):
    """One action."""
    call = request.json
    message = call["tracker"]["latest_message"]
    calls[message["metadata"]["message"]] += 1
    last.clear()
    last.update(call)
    if "fail" in message["text"]:
        return response.json({"error": "told to", "action_name": call["next_action"]}, status=500)
    custom = {
        "text": f"{call['next_action']} {message['intent']['name']} {call['tracker']['slots']['company']}",
        "citations": [{"quote": "500 yen", "section": "Fees", "document": "Policy", "version": None, "url": "/policies/x"}],
        "offers": ["handoff"] if "offer" in message["text"] else [],
    }
    slot = {"event": "slot", "name": "last_topic", "value": message["intent"]["name"]}
    return response.json({"events": [slot], "responses": [{"custom": custom}]})


@app.get("/calls")
async def tell_calls(request):
    """How often an action ran for each message."""
    return response.json(dict(calls))


@app.get("/last")
async def tell_last(request):
    """What the last call carried."""
    return response.json(json.loads(json.dumps(last)))


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), access_log=False, motd=False)
