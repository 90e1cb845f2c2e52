"""`python -m shared.runtime.declare`: makes everything in the broker and the database that the services need, once.

For a deployment: the environment says where the broker's management interface and the database are
(`TANDEM_MANAGEMENT_URL`, `TANDEM_MONGO_URL`, without a user), the administrator's password for each
(`TANDEM_RABBITMQ_PASSWORD`, `TANDEM_MONGO_PASSWORD`) and a password for each user (`TANDEM_PASSWORD_<USER>`); each
password also as a file (`…_FILE`). With `TANDEM_TLS_CA` the database is spoken to by TLS alone, and
so is the broker under an address `https://…`. What is away is waited for, a minute long. Doing it again changes only
passwords.
"""

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import Awaitable, Callable

import httpx
from pymongo import AsyncMongoClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from shared.runtime import discovery, topology
from shared.runtime.adapters.mongo_errors import words_of
from shared.runtime.secret_files import SecretError, secret
from shared.runtime.tls import Tls, TlsError, refusal, verified

PATIENCE = 60.0
PAUSE = 1.0
USER_EXISTS = 51003
PLAIN = re.compile(r"[A-Za-z0-9._~-]+")


class DeclareError(Exception):
    """Something is missing or refused; one line that says what to set."""


class Away(Exception):
    """A server does not answer, or not yet."""


def given(name: str) -> str:
    """A variable of the environment, or what its file holds; else empty. Raises DeclareError for a wrong file."""
    try:
        return secret(name)
    except SecretError as error:
        raise DeclareError(str(error)) from None


def needed(name: str) -> str:
    """The same. Raises DeclareError when it is not set."""
    value = given(name)
    if not value:
        raise DeclareError(f"set {name}")
    return value


def passwords() -> dict[str, str]:
    """The users for whom the environment holds a password; every service must have one. Raises DeclareError."""
    for service in discovery.service_names():
        needed(f"TANDEM_PASSWORD_{service.upper()}")
    found = {user: given(f"TANDEM_PASSWORD_{user.upper()}") for user in topology.users()}
    for user, password in found.items():
        if password and not PLAIN.fullmatch(password):
            raise DeclareError(
                f"TANDEM_PASSWORD_{user.upper()} stands in addresses: letters, digits and - . _ ~ only, please"
            )
    return {user: password for user, password in found.items() if password}


async def declare_broker(url: str, password: str, words: dict[str, str]) -> None:
    """Import the definitions through the broker's management interface. Raises DeclareError, Away."""
    try:
        async with httpx.AsyncClient(
            timeout=60, trust_env=False, auth=(topology.ADMIN, password), verify=verified()
        ) as client:
            answer = await client.post(f"{url.rstrip('/')}/api/definitions", json=topology.definitions(words))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise DeclareError("TANDEM_MANAGEMENT_URL is no address; write http://HOST:15672") from None
    except httpx.TransportError as error:
        why = refusal(error) or type(error).__name__
        raise Away(f"the broker's management interface does not answer ({why})") from error
    if answer.is_server_error:
        raise Away(f"the broker's management interface is not ready ({answer.status_code})")
    if answer.is_error:
        raise DeclareError(f"the broker refused the definitions: {answer.status_code} {answer.text[:300]}")


async def declare_database(url: str, password: str, words: dict[str, str]) -> None:
    """Give each service a user with rights on its own database only. Raises DeclareError, Away."""
    tls = Tls.of_environment()
    try:
        with contextlib.ExitStack() as stack:
            options = stack.enter_context(tls.for_mongo()) if tls else {}
            client = AsyncMongoClient[dict[str, object]](
                url, username=topology.ADMIN, password=password, serverSelectionTimeoutMS=5_000, **options
            )
    except (PyMongoError, ValueError) as error:
        raise DeclareError(f"TANDEM_MONGO_URL is no address ({error})") from None
    async with client:
        for service in discovery.service_names():
            database = client[f"tandem-{service}"]
            roles = [{"role": "readWrite", "db": database.name}]
            what = {"pwd": words[service], "roles": roles, "mechanisms": ["SCRAM-SHA-256"]}
            try:
                try:
                    await database.command({"createUser": service, **what})
                except OperationFailure as error:
                    if error.code != USER_EXISTS:
                        raise
                    await database.command({"updateUser": service, **what})
            except ConnectionFailure as error:
                raise Away(f"the database does not answer ({words_of(error)})") from error
            except OperationFailure as error:
                raise DeclareError(f"the database refused the user {service} (code {error.code})") from error


async def patiently(attempt: Callable[[], Awaitable[None]], patience: float) -> None:
    """Try again what is away, until it answers. Raises DeclareError after `patience` seconds."""
    end = time.monotonic() + patience
    while True:
        try:
            await attempt()
            return
        except Away as error:
            if time.monotonic() >= end:
                raise DeclareError(f"{error}; is it running?") from error
        await asyncio.sleep(PAUSE)


async def declare(patience: float = PATIENCE) -> None:
    """Declare everything that the environment says. Raises DeclareError in one line."""
    words = passwords()
    management, broker_password = needed("TANDEM_MANAGEMENT_URL"), needed("TANDEM_RABBITMQ_PASSWORD")
    mongo, database_password = needed("TANDEM_MONGO_URL"), needed("TANDEM_MONGO_PASSWORD")
    await patiently(lambda: declare_broker(management, broker_password, words), patience)
    await patiently(lambda: declare_database(mongo, database_password, words), patience)


def main() -> None:
    """Declare everything; one line and exit code 2 if it cannot be done."""
    try:
        asyncio.run(declare())
    except (DeclareError, TlsError) as error:
        print(f"tandem: {error}", file=sys.stderr)  # noqa: T201 - the one line that an operator reads
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
