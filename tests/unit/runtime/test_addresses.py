"""One setting names every node of the broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.runtime.adapters.rabbit_connection import LOST, RoamingConnection, addresses, once, roaming

TWO = ["amqp://matching:p%2Fw@one:5672/%2F", "amqp://matching:p%2Fw@two:5673/%2F"]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("amqp://matching:p%2Fw@one:5672/%2F", TWO[:1]),
        ("amqp://matching:p%2Fw@one:5672,two:5673/%2F", TWO),
        (",".join(TWO), TWO),
        ("amqps://one,two/v?heartbeat=10", ["amqps://one/v?heartbeat=10", "amqps://two/v?heartbeat=10"]),
        ("amqp://u:p@[::1]:5672,[::2]/", ["amqp://u:p@[::1]:5672/", "amqp://u:p@[::2]/"]),
    ],
)
def test_an_address_names_one_node_or_several_in_the_order_given(text: str, nodes: list[str]) -> None:
    assert [str(node) for node in addresses(text)] == nodes


@pytest.mark.parametrize(
    "text", ["", "one:5672", "http://one", "amqp://", "amqp://u:secret@/", "amqp://one,,two/", "amqp://u:secret@one:x/"]
)
def test_what_is_no_address_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(ValueError, match=r"^.+$") as refused:
        addresses(text)
    assert "secret" not in str(refused.value)


@asynccontextmanager
async def turning_out(visits: list[int]) -> AsyncIterator[list[int]]:
    """Two servers that let nobody in and note their number in `visits`; their ports."""

    def server(number: int) -> asyncio.Future[asyncio.Server]:
        async def turn_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            visits.append(number)
            writer.transport.abort()

        return asyncio.ensure_future(asyncio.start_server(turn_out, "127.0.0.1", 0))

    servers = [await server(number) for number in (0, 1)]
    yield [one.sockets[0].getsockname()[1] for one in servers]
    for one in servers:
        one.close()


async def test_every_node_is_tried_in_turn_before_the_broker_counts_as_away() -> None:
    visits: list[int] = []
    async with turning_out(visits) as (one, two):
        nodes = addresses(f"amqp://u:p@127.0.0.1:{one},127.0.0.1:{two}/")
        with pytest.raises(LOST):
            await roaming(nodes)
        with pytest.raises(LOST):
            await once(nodes, "probe", 5)
    assert visits == [0, 1, 0, 1]


async def test_a_connection_shows_no_password_and_goes_nowhere_by_being_shown() -> None:
    connection = RoamingConnection(addresses("amqp://u:secret@one,two/"))
    assert [str(connection), str(connection)] == ["amqp://u:******@one/"] * 2
    assert [connection.url.host for _ in range(3)] == ["one", "two", "one"]
    await connection.close()
