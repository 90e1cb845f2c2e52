"""What the demo tells at its end: figures, the tandems with why they were matched, and the report."""

import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared.cli.demo.driver import Pilot
from shared.cli.demo.tap import Passed, Tap
from shared.contracts import evaluation, matching, registration, scheduling
from shared.contracts.base import Command, Contract, Event
from shared.local.folders import write_private
from shared.runtime import asyncapi, discovery, envelope
from shared.runtime.batch import EVENTS


def figures(
    pilot: Pilot, report: dict[str, Any], tap: Tap, counted: dict[str, int], lost: int, seconds: float
) -> dict[str, Any]:
    """The demo's figures, as `--json` prints them."""
    world, programme = pilot.world, pilot.programme
    tandems = world.of("tandem", programme)
    meetings = world.of("meeting", programme)
    return {
        "programme": programme,
        "tandems": sum(1 for t in tandems if t["status"] == "completed"),
        "tandems_started": len(tandems),
        "tandems_ended_early": sum(1 for t in tandems if t["status"] == "ended"),
        "proposals": world.count(matching.PairProposed.name),
        "rejected_registrations": sum(
            1
            for rejected in pilot.rejected
            if rejected["command"] in (registration.RegisterMentor.name, registration.RegisterMentee.name)
        ),
        "on_reserve_list": len(world.of("reserve", programme, "waiting")),
        "meetings_scheduled": world.count(scheduling.MeetingScheduled.name),
        "meetings_held": sum(1 for x in meetings if x["status"] == "held"),
        "meetings_confirmed": sum(1 for x in meetings if x["known"] == "confirmed"),
        "meetings_assumed": sum(1 for x in meetings if x["known"] == "assumed"),
        "meetings_unknown": sum(1 for x in meetings if x["status"] == "unknown"),
        "agreements": sum(agreement["confirmed"] for agreement in world.of("agreement", programme)),
        "surveys_answered": world.count(evaluation.AnswersTaken.name),
        "report": {
            "version": report["version"],
            "final": report["final"],
            **{answer["question"]: answer["answer"] for answer in report["answers"]},
            "directions": {a["question"]: a["direction"] for a in report["answers"] if a["direction"]},
        },
        "messages_published": tap.published,
        "messages_handled": counted["handled"],
        "messages_repeated": tap.repeated,
        "duplicates_dropped": counted["duplicates"],
        "quarantined": counted["quarantined"],
        "lost": lost,
        "unsent": counted["outbox"],
        "seconds": round(seconds, 1),
    }


def show(console: Console, pilot: Pilot, report: dict[str, Any], found: dict[str, Any]) -> None:
    """The summary that a person reads."""
    keys, world = pilot.keys, pilot.world
    known: Counter[tuple[str, str]] = Counter()
    for meeting in world.of("meeting", pilot.programme):
        known[meeting["tandem_id"], meeting["known"] or meeting["status"]] += 1
    for tandem in sorted(world.of("tandem", pilot.programme), key=lambda t: (t["formed_on"], keys[t["mentor"]])):
        pair = f"{keys[tandem['mentor']]} and {keys[tandem['mentee']]}"
        confirmed, assumed, unknown = (known[tandem["tandem_id"], how] for how in ("confirmed", "assumed", "unknown"))
        how = f"{confirmed} confirmed, {assumed} assumed; {unknown} unknown"
        met = f"{confirmed + assumed} meetings held ({how}), {tandem['status']} on {tandem['ends_on']}"
        console.print(f"[bold]{pair}[/bold]: score {tandem['score']}, {met}", highlight=False)
        # The strongest topic of each direction; all reasons stand in what is written.
        strongest = {reason["code"]: reason["text"]["en"] for reason in reversed(tandem["reasons"])}
        for code in ("topic_for_mentee", "topic_for_mentor"):
            if code in strongest:
                console.print(f"    {strongest[code]}", highlight=False, markup=False)
    for place in world.of("reserve", pilot.programme, "waiting"):
        console.print(f"reserve list: {keys[place['participant_id']]}, {place['reason']['text']['en']}", markup=False)
    answers = Table("question", "answer", "in words", title=f"Report {report['version']} of {report['as_of']}")
    for answer in report["answers"]:
        answers.add_row(answer["question"], answer["answer"].replace("_", " "), escape(answer["text"]["en"]))
    console.print(answers)
    console.print(
        f"{found['messages_published']} messages published, {found['lost']} lost, {found['unsent']} batches unsent, "
        f"{found['quarantined']} in quarantine, {found['duplicates_dropped']} duplicates dropped, {found['seconds']} s"
    )


def write(folder: Path, pilot: Pilot, report: dict[str, Any], tap: Tap, found: dict[str, Any]) -> None:
    """Write what was published: every message, the newest state of each subject, the report and the figures.

    For its owner alone, and of this programme alone: others may live on the same broker.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = asyncapi.contracts(discovery.load_all())
    lines = (line(passed, pilot.programme, pilot.sent, known.get(passed.key)) for passed in tap.passed)
    write_private(folder / "messages.jsonl", "".join(f"{text}\n" for text in lines if text is not None))
    states = {
        subject: event.data
        for subject, event in sorted(pilot.world.states.items())
        if event.data.get("programme_id") in (None, pilot.programme)
    }
    for name, value in (("states", states), ("report", report), ("figures", found), ("people", pilot.ids)):
        write_private(folder / f"{name}.json", json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def line(passed: Passed, programme: str, sent: Collection[str], contract: type[Contract] | None) -> str | None:
    """A message as it is written, or None if it is another programme's.

    Only id, type and key of what is private, of contacts, of a command that others sent without naming a programme,
    and of what cannot be read.
    """
    try:
        read = envelope.read(passed.body)
    except envelope.NotAnEnvelope:
        read = None
    if read is not None and read.data.get("programme_id", programme) != programme:
        return None
    if read is not None and contract is not None and not _withheld(contract):
        mine = passed.exchange == EVENTS or "programme_id" in read.data or read.id in sent
        if mine:
            return passed.body.decode()
    kind = contract.name if contract is not None else "unknown"
    return json.dumps({"id": passed.id, "type": kind, "key": passed.key}, ensure_ascii=False)


def _withheld(contract: type[Contract]) -> bool:
    """Whether a contract's bodies are nobody's to keep: private ones, and contacts."""
    if issubclass(contract, Command | Event) and contract.private:
        return True
    return issubclass(contract, Event) and contract.about.startswith("contact/")
