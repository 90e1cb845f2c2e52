"""The client for other services, against a real broker; what answers here is told by each test what to say."""

import asyncio
import datetime as dt
import secrets
import ssl
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import pytest
import trustme
from aio_pika.abc import AbstractIncomingMessage

from shared.client import (
    Client,
    NoAnswer,
    NobodyTakes,
    NotAllowed,
    NotConfirmed,
    NotLetIn,
    Rejected,
)
from shared.contracts import base, matching, registration
from shared.contracts.base import COMMANDS, EVENTS, Event, Text
from shared.local import LocalRabbit
from shared.local.system import ROOT
from shared.runtime import envelope
from shared.runtime.tls import Tls
from tests.support.servers import Vhost
from tests.support.tcp_proxy import TcpProxy

# The driver leaves the sockets of connections that were cut to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

TOPIC = registration.AddTopic(topic_id="chats", area="software", label=Text(de="Chats", en="Chats"))
LISTED = registration.TopicListed(topic_id="chats", area="software", label=Text(de="Chats", en="Chats"))
WISHES = matching.NameWishes(participant_id=str(uuid.UUID(int=1)), wishes=(), vetoes=())
REFUSED = registration.CommandRejected(
    command_id="1",
    command=TOPIC.name,
    reasons=(base.Reason(field="area", code="unknown_area", message=Text(de="Falsch.", en="Wrong.")),),
)


@dataclass
class Answering:
    """Takes commands and answers each with what the test said, to all or to the sender alone."""

    exchange: aio_pika.abc.AbstractExchange
    default: aio_pika.abc.AbstractExchange
    says: Event | None = LISTED
    taken: list[str] = field(default_factory=list)
    held: list[AbstractIncomingMessage] = field(default_factory=list)

    async def take(self, message: AbstractIncomingMessage) -> None:
        await message.ack()
        self.taken.append(envelope.read(message.body).id)
        self.held.append(message)
        if self.says is not None:
            await self.answer(message, self.says)

    async def answer(self, message: AbstractIncomingMessage, event: Event) -> None:
        made = envelope.wrap(
            event,
            id=secrets.token_hex(8),
            source="/tandem/registration",
            time=dt.datetime.now(dt.UTC),
            subject=event.subject,
            sequence=1,
            epoch=1,
            correlationid=envelope.read(message.body).correlation,
        )
        private = event.private and message.reply_to
        to, key = (self.default, str(message.reply_to)) if private else (self.exchange, event.name)
        await to.publish(aio_pika.Message(made.encode()), key)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a user may send `AddTopic` and `NameWishes`, and what answers there."""

    url: str
    user: str
    answering: Answering


@pytest.fixture
async def place(vhost: Vhost, rabbit: LocalRabbit) -> AsyncIterator[Place]:
    user, password = f"portal-{uuid.uuid4().hex[:8]}", "secret-of-this-test"
    connection = await aio_pika.connect(vhost.url)
    async with connection:
        channel = await connection.channel()
        exchanges = [await channel.declare_exchange(name, "topic", durable=True) for name in (COMMANDS, EVENTS)]
        queue = await channel.declare_queue("commands", durable=True)
        for command in (TOPIC, WISHES):
            await queue.bind(COMMANDS, command.name)
        sends, reads = (
            rf"^({TOPIC.name}|{WISHES.name}|registration\.withdraw\.v1)$",
            r"^registration\.(topic|command).*$",
        )
        mine = rf"^(tandem\.(commands|events)|{user}\..*)$"
        rights = ((COMMANDS, sends, "^$"), (EVENTS, "^$", reads))
        await rabbit.create_user(user, password, rf"^{user}\..*$", mine, mine, vhost.name, rights)
        answering = Answering(exchanges[1], channel.default_exchange)
        await queue.consume(answering.take)
        yield Place(rabbit.amqp_url(user, password, vhost.name), user, answering)


async def test_a_command_is_answered_by_the_event_of_its_type(place: Place) -> None:
    async with Client(place.url) as client:
        answers = await asyncio.gather(*(client.ask(TOPIC, registration.TopicListed) for _ in range(50)))
        assert {answer.event for answer in answers} == {LISTED}
        assert {answer.envelope.sequence for answer in answers} == {1}
        assert len({answer.envelope.correlation for answer in answers}) == 50, "each has its own"
        assert client._answers == {}, "what was told is not remembered"


async def test_a_refusal_carries_its_reasons(place: Place) -> None:
    place.answering.says = REFUSED
    async with Client(place.url) as client:
        with pytest.raises(Rejected, match=r"area: Wrong\. \(unknown_area\)") as refused:
            await client.ask(TOPIC, registration.TopicListed)
    assert refused.value.reasons == REFUSED.reasons


async def test_a_private_answer_comes_to_the_sender_s_own_queue(place: Place) -> None:
    assert matching.WishesNamed.private
    place.answering.says = matching.WishesNamed(participant_id=WISHES.participant_id, wishes=0, vetoes=0)
    async with Client(place.url) as client:
        answer = await client.ask(WISHES, matching.WishesNamed, actor=WISHES.participant_id)
    assert answer.event.participant_id == WISHES.participant_id


async def test_who_got_no_answer_asks_again_with_the_same_id_and_a_late_answer_counts(place: Place) -> None:
    answering = place.answering
    answering.says = None
    async with Client(place.url) as client:
        with pytest.raises(NoAnswer) as late:
            await client.ask(TOPIC, registration.TopicListed, limit=0.5)
        await answering.answer(answering.held[0], LISTED)
        answer = await client.ask(TOPIC, registration.TopicListed, id=late.value.id)
        assert answer.event == LISTED
        assert answering.taken[0] == late.value.id
        assert set(answering.taken) == {late.value.id}


async def test_a_client_with_a_name_finds_after_a_restart_what_was_said_meanwhile(place: Place) -> None:
    answering = place.answering
    answering.says = None
    async with Client(place.url, name="web-1") as client:
        with pytest.raises(NoAnswer) as late:
            await client.ask(TOPIC, registration.TopicListed, limit=0.5)
    await answering.answer(answering.held[0], LISTED)
    async with Client(place.url, name="web-1") as client:
        client.expect(late.value.id)
        assert (await anext(client.answers(late.value.id, 10))).name == LISTED.name


async def test_what_is_not_allowed_is_said_and_harms_nothing_that_is(place: Place) -> None:
    async with Client(place.url) as client:
        many = [client.ask(TOPIC, registration.TopicListed) for _ in range(20)]
        refused = client.publish(registration.ChangePlaces(programme_id="p", places=1, replaces=1))
        *answers, error = await asyncio.gather(*many, refused, return_exceptions=True)
        assert isinstance(error, NotAllowed)
        assert str(error) == f"{place.user} may not send registration.change-places.v1; send it as another user"
        assert [answer for answer in answers if isinstance(answer, BaseException)] == []
        with pytest.raises(NotAllowed, match=r"may not read matching\.round-solved\.v1"):
            await client.ask(TOPIC, matching.RoundSolved)
        assert (await client.ask(TOPIC, registration.TopicListed)).event == LISTED, "it goes on"


async def test_a_command_that_nobody_takes_is_said(place: Place) -> None:
    async with Client(place.url) as client:
        with pytest.raises(NobodyTakes, match="is its service running"):
            await client.publish(registration.Withdraw(participant_id=str(uuid.UUID(int=1))))


async def test_a_cut_connection_comes_back_and_while_it_is_away_nothing_is_confirmed(place: Place) -> None:
    async with TcpProxy(place.url) as proxy, Client(proxy.url) as client:
        await client.ask(TOPIC, registration.TopicListed)
        proxy.away = True
        proxy.cut()
        with pytest.raises(NotConfirmed) as away:
            await client.publish(TOPIC, limit=1)
        proxy.away = False
        answer = await client.ask(TOPIC, registration.TopicListed, id=away.value.id, limit=30)
        assert answer.envelope.correlation == away.value.id


async def test_no_password_stands_in_what_may_be_logged(place: Place) -> None:
    assert "secret-of-this-test" not in repr(Client(place.url))


async def test_a_wrong_password_is_called_so(place: Place) -> None:
    with pytest.raises(NotLetIn, match="by this password"):
        async with Client(place.url.replace("secret", "wrong")):
            pass


# TLS


@pytest.fixture
async def encrypted(place: Place) -> AsyncIterator[tuple[str, trustme.CA, Callable[[], Awaitable[None]]]]:
    """The broker behind TLS with a certificate of a throw-away CA."""
    ca = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("localhost").configure_cert(context)
    parts = urlsplit(place.url)
    tasks: set[asyncio.Task[None]] = set()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(parts.hostname, parts.port)
        tasks.update(asyncio.create_task(copy(*way)) for way in ((reader, inner_writer), (inner_reader, writer)))

    async def end() -> None:
        await asyncio.gather(*tasks, return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        credentials = parts.netloc.rpartition("@")[0]
        port = server.sockets[0].getsockname()[1]
        yield parts._replace(scheme="amqps", netloc=f"{credentials}@localhost:{port}").geturl(), ca, end
        await end()


async def test_an_encrypted_address_is_held_to_the_ca_of_the_setting(
    encrypted: tuple[str, trustme.CA, Callable[[], Awaitable[None]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, ca, _ = encrypted
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("TANDEM_TLS_CA", str(tmp_path / "ca.pem"))
    async with Client(url) as client:
        assert (await client.ask(TOPIC, registration.TopicListed)).event == LISTED
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with pytest.raises(NotLetIn, match="is TANDEM_TLS_CA its CA"):
        async with Client(url, tls=Tls(ca=tmp_path / "other.pem")):
            pass
    with pytest.raises(NotLetIn, match="names no CA"):
        async with Client(url, tls=Tls(ca=tmp_path / "nothing.pem")):
            pass


# What it needs

CLOSURE = """
import sys
import shared.client, shared.contracts.registration, shared.contracts.matching
import shared.contracts.scheduling, shared.contracts.evaluation
print("\\n".join(sys.modules))
"""
BROUGHT = {"aio_pika", "aiormq", "pamqp", "yarl", "multidict", "propcache", "idna"} | {
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "typing_inspection",
    "exceptiongroup",
}
"""aio-pika, pydantic, and what these two bring with them."""
OURS = (
    "shared.client",
    "shared.contracts",
    "shared.runtime.envelope",
    "shared.runtime.trace",
    "shared.runtime.aggregate",
    "shared.runtime.adapters.rabbit_connection",
    "shared.runtime.tls",
)


def test_it_needs_aio_pika_and_pydantic_and_nothing_else() -> None:
    run = subprocess.run([sys.executable, "-c", CLOSURE], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(run.stdout.split())
    tops = {name.split(".")[0] for name in loaded}
    foreign = {t for t in tops - set(sys.stdlib_module_names) - BROUGHT if not t.startswith(("_", "cython"))}
    assert foreign == {"shared"}
    ours = {name for name in loaded if name.startswith("shared.")} - {"shared.runtime", "shared.runtime.adapters"}
    assert {name for name in ours if not name.startswith(OURS)} == set()
