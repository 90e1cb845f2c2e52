"""`tandem doctor --repair`: shows what is wrong and what would be done about it, then does it when it is told to.

`plan(...)` only looks. `carry_out(...)` does the steps that a command can do; the others say what a person must do.
"""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import typer

from shared.cli.addresses import AddressError, Addresses
from shared.cli.broker_parts import in_words, look, make
from shared.cli.client import Client, ClientError
from shared.cli.comparison import Asker, Difference, lasting
from shared.cli.doctor.facts import EXIT, Definitions, Finding, Severity
from shared.cli.management import as_admin
from shared.contracts import base
from shared.runtime import discovery, topology

UNDER_WAY = 2.0
"""Seconds between two looks: what a message under way will mend by itself is no fault."""
SAY_LIMIT = 600.0
"""Seconds for an owner to say everything again."""
WHY = "doctor --repair"
"""What stands in a service's record of first aid."""
SHOWN = 5
"""So many ids are named in a line; `--json` names all."""


What = Literal["declare", "start-job", "say-again", "raise-epoch", "forgotten", "taken-back", "not-seen"]
SEVERITY: dict[What, Severity] = {
    "declare": "fault",
    "start-job": "warning",
    "say-again": "fault",
    "raise-epoch": "fault",
    "forgotten": "warning",
    "taken-back": "warning",
    "not-seen": "unseen",
}
"""How bad it is while it is not done, as doctor has it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, in words. `by_hand`: no command can do it, so `text` says what a person does."""

    what: What
    service: str
    text: str
    by_hand: bool = False
    id: str = ""
    ids: tuple[str, ...] = ()
    parts: Definitions = field(default_factory=dict)


def plan(addresses: Addresses, pause: float = UNDER_WAY) -> list[Step]:
    """Look, and say what would be done, in the order in which it is to be done; who cannot be asked comes last.

    Raises ClientError when nobody answers at all.
    """
    asker = Asker(addresses)
    found = [*_broker(addresses), *_jobs(asker), *_holdings(asker, pause)]
    if len(asker.silent) == len(addresses.services) and [step.what for step in found] == ["not-seen"]:
        raise ClientError(f"neither broker nor services can be asked: {next(iter(asker.silent.values()))}")
    return [
        *found,
        *(_not_seen(f"{service}, and what others know of it", why) for service, why in sorted(asker.silent.items())),
    ]


def _broker(addresses: Addresses) -> list[Step]:
    async def ask() -> list[Finding]:
        async with as_admin(addresses) as management:
            return await look(management)

    try:
        found = asyncio.run(ask())
    except (ClientError, AddressError) as error:
        return [_not_seen("exchanges, queues, bindings and policies", str(error))]
    return [
        Step("declare", "", in_words(finding.parts), parts=finding.parts)
        if finding.parts
        else Step("declare", "", f"{finding.what}: {finding.do}", by_hand=True)
        for finding in found
    ]


def _not_seen(what: str, why: str) -> Step:
    return Step("not-seen", "", f"not looked at: {what} ({why})", by_hand=True)


def _jobs(asker: Asker) -> list[Step]:
    """Jobs in quarantine: a day, a round, a plan or a report that stands still until somebody starts it again."""
    found = []
    for service in asker.addresses.services:
        rows: list[dict[str, Any]] = []
        with contextlib.suppress(ClientError):
            rows = asker.get(service, "/quarantine")
        for row in rows:
            if row["type"].startswith("job:"):
                name = row["type"].removeprefix("job:").removeprefix("_")
                text = f"start the job {name} of {service} again (in quarantine since {row['since']}: {row['reason']})"
                found.append(Step("start-job", service, text, id=row["id"]))
    return found


def _holdings(asker: Asker, pause: float) -> list[Step]:
    first = asker.differences()
    if not first:
        return []
    time.sleep(pause)
    return steps_of(lasting(first, asker.differences()))


def steps_of(differences: Sequence[Difference]) -> list[Step]:
    """What is to be done about what owners and readers hold differently."""
    found: list[Step] = []
    raised: dict[str, int] = {}
    behind: dict[str, Counter[str]] = {}
    for each in differences:
        if each.ahead:
            raised[each.owner] = max(raised.get(each.owner, 0), each.highest_epoch + 1)
        if each.behind:
            behind.setdefault(each.owner, Counter())[f"{each.reader} ({each.kind})"] += len(each.behind)
    for owner, epoch in sorted(raised.items()):
        text = (
            f"readers know more than {owner} has: it was restored from a backup. Set TANDEM_EPOCH of {owner} to "
            f"{epoch} (in compose TANDEM_EPOCH_{owner.upper()}) and start it again; it then says everything by itself"
        )
        found.append(Step("raise-epoch", owner, text, by_hand=True, id=str(epoch)))
    for owner, readers in sorted(behind.items()):
        if owner not in raised:
            who = ", ".join(f"{reader}: {number}" for reader, number in sorted(readers.items()))
            found.append(Step("say-again", owner, f"have {owner} say everything again; behind are {who}"))
    found += _by_id("forgotten", [(each, each.forgotten) for each in differences])
    found += _by_id("taken-back", [(each, each.taken_back) for each in differences])
    return found


def _by_id(
    what: Literal["forgotten", "taken-back"], differences: Iterable[tuple[Difference, Mapping[str, str | None]]]
) -> list[Step]:
    """What no command can mend, a step for each kind of a programme, with the ids for the office."""
    known: dict[tuple[str, str, str], set[str]] = {}
    for each, ids in differences:
        for id, programme in ids.items():
            known.setdefault((each.owner, each.kind, programme or ""), set()).add(id)
    found = []
    for (owner, kind, programme), named in sorted(known.items()):
        some = ", ".join(sorted(named)[:SHOWN]) + (", …" if len(named) > SHOWN else "")
        where = f" of {programme}" if programme else ""
        text = REMEDY[what].format(owner=owner, count=len(named), kind=f"{kind}{where}", ids=some)
        found.append(Step(what, owner, text, by_hand=True, ids=tuple(sorted(named))))
    return found


REMEDY = {
    "forgotten": (
        "{owner} has forgotten {count} {kind} that readers know: {ids}. Tell the office: whoever asked for it asks "
        "again (the same person gets the same id, and readers take the new state)"
    ),
    "taken-back": (
        "{owner} says an older state of {count} {kind} than readers knew: {ids}. Tell the office: what was changed "
        "since the backup (a profile, a consent, a withdrawal) is changed again"
    ),
}


async def carry_out(addresses: Addresses, steps: Sequence[Step]) -> list[str]:
    """Do what a command can do; what was done and what could not be, a line each."""
    parts = [step.parts for step in steps if step.parts]
    asked = [step for step in steps if step.what in ("start-job", "say-again")]
    done: list[str] = []
    if parts:
        done.append(await _made(addresses, parts))
    if asked:
        done += await _all_asked(addresses, asked)
    return done


async def _made(addresses: Addresses, parts: Sequence[Definitions]) -> str:
    try:
        async with as_admin(addresses) as management:
            return f"done: made {await make(management, parts)} things in the broker"
    except (ClientError, AddressError) as error:
        return f"not done: {error}"


async def _all_asked(addresses: Addresses, steps: Sequence[Step]) -> list[str]:
    keys = topology.readable(discovery.load_all(), "ops")
    try:
        async with Client({"ops": addresses.amqp("ops")}, keys) as client:
            return [await _tried(client, step) for step in steps]
    except (ClientError, AddressError) as error:
        return [f"not done: {error}"]


async def _tried(client: Client, step: Step) -> str:
    """One that fails keeps nobody from the others."""
    try:
        return f"done: {await _asked(client, step)}"
    except ClientError as error:
        return f"not done: {error}"


async def _asked(client: Client, step: Step) -> str:
    """Send a step's command and wait for its own answer: what is said again comes under the same correlation id.

    Raises ClientError.
    """
    service = discovery.load(step.service)
    command: base.Command
    if step.what == "start-job":
        command, what = (
            service.common(base.ReplayQuarantined).model_validate({"id": step.id, "why": WHY}),
            "jobs started again",
        )
        answer = service.common(base.QuarantineReplayed).name
    else:
        command, what = service.common(base.SayStateAgain)(), "subjects said again"
        answer = service.common(base.StateSaidAgain).name
    sent = client.wrap(command, "ops")
    await client.publish(sent, "ops")
    async for event in client.answers(sent.id, SAY_LIMIT):
        if event.name == answer:
            return f"{step.service}: {event.data['count']} {what}"
        if event.name == service.common(base.CommandRejected).name:
            raise ClientError(f"{step.service}: {event.data['reasons'][0]['message']['en']}")
    raise ClientError(f"{step.service} did not answer within {SAY_LIMIT:g} seconds; is it running?")


def repair(addresses: Addresses, *, yes: bool, as_json: bool) -> int:
    """Show what would be mended, then mend it: the broker's parts, jobs that stand still, readers that are behind.

    The exit code is that of the worst that is left.
    """
    steps = plan(addresses)
    if as_json:
        typer.echo(json.dumps([_as_json(step) for step in steps], ensure_ascii=False))
        return exit_code(steps)
    for line in shown(steps):
        typer.echo(line)
    if all(step.by_hand for step in steps):
        return exit_code(steps)
    if not yes and not typer.confirm("Do it?"):
        typer.echo("nothing was done")
        return exit_code(steps)
    for line in asyncio.run(carry_out(addresses, steps)):
        typer.echo(line)
    left = plan(addresses)
    if left:
        typer.echo("left:")
    for line in shown(left):
        typer.echo(line)
    return exit_code(left)


def exit_code(left: Sequence[Step]) -> int:
    """Doctor's exit code, of what is left to do."""
    return max((EXIT[SEVERITY[step.what]] for step in left), default=0)


def _as_json(step: Step) -> dict[str, Any]:
    return {name: value for name, value in asdict(step).items() if name != "parts"}


def shown(steps: Sequence[Step]) -> list[str]:
    """The steps as lines: what a command does, and what a person must do."""
    if not steps:
        return ["nothing is to be mended"]
    return [f"{'  by hand: ' if step.by_hand else '  '}{step.text}" for step in steps]
