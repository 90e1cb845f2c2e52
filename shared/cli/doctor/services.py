"""Checks of services, their databases, clocks and this machine: pure, from facts to findings."""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from shared.cli.doctor.facts import Facts, Finding
from shared.runtime.ops import Ops

OLDEST_PYTHON = (3, 11)
OLDEST_MONGO = (8,)
"""The store writes with `bulkWrite` over several collections, which MongoDB has since 8.0."""
MOST_SKEW = 5.0
"""Seconds; leases last fifteen, and a claim on an outbox document ten."""
UNPUBLISHED = 60
LONG = dt.timedelta(days=3)
DAY_GRACE = dt.timedelta(hours=1)
"""After midnight a day may take so long until it is handled everywhere."""
JOB_GRACE = dt.timedelta(minutes=1)
MOST_TRIES = 3
LEAST_SPACE = 0.05
"""Of a disk; RabbitMQ and MongoDB stop before it is full."""


def answer(facts: Facts) -> Iterator[Finding]:
    """Every service answers, every replica can work."""
    for heard in facts.services:
        if heard.ops is None:
            do = f"start {heard.service}, see its log; nothing is lost meanwhile"
            if heard.slow:
                do = "it or its database is overloaded, or stands still: see the machine's load and its log"
            elif "TOKEN" in heard.trouble or "no token" in heard.trouble:
                do = "give the service and this command the same TANDEM_OPS_TOKEN"
            yield Finding("fault", "services", f"{heard.service} {heard.trouble}", do)
            continue
        for replica in heard.ops.replicas:
            if replica not in heard.ops.alive:
                what = f"{replica.name} has shown no life since {replica.at:%Y-%m-%d %H:%M:%S} UTC"
                yield Finding("warning", "services", what, "start it again; gone for good, it is forgotten in a day")
            for text in replica.status.down.values() if replica.status and replica in heard.ops.alive else ():
                yield Finding(
                    "fault", "services", f"{replica.name}: {text}", "mend what it names; it goes on by itself"
                )


def releases(facts: Facts) -> Iterator[Finding]:
    """The same release everywhere; while a rolling upgrade lasts it is not."""
    found: dict[tuple[str, str], list[str]] = {}
    for ops in _told(facts):
        for replica in ops.alive:
            release = replica.status.release if replica.status else ops.release
            found.setdefault((release.version, release.code), []).append(replica.name)
    if len(found) > 1:
        parts = sorted(f"{version}+{code[:7]}: {', '.join(names)}" for (version, code), names in found.items())
        yield Finding("warning", "releases", "; ".join(parts), "finish the upgrade: one release everywhere")
    here = facts.machine.release
    if len(found) == 1 and (here.version, here.code) not in found:
        [(version, code)] = found
        what = f"this command is {here.version}+{here.code[:7]}, the services are {version}+{code[:7]}"
        yield Finding("warning", "releases", what, "run the command of the same release: its tables are compared")


def versions(facts: Facts) -> Iterator[Finding]:
    """Python and MongoDB are not too old."""
    for ops in _told(facts):
        if ops.release.python and _version(ops.release.python) < OLDEST_PYTHON:
            yield Finding("fault", "versions", f"{ops.service} runs Python {ops.release.python}", "3.11 or newer")
        if ops.database.version and _version(ops.database.version) < OLDEST_MONGO:
            what = f"{ops.service}'s database is MongoDB {ops.database.version}"
            yield Finding("fault", "versions", what, "upgrade to 8.0 or newer")


def lock(facts: Facts) -> Iterator[Finding]:
    """What runs is what the lock file names."""
    told = [(ops.service, ops.release) for ops in _told(facts)] + [("this command", facts.machine.release)]
    for name, release in told:
        if release.differs:
            what = f"{name} runs other packages than locked: {', '.join(release.differs[:3])}"
            yield Finding("warning", "lock file", what, "build the image again, or delete .venv and start `./tandem`")
    if len({release.lock for _, release in told if release.lock}) > 1:
        yield Finding("warning", "lock file", "services have different lock files", "one release everywhere")


def clocks(facts: Facts) -> Iterator[Finding]:
    """Clocks agree: this machine's, the services', the database's, the broker's."""
    away = [(f"{h.service} and this machine", h.skew) for h in facts.services if h.ops is not None]
    for ops in _told(facts):
        away.append((f"{ops.service}'s database and {ops.service}", (ops.database.clock - ops.now).total_seconds()))
        ahead = max(((r.at - ops.now).total_seconds() for r in ops.replicas), default=0.0)
        away.append((f"replicas of {ops.service}", max(0.0, ahead)))
    if not isinstance(facts.broker, str) and facts.broker.skew is not None:
        away.append(("the broker and this machine", facts.broker.skew))
    for name, seconds in away:
        if abs(seconds) > MOST_SKEW:
            do = "let a time service (chrony, systemd-timesyncd) set the clocks: leases rest on them"
            yield Finding("fault", "clocks", f"the clocks of {name} differ by {abs(seconds):.0f} s", do)


def days(facts: Facts) -> Iterator[Finding]:
    """Each service has started and handled the day, an hour after midnight at the latest."""
    for ops in _told(facts):
        if ops.days != "clock":
            continue
        due = (ops.now - DAY_GRACE).astimezone(ZoneInfo(ops.zone or "UTC")).date()
        if ops.day.started is None or ops.day.started < due:
            what = f"{ops.service} has not started {due} (last: {ops.day.started or 'none'})"
            yield Finding("fault", "days", what, "scheduling starts days: see that it is ready, and that events flow")
        elif ops.day.handled is None or ops.day.handled < due:
            what = f"{ops.service} has not finished {due} (last: {ops.day.handled or 'none'})"
            yield Finding("fault", "days", what, "see its job `_day` in `tandem top`, and its quarantine")


def indexes(facts: Facts) -> Iterator[Finding]:
    """Every index is there."""
    for ops in _told(facts):
        for name in ops.database.missing:
            do = f"restart {ops.service}: it makes its indexes when it starts"
            yield Finding("fault", "indexes", f"{ops.service}'s database lacks the index {name}", do)
        for name in ops.database.foreign:
            do = "drop it unless you know it: each index makes writing slower"
            yield Finding("warning", "indexes", f"{ops.service}'s database has the index {name} of somebody else", do)


def outbox(facts: Facts) -> Iterator[Finding]:
    """What was decided is said within a minute."""
    for ops in _told(facts):
        age = ops.counts.get("outbox_age", 0)
        if age > UNPUBLISHED:
            do = "see alarms and rights above; it is published as soon as the broker takes it"
            yield Finding("fault", "outbox", f"{ops.service} has not published for {age} s", do)


def waiting(facts: Facts) -> Iterator[Finding]:
    """Nobody waits for days; nothing is in quarantine."""
    for ops in _told(facts):
        named = [waits for waits in ops.waits if ops.now - waits.since > LONG]
        for waits in named:
            what = f"{ops.service}: {waits.type} waits for {waits.awaits} since {waits.since:%Y-%m-%d}"
            do = f"`tandem trace {waits.correlation}`; find who should have said {waits.awaits}"
            yield Finding("warning", "waiting", what, do)
        if ops.waiting_since is not None and ops.now - ops.waiting_since > LONG and not named:
            what = f"{ops.service} has messages that wait since {ops.waiting_since:%Y-%m-%d}, and does not say which"
            yield Finding("warning", "waiting", what, f"see the queue and quarantine of whom {ops.service} hears")
        count = ops.counts.get("quarantined", 0)
        if count:
            do = "`tandem quarantine list`: the reason says what is wrong"
            yield Finding("warning", "quarantine", f"{ops.service} has {count} in quarantine", do)


def jobs(facts: Facts) -> Iterator[Finding]:
    """Each job is taken up, and does not fail again and again."""
    for ops in _told(facts):
        for job in ops.jobs:
            name = f"{ops.service}'s job {job.job} ({job.id[:8]})"
            if job.stage == "quarantine":
                continue  # counted in the quarantine
            if job.lease is not None and ops.now - job.lease > JOB_GRACE:
                what = f"{name} is taken by nobody since {job.lease:%Y-%m-%d %H:%M} UTC"
                yield Finding("fault", "jobs", what, f"see that a replica of {ops.service} is ready")
            elif job.attempts > MOST_TRIES:
                what = f"{name} is tried for the {job.attempts}th time"
                yield Finding("warning", "jobs", what, f"see the log of {ops.service} for its reason")


def disks(facts: Facts) -> Iterator[Finding]:
    """Room where the databases keep their data; a server that does not say how much is left out."""
    full: dict[str, int] = {}
    for ops in _told(facts):
        free, size = ops.database.free, ops.database.size
        if free is not None and size and free / size < LEAST_SPACE:
            full[ops.service] = free
    if full:
        what = f"{min(full.values()) / (1 << 30):.1f} GiB left on the disk of the database of {', '.join(full)}"
        yield Finding("fault", "disk", what, "make room there: the database stops before it is full")


def machine(facts: Facts) -> Iterator[Finding]:
    """Room on this machine's disk; addresses and secrets for nobody else's eyes."""
    here = facts.machine
    if here.size and here.free / here.size < LEAST_SPACE:
        what = f"{here.free / (1 << 30):.1f} GiB left where {here.folder} is"
        yield Finding("fault", "disk", what, "make room: broker and database stop before it is full")
    for name in here.open_files:
        yield Finding("fault", "secrets", f"others may read {name}", f"chmod 600 {name}; then change what stands in it")


def _told(facts: Facts) -> tuple[Ops, ...]:
    return tuple(heard.ops for heard in facts.services if heard.ops is not None)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())
