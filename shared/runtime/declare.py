"""`python -m shared.runtime.declare`: makes everything in the broker and the database that the services need, once.

For a deployment: from the environment it takes the administrators' addresses (`TANDEM_MANAGEMENT_URL`,
`TANDEM_MONGO_URL`) and a password for each user (`TANDEM_PASSWORD_<USER>`). Doing it again changes only
passwords.
"""

import asyncio
import os
import sys

import httpx
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from shared.runtime import discovery, topology

USER_EXISTS = 51003


class DeclareError(Exception):
    """Something is missing or refused; one line that says what to set."""


def _needed(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise DeclareError(f"set {name}")
    return value


def passwords() -> dict[str, str]:
    """The users for whom the environment holds a password; every service must have one. Raises DeclareError."""
    for service in discovery.service_names():
        _needed(f"TANDEM_PASSWORD_{service.upper()}")
    found = {user: os.environ.get(f"TANDEM_PASSWORD_{user.upper()}", "") for user in topology.users()}
    return {user: password for user, password in found.items() if password}


def declare_broker(url: str, words: dict[str, str]) -> None:
    """Import the definitions through the broker's management interface. Raises DeclareError."""
    try:
        answer = httpx.post(f"{url}/api/definitions", json=topology.definitions(words), timeout=60, trust_env=False)
    except httpx.TransportError as error:
        raise DeclareError(f"the broker's management interface does not answer ({type(error).__name__})") from error
    if answer.is_error:
        raise DeclareError(f"the broker refused the definitions: {answer.status_code} {answer.text[:300]}")


async def declare_database(url: str, words: dict[str, str]) -> None:
    """Give each service a user with rights on its own database only."""
    async with AsyncMongoClient[dict[str, object]](url, serverSelectionTimeoutMS=10_000) as client:
        for service in discovery.service_names():
            database = client[f"tandem-{service}"]
            roles = [{"role": "readWrite", "db": database.name}]
            what = {"pwd": words[service], "roles": roles, "mechanisms": ["SCRAM-SHA-256"]}
            try:
                await database.command({"createUser": service, **what})
            except OperationFailure as error:
                if error.code != USER_EXISTS:
                    raise DeclareError(f"the database refused the user {service} (code {error.code})") from error
                await database.command({"updateUser": service, **what})


def main() -> None:
    """Declare everything; one line and exit code 2 if it cannot be done."""
    try:
        words = passwords()
        declare_broker(_needed("TANDEM_MANAGEMENT_URL"), words)
        asyncio.run(declare_database(_needed("TANDEM_MONGO_URL"), words))
    except DeclareError as error:
        print(f"tandem: {error}", file=sys.stderr)  # noqa: T201 - the one line that an operator reads
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
