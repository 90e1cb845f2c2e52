"""What must stand in the broker: exchanges, queues, bindings, policies, users and their rights, all from the tables.

Everything durable and of quorum type. What may have to change stands in policies, because the arguments of an existing
queue cannot be changed. Services declare nothing themselves (`configure ^$`).
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from shared.contracts.base import Command, Contract, Event, Role
from shared.runtime import discovery
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.every_row import every_row
from shared.runtime.ports import Intake
from shared.runtime.say_again import owners_read
from shared.runtime.table import Ask, Fact, Job, Service

UNROUTED = "tandem.unrouted"
"""Commands that nobody takes; their bodies may hold personal data."""
DEAD = "tandem.dead"
"""Where a broker puts what it would otherwise drop after very many deliveries; never used while all is well."""
DELIVERY_LIMIT = 100_000

PEOPLE: dict[str, Role] = {
    "portal": "person",
    "delegates": "delegate",
    "office": "office",
    "ops": "ops",
    "hr": "hr",
    "calendar": "calendar",
}
"""The broker's users beside the services, and whom each speaks for."""
ADMIN = "tandem-admin"
"""The administrator of broker and database, as the deployment makes it."""
MAIL = "mail"
"""The user of a service that writes to people: the only one that may read contacts."""
OPS = frozenset(
    {"day-started", "day-handled", "command-rejected", "round-progressed", "said-again", "state-said-again"}
    | {f"quarantine-{done}" for done in ("replayed", "read", "edited", "discarded")}
    | {"unrouted-noted"}
)
"""What ops read: that days and long work go on, and the answers to their own commands; never what is in a message."""
ADDRESSES = frozenset({"contact-recorded", "release-asked"})
"""What carries a mail address: for who writes to people, and nobody else."""
OWN = frozenset({"absences-recorded", "delegate-named"})
"""What a person says of themselves, for nobody else: the portal, which brought it, hears that it is kept. A list
of who was away when would be one of attendance; and who knows which of two has a delegate knows whose acted."""
TAGS = {"ops": "monitoring"}
"""Who may look through the management interface: at names and counts; a body needs the right to read its queue."""
NOTHING = "^$"


@dataclass(frozen=True, slots=True)
class Binding:
    """A routing key of an exchange, and the queue that it leads to."""

    exchange: str
    key: str
    queue: str


def contracts_of(service: Service) -> tuple[type[Contract], ...]:
    """Every message type that a service takes from the broker, the runtime's own included, by name."""
    found = {row.on for row in every_row(service) if isinstance(row, Ask | Fact)}
    return tuple(sorted(found, key=lambda contract: contract.name))


def said_by(service: Service) -> tuple[type[Contract], ...]:
    """Every message type that a service may say, by name."""
    rows = (*every_row(service), *service.dues.values())
    found = {said for row in rows if not isinstance(row, Job) for said in row.says}
    found.add(service.contracts.CommandRejected)
    # Under a raised epoch the runtime itself asks whom the table reads.
    found.update(owners_read(service))
    return tuple(sorted(found, key=lambda contract: contract.name))


def bindings(service: Service) -> tuple[Binding, ...]:
    """A service's bindings: each type in its table to the queue of commands or of events."""
    return tuple(
        Binding(COMMANDS, contract.name, f"{service.name}.commands")
        if issubclass(contract, Command)
        else Binding(EVENTS, contract.name, f"{service.name}.events")
        for contract in contracts_of(service)
        if not _answers_in_private(contract)
    )


def _answers_in_private(contract: type[Contract]) -> bool:
    return issubclass(contract, Event) and contract.private


def intakes(service: Service) -> tuple[Intake, ...]:
    """From which queues a service takes its messages; one for replies if it reads what others answer in private."""
    private = any(map(_answers_in_private, contracts_of(service)))
    return ("commands", "events", "replies") if private else ("commands", "events")


def every_binding(services: Iterable[Service]) -> tuple[Binding, ...]:
    """Every service's bindings, and that of the queue for what nobody takes."""
    return (*(binding for service in services for binding in bindings(service)), Binding(UNROUTED, "", UNROUTED))


def queues(services: Iterable[Service]) -> tuple[str, ...]:
    """Every queue, by name."""
    return (*(queue for service in services for queue in _own(service)), UNROUTED, DEAD)


def _own(service: Service) -> tuple[str, ...]:
    return tuple(f"{service.name}.{kind}" for kind in (*intakes(service), "quarantine"))


def roles() -> dict[str, Role]:
    """Whom each user of the broker speaks for; who is not listed may send no command."""
    return {**PEOPLE, **dict.fromkeys(discovery.service_names(), "service")}


def people() -> tuple[str, ...]:
    """The users beside the services."""
    return (*PEOPLE, MAIL)


def users() -> tuple[str, ...]:
    """Every user of the broker."""
    return (*people(), *discovery.service_names())


def readable(services: Iterable[Service], user: str) -> tuple[str, ...]:
    """The routing keys of events that a user beside the services may read: what it needs for its work, and no more."""
    said = {c for service in services for c in said_by(service) if issubclass(c, Event) and not c.private}
    return tuple(sorted(c.name for c in said if _reads(user, c)))


def _reads(user: str, event: type[Event]) -> bool:
    owner, what = event.owner, event.name.split(".")[1]
    contact = what in ADDRESSES
    if user == MAIL:
        # Whoever writes to people keeps addresses, and is told whose are to be erased.
        return contact or what in ("person-addressed", "invitation-written", "erasure-ordered")
    if user == "ops":
        return what in OPS
    if user == "delegates":
        return owner == "scheduling" and (what == "command-rejected" or what.startswith("meeting-"))
    if what in OWN:
        return user == "portal"
    # Who gave first aid is for ops and the office; who waits for an answer hears that it was given up.
    if user == "portal" and what in ("quarantine-read", "quarantine-edited", "quarantine-replayed"):
        return False
    return user in ("portal", "office") and not contact


def sendable(services: Iterable[Service], role: Role) -> tuple[str, ...]:
    """The routing keys of commands that a role may send."""
    taken = {c for service in services for c in contracts_of(service)}
    return tuple(sorted(c.name for c in taken if issubclass(c, Command) and role in c.senders))


def commands_of(services: Iterable[Service], user: str) -> tuple[str, ...]:
    """The routing keys of commands that a user of the broker may send: its role's, and a service just what it says."""
    role = roles().get(user)
    found = sendable(services, role) if role else ()
    if role != "service":
        return found
    said = {contract.name for service in services if service.name == user for contract in said_by(service)}
    return tuple(name for name in found if name in said)


def definitions(passwords: Mapping[str, str], vhost: str = "/") -> dict[str, object]:
    """Everything as RabbitMQ's definitions, to be imported. Passwords by user; a user without one is left out."""
    services = discovery.load_all()
    known = [user for user in users() if user in passwords]
    return {
        "users": [
            {
                "name": user,
                "password_hash": _password_hash(passwords[user]),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": TAGS.get(user, ""),
            }
            for user in known
        ],
        "permissions": [{"user": user, "vhost": vhost, **_permission(services, user)} for user in known],
        "topic_permissions": [
            {"user": user, "vhost": vhost, "exchange": exchange, **_topics(services, user, exchange)}
            for user in known
            for exchange in (COMMANDS, EVENTS)
        ],
        "exchanges": [
            _exchange(COMMANDS, "topic", vhost, {"alternate-exchange": UNROUTED}),
            _exchange(EVENTS, "topic", vhost, {}),
            _exchange(UNROUTED, "fanout", vhost, {}),
        ],
        "queues": [
            {
                "name": name,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": {"x-queue-type": "quorum"},
            }
            for name in queues(services)
        ],
        "bindings": [
            {
                "source": binding.exchange,
                "vhost": vhost,
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": binding.key,
                "arguments": {},
            }
            for binding in every_binding(services)
        ],
        "policies": [
            {
                "name": "tandem-intake",
                "vhost": vhost,
                "pattern": rf"^({_one_of(s.name for s in services)})\.({_one_of(get_args(Intake))})$",
                "apply-to": "queues",
                "priority": 1,
                # RabbitMQ 4 would drop after 20 deliveries; dropped connections count. The engine counts attempts.
                "definition": {
                    "delivery-limit": DELIVERY_LIMIT,
                    "dead-letter-exchange": "",
                    "dead-letter-routing-key": DEAD,
                    "dead-letter-strategy": "at-least-once",
                    "overflow": "reject-publish",
                },
            },
            {
                "name": "tandem-unrouted",
                "vhost": vhost,
                "pattern": f"^{re.escape(UNROUTED)}$",
                "apply-to": "queues",
                "priority": 1,
                # What the office gives back, the broker itself sends again: it keeps its sender's user-id. Looking puts
                # everything back, which counts as a delivery.
                "definition": {
                    "delivery-limit": DELIVERY_LIMIT,
                    "dead-letter-exchange": COMMANDS,
                    "dead-letter-strategy": "at-least-once",
                    "overflow": "reject-publish",
                },
            },
        ],
    }


def _exchange(name: str, kind: str, vhost: str, arguments: dict[str, str]) -> dict[str, object]:
    flags = {"durable": True, "auto_delete": False, "internal": False}
    return {"name": name, "vhost": vhost, "type": kind, **flags, "arguments": arguments}


def _permission(services: Collection[Service], user: str) -> dict[str, str]:
    """What a user may declare, write to and read from, as regular expressions on names.

    Who neither sends commands nor reads events has no use for a queue, and so may declare none: a queue's dead letters
    go where its owner may write, under any routing key, past the topic's rights.
    """
    topics = {exchange: _topics(services, user, exchange) for exchange in (COMMANDS, EVENTS)}
    writes = [exchange for exchange, topic in topics.items() if topic["write"] != NOTHING]
    reads = [exchange for exchange, topic in topics.items() if topic["read"] != NOTHING]
    if user not in people():
        # The default exchange: replies to senders' own queues, and notices.
        writes.append("amq.default")
        mine = [queue for service in services if service.name == user for queue in _own(service)]
        return {"configure": NOTHING, "write": _exactly(writes), "read": _exactly(mine)}
    more: list[str] = []
    if user == "ops":
        more = [f"{service.name}.quarantine" for service in services]
    elif user == "office":  # may read personal data, so also what nobody takes
        more = [UNROUTED]
    own = (rf"{re.escape(user)}\..*",) if COMMANDS in writes or reads else ()
    return {
        "configure": _any_of(*own),
        "write": _any_of(*own, *map(re.escape, writes)),
        "read": _any_of(*own, *map(re.escape, (*reads, *more))),
    }


def _topics(services: Collection[Service], user: str, exchange: str) -> dict[str, str]:
    """What a user may write to and bind from a topic exchange, as regular expressions on routing keys."""
    if exchange == COMMANDS:
        return {"write": _exactly(commands_of(services, user)), "read": NOTHING}
    if user in people():
        return {
            "write": rf"^{re.escape(user)}\..*$" if user in ("hr", "calendar") else NOTHING,
            # Key by key: a wildcard would be a way around what is left out.
            "read": _exactly(readable(services, user)),
        }
    # Not key by key: the release before this one may still say what this one's table does not know any more.
    return {"write": rf"^{re.escape(user)}\..*$", "read": NOTHING}


def _any_of(*patterns: str) -> str:
    return f"^({'|'.join(patterns)})$" if patterns else NOTHING


def _exactly(keys: Collection[str]) -> str:
    return _any_of(*map(re.escape, keys))


def _one_of(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in names)


def _password_hash(password: str) -> str:
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
