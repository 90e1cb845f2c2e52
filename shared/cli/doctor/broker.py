"""Checks of the broker: pure, from facts to findings."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from shared.cli.doctor.facts import Broker, Facts, Finding, is_intake
from shared.runtime import topology
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.topology import DEAD, UNROUTED, Binding

DECLARE = "declare again: `docker compose run --rm declare` (on one machine: restart `./tandem up`)"
OLDEST_BROKER = (3, 10)
FLAGS = ("durable", "auto_delete", "internal")
"""What an exchange is declared with beside its type and arguments."""


def answers(facts: Facts) -> Iterator[Finding]:
    """The broker's management can be asked."""
    if isinstance(facts.broker, str):
        yield Finding("unseen", "management", facts.broker, "without it nothing of the broker was checked")


def version(facts: Facts) -> Iterator[Finding]:
    """RabbitMQ is not too old."""
    for broker in _broker(facts):
        parts = tuple(int(part) for part in broker.version.split(".")[:2] if part.isdigit())
        if parts < OLDEST_BROKER:
            yield Finding("fault", "broker version", f"RabbitMQ {broker.version}", "upgrade to 3.10 or newer")


def alarms(facts: Facts) -> Iterator[Finding]:
    """No alarm, every node runs."""
    for broker in _broker(facts):
        for node in broker.nodes:
            if not node.running:
                yield Finding("fault", "alarms", f"{node.name} does not run", "start it; see its log")
            if node.memory_alarm:
                do = "publishers are blocked: find the queue that grows (`tandem top`), give the node more memory"
                yield Finding("fault", "alarms", f"memory alarm on {node.name}", do)
            if node.disk_alarm:
                do = "publishers are blocked: make room on the broker's disk"
                yield Finding("fault", "alarms", f"disk alarm on {node.name}", do)


def queues(facts: Facts) -> Iterator[Finding]:
    """Every queue is there, of quorum type and with no argument but that, and no other."""
    for broker in _broker(facts):
        wanted = {queue["name"]: queue for queue in _wanted("queues")}
        found = {queue.name: queue for queue in broker.queues}
        for name in sorted(set(wanted) - set(found)):
            yield Finding("fault", "queues", f"the queue {name} is missing", DECLARE, {"queues": [wanted[name]]})
        for name in sorted(set(wanted) & set(found)):
            if found[name].kind != "quorum":
                do = "stop its service, empty and delete the queue, then declare again"
                yield Finding("fault", "queues", f"{name} is a {found[name].kind} queue, not a quorum queue", do)
            elif dict(found[name].arguments) != wanted[name]["arguments"]:
                do = "stop its service, empty and delete the queue, then declare again"
                what = f"{name} was declared with other arguments: {_names(found[name].arguments)}"
                yield Finding("fault", "queues", what, do)
        for name in sorted(set(found) - set(wanted)):
            # A user's own queues are named after it: replies and subscriptions of publishers.
            if name.split(".")[0] not in topology.people():
                do = "delete it if nobody reads it: it fills up"
                yield Finding("warning", "queues", f"{name} is no queue of ours", do)


def consumers(facts: Facts) -> Iterator[Finding]:
    """Every intake is read."""
    for broker in _broker(facts):
        for queue in broker.queues:
            if not is_intake(queue.name):
                continue
            if not queue.told:
                what = f"the broker says nothing of {queue.name} yet"
                yield Finding("unseen", "consumers", what, "look again in ten seconds; if it stays so, see its log")
            elif not queue.consumers:
                do = f"start {queue.name.partition('.')[0]}: nothing is lost, messages wait there"
                yield Finding("fault", "consumers", f"nobody reads {queue.name} ({queue.messages} messages)", do)


def exchanges(facts: Facts) -> Iterator[Finding]:
    """Our exchanges are there, of their type, to stay, and pass on what nobody takes."""
    ours = {exchange["name"]: exchange for exchange in _wanted("exchanges")}
    for broker in _broker(facts):
        found = {exchange.name: exchange for exchange in broker.exchanges}
        for name, wanted in sorted(ours.items()):
            kind = wanted["type"]
            if name not in found:
                what = f"the {kind} exchange {name} is missing"
                yield Finding("fault", "exchanges", what, DECLARE, {"exchanges": [wanted]})
                continue
            there = found[name]
            do = f"stop all services and delete it; {DECLARE}"
            if there.kind != kind:
                yield Finding("fault", "exchanges", f"{name} is a {there.kind} exchange, not a {kind} exchange", do)
            if other := [flag for flag in FLAGS if getattr(there, flag) != wanted[flag]]:
                what = f"{name} was declared with another {', '.join(other)}"
                yield Finding("fault", "exchanges", what, do)
            if dict(there.arguments) != wanted["arguments"]:
                what = f"{name} has the arguments {_said(there.arguments)}, not {_said(wanted['arguments'])}"
                yield Finding("fault", "exchanges", what, do)
        for name, there in sorted(found.items()):
            if name and not name.startswith("amq.") and name not in ours:
                what = f"{name} ({there.kind}) is no exchange of ours"
                yield Finding("warning", "exchanges", what, "delete it if unused")


def bindings(facts: Facts) -> Iterator[Finding]:
    """Each type goes to the queues of those whose table has it, and nowhere else."""
    for broker in _broker(facts):
        wanted = {
            Binding(each["source"], each["routing_key"], each["destination"]): each for each in _wanted("bindings")
        }
        for binding in sorted(set(wanted) - broker.bindings, key=str):
            what = f"{binding.key or 'everything'} does not reach {binding.queue}"
            yield Finding("fault", "bindings", what, DECLARE, {"bindings": [wanted[binding]]})
        for binding in sorted(broker.bindings - set(wanted), key=str):
            # The default exchange's own; and what users bound to queues of their own, as their rights allow.
            if binding.exchange == "" or binding.queue.split(".")[0] in topology.people():
                continue
            what = f"{binding.queue} gets {binding.key or 'everything'} of {binding.exchange}, which no table says"
            yield Finding("fault", "bindings", what, "remove the binding: who reads there may not be meant to")


def policies(facts: Facts) -> Iterator[Finding]:
    """Each queue of ours has the policy of ours that is for it, as it is now, and nothing beside: no other limit."""
    ours = {queue["name"] for queue in _wanted("queues")}
    for broker in _broker(facts):
        for queue in broker.queues:
            if not queue.told or queue.name not in ours:
                continue
            wanted = next((each for each in _wanted("policies") if re.match(each["pattern"], queue.name)), None)
            if wanted is None:
                if queue.definition:
                    what = f"{queue.name} should have no policy, and has {_names(queue.definition)}"
                    yield Finding("fault", "policies", what, f"remove {queue.policy or 'the operator policy'} from it")
            elif queue.policy != wanted["name"]:
                what = f"{queue.name} has {f'the policy {queue.policy}' if queue.policy else 'no policy'}"
                yield Finding("fault", "policies", what, f"remove what is above {wanted['name']}; {DECLARE}")
            elif dict(queue.definition) != wanted["definition"]:
                definition = wanted["definition"]
                other = {k for k in definition | queue.definition if queue.definition.get(k) != definition.get(k)}
                what = f"the policy of {queue.name} is another one in {_names(other)}"
                yield Finding("fault", "policies", what, f"remove operator policies for it; {DECLARE}")


def rights(facts: Facts) -> Iterator[Finding]:
    """Nobody may do more or less than the tables say; what only an administrator sees is checked if one asks."""
    for broker in _broker(facts):
        if "administrator" in broker.tags:
            yield Finding("fault", "rights", "ops is an administrator", "take the tag away: ops read no message")
        if broker.users is None:
            continue
        if isinstance(broker.users, str):
            yield Finding("unseen", "rights", broker.users, "without it users and rights were not compared")
            continue
        users = {user["name"]: user for user in _wanted("users")}
        permissions = {p["user"]: (p["configure"], p["write"], p["read"]) for p in _wanted("permissions")}
        topics = {(p["user"], p["exchange"]): (p["write"], p["read"]) for p in _wanted("topic_permissions")}
        admins = {name for name, tags in broker.users.tags.items() if "administrator" in tags}
        for name in sorted(set(users) - set(broker.users.tags)):
            yield Finding("fault", "rights", f"the user {name} is missing", DECLARE)
        for name in sorted(set(broker.users.tags) - set(users) - admins):
            yield Finding("warning", "rights", f"{name} is no user of ours", "delete it if nobody knows it")
        if len(admins) > 1:
            what = f"{len(admins)} administrators: {', '.join(sorted(admins))}"
            yield Finding("warning", "rights", what, "one is enough; delete the others")
        for name in sorted(set(users) & set(broker.users.tags)):
            if broker.users.tags[name] != frozenset(filter(None, users[name]["tags"].split(","))):
                yield Finding("fault", "rights", f"{name} has other tags than declared", DECLARE)
            if broker.users.permissions.get(name) != permissions[name]:
                yield Finding("fault", "rights", f"{name} has other permissions than declared", DECLARE)
            for exchange in (COMMANDS, EVENTS):
                if broker.users.topics.get((name, exchange)) != topics[name, exchange]:
                    what = f"{name} has other topic permissions on {exchange} than declared"
                    yield Finding("fault", "rights", what, DECLARE)


def left_over(facts: Facts) -> Iterator[Finding]:
    """No command that nobody takes, nothing that the broker dropped."""
    for broker in _broker(facts):
        for queue in broker.queues:
            if queue.name == UNROUTED and queue.messages:
                do = "somebody sends what no service takes: `tandem unrouted list`"
                yield Finding("warning", "unrouted", f"{queue.messages} commands that nobody takes", do)
            if queue.name == DEAD and queue.messages:
                what = f"{queue.messages} messages were delivered {topology.DELIVERY_LIMIT:,} times in vain"
                do = f"they lie in {DEAD}: docs/runbook.md#deadnotempty says what to type"
                yield Finding("fault", "unrouted", what, do)


def _broker(facts: Facts) -> tuple[Broker, ...]:
    return () if isinstance(facts.broker, str) else (facts.broker,)


def _names(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys)) or "none"


def _said(arguments: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(arguments.items())) or "none"


def _wanted(what: str) -> list[dict[str, Any]]:  # JSON
    found = _definitions()[what]
    assert isinstance(found, list)
    return found


@cache
def _definitions() -> dict[str, object]:
    return topology.definitions(dict.fromkeys(topology.users(), "-"))
