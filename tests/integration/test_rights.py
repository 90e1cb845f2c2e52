"""What the broker refuses to each user, tried on a real RabbitMQ with the definitions that a deployment imports."""

import asyncio
import hashlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aio_pika
import httpx
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import ChannelInvalidStateError, ChannelPreconditionFailed
from aiormq.exceptions import ChannelAccessRefused

from shared.client import Client, NotAllowed
from shared.contracts import matching as m
from shared.contracts import registration as r
from shared.contracts import scheduling as s
from shared.contracts.base import Contract, Event
from shared.local import LocalRabbit
from shared.runtime import discovery, topology
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.item import Desk, Item
from shared.runtime.ports import Delivery, Intake

pytestmark = [pytest.mark.xdist_group("rights"), pytest.mark.asyncio(loop_scope="module")]

SERVICES = {service.name: service for service in discovery.load_all()}
CONTACT = r.ContactRecorded.name
REFUSED = (ChannelAccessRefused, ChannelInvalidStateError)
SECRET = "only for who may read bodies"


@dataclass
class Broker:
    """A virtual host with Tandem's topology; the administrator looks from outside."""

    rabbit: LocalRabbit
    vhost: str
    passwords: dict[str, str]
    admin: AbstractChannel

    async def connect(self, user: str) -> AbstractConnection:
        """A connection as a user."""
        return await aio_pika.connect(self.rabbit.amqp_url(user, self.passwords[user], self.vhost))

    async def publish(
        self, user: str, exchange: str, key: str, body: bytes = b"{}", *, user_id: str | None = None, **more: Any
    ) -> None:
        """Publish as a user, with a confirm."""
        async with await self.connect(user) as connection:
            channel = await connection.channel(publisher_confirms=True)
            target = channel.default_exchange if not exchange else await channel.get_exchange(exchange, ensure=False)
            await target.publish(aio_pika.Message(body, user_id=user_id, **more), key, mandatory=False)

    async def arrived(self, queue: str) -> AbstractIncomingMessage:
        """The next message of a queue."""
        return await (await self.admin.get_queue(queue, ensure=False)).get(no_ack=True, timeout=10)

    async def read_by(self, service: str, intake: Intake) -> Item:
        """The next message of a service's queue, as the service itself reads it."""
        queue = await self.admin.get_queue(f"{service}.{intake}", ensure=False)
        message = await queue.get(no_ack=True, timeout=10)
        delivery = Delivery(
            tag=None, intake=intake, body=message.body, key=message.routing_key or "", user=message.user_id
        )
        return Desk(SERVICES[service], topology.roles(), b"a key for these tests").from_delivery(delivery)

    def managed(self, user: str) -> httpx.AsyncClient:
        """The management interface as a user."""
        auth = (user, self.passwords[user])
        return httpx.AsyncClient(base_url=f"{self.rabbit.management_url}/api/", auth=auth, timeout=30, trust_env=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(rabbit: LocalRabbit) -> AsyncIterator[Broker]:
    """Users are the whole node's: their passwords follow from the run, so that others may make the same ones."""
    name = f"rights-{uuid.uuid4().hex}"
    passwords = {
        user: hashlib.sha256(f"{rabbit.admin_password}{user}".encode()).hexdigest() for user in topology.users()
    }
    await rabbit.create_vhost(name)
    await rabbit.define(topology.definitions(passwords, name))
    async with await aio_pika.connect(rabbit.amqp_url(vhost=name)) as connection:
        yield Broker(rabbit, name, passwords, await connection.channel())
    await rabbit.delete_vhost(name)


# Who may say what


@pytest.mark.parametrize(
    ("user", "exchange", "contract"),
    [
        ("matching", EVENTS, r.ParticipantRegistered),
        ("matching", EVENTS, r.ContactRecorded),
        ("matching", COMMANDS, m.ApproveRound),
        ("matching", COMMANDS, s.StartDay),
        ("portal", COMMANDS, m.ApproveRound),
        ("portal", COMMANDS, m.ApproveProposal),
        ("portal", COMMANDS, r.OpenProgramme),
        ("portal", EVENTS, m.TandemFormed),
        ("delegates", COMMANDS, m.AcceptProposal),
        ("office", COMMANDS, m.AcceptProposal),
        ("ops", COMMANDS, m.ApproveRound),
        ("ops", EVENTS, s.DayStarted),
        ("mail", COMMANDS, r.Withdraw),
        ("mail", EVENTS, r.ContactRecorded),
        ("hr", COMMANDS, r.Withdraw),
        ("hr", EVENTS, r.ParticipantRegistered),
        ("calendar", EVENTS, s.MeetingScheduled),
    ],
)
async def test_nobody_publishes_what_is_not_theirs_to_say(
    broker: Broker, user: str, exchange: str, contract: type[Contract]
) -> None:
    with pytest.raises(REFUSED):
        await broker.publish(user, exchange, contract.name, user_id=user)


async def test_hr_and_calendar_publish_their_own_facts_and_no_other(broker: Broker) -> None:
    for user, other in (("hr", "calendar"), ("calendar", "hr")):
        await broker.publish(user, EVENTS, f"{user}.something-happened.v1", user_id=user)
        for key in (f"{other}.something-happened.v1", f"{user}", f"x.{user}.v1", "#", ""):
            with pytest.raises(REFUSED):
                await broker.publish(user, EVENTS, key, user_id=user)


class SomethingHappened(Event, name="hr.something-happened.v1", about="person/{person}"):
    """A fact of the personnel system's own."""

    person: str


async def test_hr_says_a_fact_with_our_client_and_hears_nothing(broker: Broker) -> None:
    url = broker.rabbit.amqp_url("hr", broker.passwords["hr"], broker.vhost)
    async with Client(url) as hr:
        await hr.send(hr.wrap(SomethingHappened(person="p")), command=False)
        with pytest.raises(NotAllowed, match="may not send"):
            await hr.send(hr.wrap(r.CloseRegistration(programme_id="p")))
    with pytest.raises(NotAllowed, match="hr reads no events"):
        await Client(url, keys=(m.TandemFormed.name,)).__aenter__()


async def test_a_forged_user_id_is_refused_by_the_broker(broker: Broker) -> None:
    with pytest.raises((ChannelPreconditionFailed, ChannelInvalidStateError)):
        await broker.publish("portal", COMMANDS, r.Withdraw.name, user_id="office")


# What goes round the topics' rights, and ends at the service's own check


async def test_a_key_in_cc_brings_no_command_to_who_would_act_on_it(broker: Broker) -> None:
    """Brokers before RabbitMQ 4 check the first routing key alone."""
    body = enveloped(m.ApproveRound.name, "/portal", round_id="r")
    try:
        await broker.publish(
            "portal", COMMANDS, r.Withdraw.name, body, user_id="portal", headers={"CC": [m.ApproveRound.name]}
        )
    except REFUSED:
        return
    found = await broker.read_by("matching", "commands")
    await broker.arrived("registration.commands")
    assert found.fault is not None
    assert found.fault.startswith("wrong_key")


async def test_a_dead_letter_under_another_key_is_refused_by_the_service(broker: Broker) -> None:
    """Where a queue's dead letters go is checked by the exchange's name alone, not by the topic's rights."""
    body = enveloped(m.ApproveRound.name, "/portal", round_id="r")
    arguments: Any = {"x-message-ttl": 0, "x-dead-letter-exchange": COMMANDS}
    async with await broker.connect("portal") as connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange("portal.round-about", "fanout", auto_delete=True)
        queue = await channel.declare_queue(
            "portal.round-about",
            exclusive=True,
            arguments={**arguments, "x-dead-letter-routing-key": m.ApproveRound.name},
        )
        await queue.bind(exchange)
        await exchange.publish(aio_pika.Message(body, user_id="portal"), "")
        signed = await broker.read_by("matching", "commands")
        await exchange.publish(aio_pika.Message(body), "")
        unsigned = await broker.read_by("matching", "commands")
    for found in (signed, unsigned):
        assert found.preset is not None
        assert [reason.code for reason in found.preset.refusals] == ["not_allowed"]


@pytest.mark.parametrize("user", ["hr", "calendar"])
async def test_who_says_facts_has_no_queue_whose_dead_letters_could_be_another_s_facts(
    broker: Broker, user: str
) -> None:
    async with await broker.connect(user) as connection:
        await refuses(connection, lambda channel: channel.declare_queue(f"{user}.mine"))
        await refuses(connection, lambda channel: channel.declare_exchange(f"{user}.mine", "fanout"))


async def test_a_service_that_writes_into_another_s_queue_is_not_heard(broker: Broker) -> None:
    """It may write to the default exchange, for replies; that leads to any queue, under the queue's name as key."""
    body = enveloped(s.DayStarted.name, "/tandem/scheduling", date="2031-01-01")
    await broker.publish("matching", "", "evaluation.events", body, user_id="matching")
    found = await broker.read_by("evaluation", "events")
    assert found.fault is not None
    assert found.fault.startswith("wrong_key")


async def test_what_somebody_else_writes_into_the_queue_for_replies_is_not_believed(broker: Broker) -> None:
    """Services may write to the default exchange: what another says there in a service's name is a fault."""
    shown = s.PersonShown.name
    data = {"request_id": "r", "service": "scheduling", "number": 0, "parts": 1, "holdings": []}
    body = enveloped(shown, "/tandem/scheduling", **data)
    for sender in ("matching", None):
        await broker.publish("matching", "", "registration.replies", body, user_id=sender)
        found = await broker.read_by("registration", "replies")
        assert found.fault is not None
        assert found.fault.startswith("not_the_owner")
    await broker.publish("scheduling", "", "registration.replies", body, user_id="scheduling")
    assert (await broker.read_by("registration", "replies")).fault is None
    event = enveloped(m.TandemFormed.name, "/tandem/matching")
    await broker.publish("matching", "", "registration.replies", event, user_id="matching")
    found = await broker.read_by("registration", "replies")
    assert found.fault is not None


@pytest.mark.parametrize("user", topology.people())
async def test_nobody_beside_the_services_writes_into_the_queue_for_replies(broker: Broker, user: str) -> None:
    """Neither straight, nor by an exchange or by dead letters of their own."""
    name = "registration.replies"
    with pytest.raises(REFUSED):
        await broker.publish(user, "", name, user_id=user)
    if user in ("hr", "calendar"):
        return  # they declare neither
    dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": name, "x-message-ttl": 0}
    async with await broker.connect(user) as connection:
        own = await connection.channel()
        await own.declare_exchange(f"{user}.round-about", "fanout", auto_delete=True)
        await refuses(connection, binds, name, f"{user}.round-about", "")
        await refuses(
            connection,
            lambda channel: channel.declare_queue(f"{user}.round-about", exclusive=True, arguments=dict(dead)),
        )
    assert await (await broker.admin.get_queue(name, ensure=False)).get(fail=False, no_ack=True) is None


def enveloped(name: str, source: str, **data: object) -> bytes:
    """A message as anybody can write it."""
    made = {"specversion": "1.0", "id": uuid.uuid4().hex, "source": source, "type": f"tandem.{name}", "data": data}
    return json.dumps(made).encode()


async def refuses(connection: AbstractConnection, attempt: Callable[..., Awaitable[Any]], *what: Any) -> None:
    """The broker refuses it, on a channel of its own: a refusal closes the channel."""
    channel = await connection.channel()
    with pytest.raises(REFUSED):
        await attempt(channel, *what)


async def binds(channel: AbstractChannel, queue: str, exchange: str, key: str, arguments: Any = None) -> None:
    """Bind a queue."""
    await (await channel.get_queue(queue, ensure=False)).bind(exchange, key, arguments=arguments)


async def binds_exchange(channel: AbstractChannel, inner: str, outer: str, key: str) -> None:
    """Bind an exchange to another."""
    await (await channel.get_exchange(inner, ensure=False)).bind(outer, key)


async def deletes(channel: AbstractChannel, queue: str) -> None:
    """Delete a queue."""
    await channel.queue_delete(queue)


async def purges(channel: AbstractChannel, queue: str) -> None:
    """Empty a queue."""
    await (await channel.get_queue(queue, ensure=False)).purge()


async def gets(channel: AbstractChannel, queue: str) -> None:
    """Take one message."""
    await (await channel.get_queue(queue, ensure=False)).get(fail=False)


async def consumes(channel: AbstractChannel, queue: str) -> None:
    """Take all that comes."""

    async def take(message: AbstractIncomingMessage) -> None:
        raise AssertionError(f"{queue} gave something away")

    await (await channel.get_queue(queue, ensure=False)).consume(take)


# Who may read what

WILDCARDS = (CONTACT, "#", "*.*.*", "registration.#", "registration.*.v1", "*.contact-recorded.*", "#.v1")
KINDS = ("topic", "headers", "fanout", "direct")


@pytest.mark.parametrize("user", [user for user in topology.people() if user != "mail"])
async def test_nobody_but_mail_binds_contacts_by_whatever_way(broker: Broker, user: str) -> None:
    async with await broker.connect(user) as connection:
        queue = f"{user}.mine"
        if user in ("hr", "calendar"):
            await refuses(connection, lambda channel: channel.declare_queue(queue, exclusive=True))
            return
        own = await connection.channel()
        await own.declare_queue(queue, exclusive=True)
        for kind in KINDS:
            await own.declare_exchange(f"{user}.{kind}", kind, auto_delete=True)
            await binds(own, queue, f"{user}.{kind}", "#")
        for key in WILDCARDS:
            match = {"x-match": "any", "content_type": "application/cloudevents+json"}
            await refuses(connection, binds, queue, EVENTS, key)
            await refuses(connection, binds, queue, EVENTS, key, match)
            for kind in KINDS:
                await refuses(connection, binds_exchange, f"{user}.{kind}", EVENTS, key)
        # The exchange is the administrator's too: nothing of what was tried has left a way.
        exchange = await broker.admin.get_exchange(EVENTS, ensure=False)
        await exchange.publish(aio_pika.Message(SECRET.encode()), CONTACT)
        assert await (await own.get_queue(queue, ensure=False)).get(fail=False) is None


@pytest.mark.parametrize("user", discovery.service_names())
async def test_a_service_binds_nothing_to_its_queues_and_makes_no_other(broker: Broker, user: str) -> None:
    async with await broker.connect(user) as connection:
        await refuses(connection, lambda channel: channel.declare_queue(f"{user}.mine", exclusive=True))
        await refuses(connection, lambda channel: channel.declare_queue(exclusive=True))
        await refuses(connection, lambda channel: channel.declare_exchange(f"{user}.mine", "fanout"))
        for kind in ("commands", "events", "quarantine"):
            queue = f"{user}.{kind}"
            await refuses(connection, deletes, queue)
            for exchange, key in ((EVENTS, CONTACT), (EVENTS, "#"), (COMMANDS, "#")):
                await refuses(connection, binds, queue, exchange, key)


async def test_mail_binds_contacts_and_nothing_else_of_registration(broker: Broker) -> None:
    async with await broker.connect("mail") as connection:
        own = await connection.channel()
        await own.declare_queue("mail.contacts", exclusive=True)
        for key in (CONTACT, r.PersonAddressed.name):
            await binds(own, "mail.contacts", EVENTS, key)
        for key in (r.ParticipantRegistered.name, m.TandemFormed.name, "#", "registration.#"):
            await refuses(connection, binds, "mail.contacts", EVENTS, key)


@pytest.mark.parametrize("user", topology.users())
async def test_nobody_declares_deletes_empties_or_reads_another_s_queue(broker: Broker, user: str) -> None:
    others = [name for name in topology.queues(SERVICES.values()) if not name.startswith(f"{user}.")]
    readable = {"ops": ".quarantine", "office": topology.UNROUTED}.get(user, "-")
    async with await broker.connect(user) as connection:
        await refuses(connection, lambda channel: channel.declare_queue("somebody.new", exclusive=True))
        await refuses(connection, lambda channel: channel.exchange_delete(COMMANDS))
        await refuses(connection, lambda channel: channel.exchange_delete(EVENTS))
        for name in others:
            await refuses(connection, deletes, name)
            await refuses(connection, binds, name, COMMANDS, m.ApproveRound.name)
            if not name.endswith(readable):
                for attempt in (purges, gets, consumes):
                    await refuses(connection, attempt, name)


# Ops


async def test_ops_list_queues_and_their_numbers(broker: Broker) -> None:
    async with broker.managed("ops") as ops:
        listed = (await ops.get(f"queues/{quote(broker.vhost, safe='')}")).raise_for_status().json()
        assert set(topology.queues(SERVICES.values())) <= {queue["name"] for queue in listed}
        for page in ("overview", "nodes", "connections", "channels", "consumers", f"bindings/{broker.vhost}"):
            assert (await ops.get(page)).status_code == 200, page


async def test_ops_read_no_body_whichever_way_they_ask(broker: Broker) -> None:
    queues = ("registration.commands", "matching.events", topology.UNROUTED, topology.DEAD)
    for name in queues:
        await broker.admin.default_exchange.publish(aio_pika.Message(SECRET.encode()), name)
    ask = {"count": 5, "ackmode": "ack_requeue_true", "encoding": "auto", "truncate": 50_000}
    try:
        async with broker.managed("ops") as ops:
            for name in queues:
                path = f"queues/{broker.vhost}/{name}"
                answer = await ops.post(f"{path}/get", json=ask)
                assert answer.is_client_error, name
                assert SECRET not in answer.text
                assert SECRET not in (await ops.get(path)).text
                assert (await ops.delete(f"{path}/contents")).is_client_error
                assert (await ops.delete(path)).is_client_error
        async with await broker.connect("ops") as connection:
            for name in queues:
                for attempt in (gets, consumes):
                    await refuses(connection, attempt, name)
    finally:
        for name in queues:
            assert (await broker.arrived(name)).body == SECRET.encode(), "it is still there, whoever asked"


async def test_ops_read_notices_of_the_quarantine_and_their_own_queue(broker: Broker) -> None:
    ask = {"count": 1, "ackmode": "ack_requeue_false", "encoding": "auto"}
    notice = aio_pika.Message(b'{"reason": "wrong_shape"}')
    await broker.admin.default_exchange.publish(notice, "matching.quarantine")
    async with broker.managed("ops") as ops, await broker.connect("ops") as connection:
        answer = await ops.post(f"queues/{broker.vhost}/matching.quarantine/get", json=ask)
        assert [found["payload"] for found in answer.json()] == ['{"reason": "wrong_shape"}']
        queue = await (await connection.channel()).declare_queue("ops.answers", exclusive=False, auto_delete=True)
        await broker.admin.default_exchange.publish(aio_pika.Message(b"answer"), queue.name)
        found = await queue.get(timeout=10, no_ack=True)
        assert found.body == b"answer"
        await queue.delete()


async def test_ops_change_nothing_through_the_management_interface(broker: Broker) -> None:
    vhost = broker.vhost
    tries: list[tuple[str, str, object]] = [
        ("PUT", f"queues/{vhost}/somebody.new", {"durable": True}),
        ("PUT", f"exchanges/{vhost}/somebody.new", {"type": "fanout"}),
        ("DELETE", f"exchanges/{vhost}/{EVENTS}", None),
        ("POST", f"bindings/{vhost}/e/{EVENTS}/q/matching.quarantine", {"routing_key": CONTACT}),
        ("PUT", f"policies/{vhost}/mine", {"pattern": ".*", "definition": {"max-length": 1}}),
        ("PUT", f"operator-policies/{vhost}/mine", {"pattern": ".*", "definition": {"max-length": 1}}),
        ("PUT", f"parameters/shovel/{vhost}/mine", {"value": {"src-queue": "matching.events"}}),
        ("PUT", "users/somebody", {"password": "x", "tags": "administrator"}),
        ("PUT", "users/ops", {"password": "x", "tags": "administrator"}),
        ("PUT", f"permissions/{vhost}/ops", {"configure": ".*", "write": ".*", "read": ".*"}),
        ("GET", "users", None),
        ("GET", "permissions", None),
        ("GET", "definitions", None),
        ("POST", "definitions", {"users": []}),
        ("DELETE", f"vhosts/{vhost}", None),
    ]
    before = await everything(broker)
    async with broker.managed("ops") as ops:
        for method, path, body in tries:
            assert await refused_by_management(ops, method, path, body), (method, path)
        assert await everything(broker) == before
        end = time.monotonic() + 20
        admins: list[str] = []
        while not admins:  # counted once a second
            assert time.monotonic() < end, "the administrator's connection is not listed"
            links = (await ops.get("connections")).json()
            admins = [link["name"] for link in links if link.get("user") == broker.rabbit.admin_user]
        assert (await ops.delete(f"connections/{quote(admins[0], safe='')}")).is_client_error


async def refused_by_management(ops: httpx.AsyncClient, method: str, path: str, body: object) -> bool:
    """Whether the management interface refuses; RabbitMQ 3.10 says some refusals by hanging up after five seconds."""
    try:
        answer = await ops.request(method, path, json=body)
    except httpx.RemoteProtocolError:
        return True
    return answer.is_client_error


async def everything(broker: Broker) -> dict[str, set[str]]:
    """What stands in the virtual host and who is known, by name, as the administrator sees it."""
    rabbit, vhost = broker.rabbit, broker.vhost
    kinds = ("queues", "exchanges", "bindings", "policies", "operator-policies", "permissions", "topic-permissions")
    found: dict[str, set[str]] = {}
    async with httpx.AsyncClient(
        base_url=f"{rabbit.management_url}/api/", auth=(rabbit.admin_user, rabbit.admin_password), trust_env=False
    ) as admin:
        places = [f"vhosts/{vhost}/{kind}" if "permissions" in kind else f"{kind}/{vhost}" for kind in kinds]
        for place in (*places, "users"):
            rows = (await admin.get(place)).raise_for_status().json()
            fixed = ("name", "source", "destination", "routing_key", "pattern", "tags", "user", "exchange")
            found[place] = {json.dumps({k: row.get(k) for k in (*fixed, "configure", "write", "read")}) for row in rows}
    # Users are the whole node's, and other tests make some too.
    found["users"] = {row for row in found["users"] if json.loads(row)["name"] in ("ops", "somebody")}
    return found


async def test_ops_publish_nothing_of_others_through_the_management_interface(broker: Broker) -> None:
    letter = {"properties": {}, "payload": "{}", "payload_encoding": "string"}

    async def refused(exchange: str, key: str) -> bool:
        async with broker.managed("ops") as ops:
            path = f"exchanges/{broker.vhost}/{exchange}/publish"
            return await refused_by_management(ops, "POST", path, {**letter, "routing_key": key})

    ways = ((EVENTS, s.DayStarted.name), (COMMANDS, m.ApproveRound.name), ("amq.default", "matching.commands"))
    assert all(await asyncio.gather(*(refused(*way) for way in ways)))
    for name in ("matching.commands", "matching.events", "scheduling.events"):
        assert await (await broker.admin.get_queue(name, ensure=False)).get(fail=False, no_ack=True) is None


@pytest.mark.parametrize("user", [user for user in topology.users() if user != "ops"])
async def test_no_other_user_looks_through_the_management_interface(broker: Broker, user: str) -> None:
    async with broker.managed(user) as other:
        assert (await other.get("queues")).status_code == 401
