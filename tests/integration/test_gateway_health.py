"""An operator asks whether the desk can answer, and hears which part cannot."""

from __future__ import annotations

import pytest
import sqlalchemy as sa


async def test_all_is_well(gateway):
    answer = await gateway.call("GET", "/healthz")
    assert answer.status == 200
    assert answer.body == {"status": "ok", "parts": {"engine": True, "actions": True, "database": True}}


async def test_an_engine_without_a_model_is_named(gateway, engine):
    engine.mood = "not ready"
    answer = await gateway.call("GET", "/healthz")
    assert (answer.status, answer.detail) == (503, "Not ready: engine.")
    assert answer.body["parts"] == {"engine": False, "actions": True, "database": True}


async def test_an_action_server_that_is_ill_is_named(gateway, engine):
    engine.actions_healthy = False
    assert (await gateway.call("GET", "/healthz")).detail == "Not ready: actions."


async def test_an_engine_and_actions_that_are_down_are_both_named(gateway, engine):
    await engine.down()
    assert (await gateway.call("GET", "/healthz")).detail == "Not ready: engine, actions."


async def test_a_database_that_is_away_is_named(gateway, core):
    def fail(_connection):
        raise sa.exc.OperationalError("begin", {}, Exception("the server closed the connection"))

    sa.event.listen(core.database.engine, "begin", fail)
    answer = await gateway.call("GET", "/healthz")
    sa.event.remove(core.database.engine, "begin", fail)
    assert (answer.status, answer.detail) == (503, "Not ready: database.")


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/companies"])
async def test_a_look_costs_the_customer_nothing(gateway, path):
    assert (await gateway.call("HEAD", path)).status == 200
