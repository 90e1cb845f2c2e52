"""When a replica says that it can work."""

import pytest

from shared.runtime.host import Host
from shared.runtime.settings import Settings
from shared.runtime.topology import roles
from tests.support.shop import LIBRARY


async def nothing_is_wrong(self: object) -> None:
    """A database or a broker that answers."""


async def test_a_replica_that_prepares_its_database_is_not_ready_though_everybody_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else who waits for it finds indexes missing, or starts the next release on half of one."""
    for name, value in {
        "AMQP_URL": "amqp://nobody",
        "MONGO_URL": "mongodb://nobody",
        "KEY": "0" * 64,
    }.items():
        monkeypatch.setenv(f"TANDEM_{name}", value)
    host = Host(LIBRARY, Settings.read(), roles())
    monkeypatch.setattr(type(host.store), "healthy", nothing_is_wrong)
    monkeypatch.setattr(type(host.broker), "healthy", nothing_is_wrong)
    assert "it has not begun" in (await host.ready())["engine"]
