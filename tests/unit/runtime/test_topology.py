"""The broker's rights, as it will read them: regular expressions on names and routing keys."""

import re
from typing import Any

import pytest

from shared.contracts.base import Command, Event
from shared.runtime import discovery, topology
from shared.runtime.batch import COMMANDS, EVENTS
from shared.runtime.say_again import owners_read
from shared.runtime.watch import personal_fields

SERVICES = discovery.load_all()
PASSWORDS = dict.fromkeys(topology.users(), "a password")
DEFINITIONS: dict[str, Any] = topology.definitions(PASSWORDS)


def may(user: str, what: str, name: str) -> bool:
    """What the broker checks first: the name of the exchange or queue."""
    [row] = [p for p in DEFINITIONS["permissions"] if p["user"] == user]
    return bool(re.search(row[what], name))


def may_topic(user: str, what: str, exchange: str, key: str) -> bool:
    """What the broker checks besides for a topic exchange."""
    [row] = [p for p in DEFINITIONS["topic_permissions"] if (p["user"], p["exchange"]) == (user, exchange)]
    return may(user, what, exchange) and bool(re.search(row[what], key))


@pytest.mark.parametrize("user", topology.users())
def test_nobody_may_declare_what_is_not_theirs(user: str) -> None:
    for name in (COMMANDS, EVENTS, "matching.commands", "registration.quarantine", topology.UNROUTED, "amq.topic"):
        assert not may(user, "configure", name)
    has_use_for_a_queue = user in topology.people() and user not in ("hr", "calendar")
    assert may(user, "configure", f"{user}.replies") == has_use_for_a_queue


def test_a_user_writes_to_an_exchange_only_if_it_has_something_to_say_there() -> None:
    def writers(exchange: str) -> set[str]:
        return {user for user in topology.users() if may(user, "write", exchange)}

    asking = {s.name for s in SERVICES if any(issubclass(said, Command) for said in topology.said_by(s))}
    assert writers(COMMANDS) == {"portal", "delegates", "office", "ops"} | asking
    assert writers(EVENTS) == {"hr", "calendar", *discovery.service_names()}
    assert writers("amq.default") == set(discovery.service_names())
    assert {user for user in topology.users() if may(user, "read", EVENTS)} == {*topology.people()} - {"hr", "calendar"}


def test_ops_alone_look_through_the_management_interface() -> None:
    assert {user["name"]: user["tags"] for user in DEFINITIONS["users"] if user["tags"]} == {"ops": "monitoring"}


def test_each_command_is_sent_by_whom_its_contract_names_and_nobody_else() -> None:
    for user in topology.users():
        role = topology.roles().get(user)
        for service in SERVICES:
            for contract in topology.contracts_of(service):
                senders = getattr(contract, "senders", None)
                if senders is not None:
                    mine = [c for s in SERVICES if s.name == user for c in topology.said_by(s)]
                    right = role in senders and (role != "service" or contract in mine)
                    assert may_topic(user, "write", COMMANDS, contract.name) == right, (user, contract.name)
    assert not may_topic("portal", "write", COMMANDS, "matching.approve-round.v1")
    assert may_topic("office", "write", COMMANDS, "matching.approve-round.v1")
    assert not may_topic("mail", "write", COMMANDS, "registration.register-mentor.v1")
    assert may_topic("matching", "write", COMMANDS, "registration.say-again.v1")
    assert not may_topic("evaluation", "write", COMMANDS, "registration.say-again.v1")
    for reader in SERVICES:
        for ask in owners_read(reader):
            assert may_topic(reader.name, "write", COMMANDS, ask.name), "asked for under a raised epoch"
    assert may_topic("matching", "write", COMMANDS, "registration.say-state-again.v1")
    assert may_topic("registration", "write", COMMANDS, "matching.say-state-again.v1"), "it reads the reserve list"
    assert not may_topic("matching", "write", COMMANDS, "scheduling.start-day.v1")


def test_nobody_says_the_events_of_another() -> None:
    said = {contract.name for service in SERVICES for contract in topology.said_by(service)}
    for user in topology.users():
        for key in said:
            owner = key.split(".")[0]
            if key.count(".") and owner in discovery.service_names():
                assert may_topic(user, "write", EVENTS, key) <= (user == owner), (user, key)
    assert may_topic("hr", "write", EVENTS, "hr.person-moved.v1")
    assert not may_topic("hr", "write", EVENTS, "calendar.busy-changed.v1")


def test_contacts_are_read_by_mail_alone_and_no_wildcard_goes_round_it() -> None:
    contact = "registration.contact-recorded.v1"
    for user in topology.people():
        assert may_topic(user, "read", EVENTS, contact) == (user == "mail")
        for pattern in ("#", "*.*.*", "registration.#", "registration.*.v1"):
            assert not may_topic(user, "read", EVENTS, pattern), (user, pattern)


def test_each_user_reads_what_it_needs_and_no_more() -> None:
    said = {c for service in SERVICES for c in topology.said_by(service) if issubclass(c, Event) and not c.private}
    everything = {c.name for c in said}

    def reads(user: str) -> set[str]:
        return {key for key in everything if may_topic(user, "read", EVENTS, key)}

    contacts = {"registration.contact-recorded.v1", "registration.release-asked.v1"}
    own = {"scheduling.absences-recorded.v1", "scheduling.delegate-named.v1"}
    assert reads("office") == everything - contacts - own
    who_gave_first_aid = ("quarantine-read.v1", "quarantine-edited.v1", "quarantine-replayed.v1")
    assert reads("portal") == {key for key in reads("office") if not key.endswith(who_gave_first_aid)} | own
    assert reads("hr") == reads("calendar") == set()
    letters = {key for key in everything if key.endswith(".person-addressed.v1")}
    others = {"registration.erasure-ordered.v1", "scheduling.invitation-written.v1"}
    assert reads("mail") == contacts | letters | others
    meetings = {key for key in everything if key.startswith("scheduling.meeting-")}
    assert len(meetings) == 9
    assert reads("delegates") == meetings | {"scheduling.command-rejected.v1"}
    kinds = {key.split(".")[1] for key in reads("ops")}
    assert kinds == {
        "day-started",
        "day-handled",
        "quarantine-replayed",
        "quarantine-read",
        "quarantine-edited",
        "quarantine-discarded",
        "unrouted-noted",
        "command-rejected",
        "round-progressed",
        "said-again",
        "state-said-again",
    }


def test_ops_read_that_something_happened_and_nothing_of_a_person() -> None:
    """Only who gave first aid, by an opaque id of ops' own."""
    for service in SERVICES:
        for contract in topology.said_by(service):
            if may_topic("ops", "read", EVENTS, contract.name):
                assert personal_fields([contract]) <= {"actor"}, contract.name


def test_who_sends_a_command_reads_its_rejection() -> None:
    for user, role in topology.PEOPLE.items():
        owners = {key.split(".")[0] for key in topology.sendable(SERVICES, role)}
        for owner in owners:
            assert may_topic(user, "read", EVENTS, f"{owner}.command-rejected.v1"), (user, owner)


def test_a_queue_is_read_by_its_owner_alone() -> None:
    for service in SERVICES:
        for kind in ("commands", "events"):
            readers = [u for u in topology.users() if may(u, "read", f"{service.name}.{kind}")]
            assert readers == [service.name]
        readers = [u for u in topology.users() if may(u, "read", f"{service.name}.quarantine")]
        assert set(readers) == {service.name, "ops"}
    for queue, who in ((topology.UNROUTED, ["office"]), (topology.DEAD, [])):
        assert [u for u in topology.users() if may(u, "read", queue)] == who, "bodies there may be personal"


def test_a_user_without_a_password_is_left_out() -> None:
    some: dict[str, Any] = topology.definitions({"portal": "a password"})
    assert [user["name"] for user in some["users"]] == ["portal"]
    assert "a password" not in str(some)


def test_the_delivery_limit_is_high_and_what_it_takes_is_kept() -> None:
    intake, unrouted = DEFINITIONS["policies"]
    assert intake["definition"]["dead-letter-routing-key"] == topology.DEAD
    assert unrouted["definition"]["dead-letter-exchange"] == COMMANDS, "what is given back goes where it came from"
    for policy in (intake, unrouted):
        assert policy["definition"]["delivery-limit"] >= 10_000
        assert policy["definition"]["dead-letter-strategy"] == "at-least-once"
    for queue in topology.queues(SERVICES):
        taken = queue.endswith((".commands", ".events", ".replies"))
        assert bool(re.search(intake["pattern"], queue)) == taken
        assert bool(re.search(unrouted["pattern"], queue)) == (queue == topology.UNROUTED)
