"""A disk that is full: nobody is told that something was kept that was not, and it goes on once there is room."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from .conftest import EITHER_KIND

pytestmark = EITHER_KIND


@pytest.fixture
def disk(database):
    """The database's disk, which can be filled and cleared."""
    return Disk(database)


class Disk:
    """SQLite fails at its page limit as it does at the end of the disk: with SQLITE_FULL."""

    def __init__(self, database):
        self.engine = database.engine
        self.full = False
        sa.event.listen(self.engine, "begin", self._limit)

    def _limit(self, connection) -> None:
        pages = 1 if self.full else 1_000_000  # SQLite takes the pages in use where it is told fewer
        connection.exec_driver_sql(f"pragma max_page_count = {pages}")


async def test_a_customer_hears_that_nothing_was_kept_and_can_say_it_again(gateway, disk, caplog):
    hana = await gateway.open()
    disk.full = True
    words = "how much is a disclosure " * 150  # more than what is left of a page
    answers = [await hana.say(words, id=f"m{n}") for n in range(12)]
    refused = [n for n, answer in enumerate(answers) if answer.status != 200]
    assert refused
    assert {answers[n].status for n in refused} == {503}
    # Where there was room for her words and not for what comes of them, they are kept, and she hears that.
    told = ["kept" if "message is kept" in answers[n].detail else "try again" for n in refused]
    assert "try again" in told
    assert all(word in answers[n].detail for n, word in zip(refused, told, strict=True))
    said = [message["text"] for message in (await hana.history()).messages if message["sender"] == "customer"]
    assert len(said) == len(answers) - told.count("try again")
    assert "disk is full" in caplog.text
    assert "disclosure" not in caplog.text
    disk.full = False
    for n in refused:
        assert (await hana.say(words, id=f"m{n}")).status == 200
    said = [message["text"] for message in (await hana.history()).messages if message["sender"] == "customer"]
    assert len(said) == 12
