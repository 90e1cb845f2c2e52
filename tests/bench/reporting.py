"""`python -m tests.bench.reporting`: the report of a large programme, its seconds and its peak of memory.

As in the service: one process knows the answers and hands them over as a line of JSON, another one, whose time and peak
of memory are shown, reads the line and makes the report. Python's start and the libraries' import are in the peak, and
not in the time.
"""

import argparse
import cProfile
import datetime as dt
import json
import pstats
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.evaluation.counting.model import Goals, KickOff, Meeting, Signs
from services.evaluation.documents import Wanted
from services.evaluation.jobs import Made
from services.evaluation.questionnaires import newest, possible
from services.evaluation.reporting.inputs import Asked, Given, ReportInputs
from services.evaluation.reports import published
from shared.contracts.base import Text
from shared.contracts.parts import Criteria, CriteriaVersion, Side, Term
from shared.runtime.worker import load_work
from tests.bench.matching.alone import alone
from tests.bench.matching.figures import duration, rows
from tests.bench.matching.machine import described, load

SIDES: tuple[Side, ...] = ("mentor", "mentee")
TERM = Term(starts=dt.date(2027, 2, 15), ends=dt.date(2027, 7, 14))
TIMES = {"baseline": 1, "pulse": 2, "mid-term": 1, "final": 1}
"""How often a person answers each questionnaire."""
TOPICS = tuple(f"topic-{number}" for number in range(60))
MEETINGS = 15
STEPS = ("report", "page")
MEBI = 1024
LIMIT = 600.0
"""Seconds after which a process is ended."""


def answers(questionnaire: str, tandems: int, rng: random.Random) -> Iterator[Given]:
    """Everybody's answers to a questionnaire, by ids as long as the keyed ones."""
    items = [(item.id, possible(item)) for item in newest(questionnaire).items]
    for tandem in range(tandems):
        for side in SIDES:
            for _ in range(TIMES[questionnaire]):
                given = {id: rng.choice(values) for id, values in items}
                person = f"00000000-0000-5000-8000-{side}{tandem:06d}"
                yield Given(person=person, cluster=f"00000000-0000-5000-9000-{tandem:012d}", side=side, answers=given)


def asked(questionnaire: str, tandems: int, rng: random.Random) -> Asked:
    """A questionnaire that nobody left unanswered."""
    found = newest(questionnaire)
    given = tuple(answers(questionnaire, tandems, rng))
    return Asked(version=found.version, items=found.items, answers=given, people=dict.fromkeys(SIDES, tandems))


def meetings(tandem: str, rng: random.Random) -> Iterator[Meeting]:
    """A tandem's meetings, each with a topic."""
    monday = TERM.starts - dt.timedelta(days=TERM.starts.weekday())
    for number in range(MEETINGS):
        yield Meeting(
            tandem=tandem,
            monday=monday + dt.timedelta(weeks=number),
            status=rng.choice(("held", "held", "held", "unknown", "cancelled")),
            known=rng.choice(("confirmed", "assumed")),
            topics=(rng.choice(TOPICS),),
        )


def inputs(tandems: int, insiders: int) -> ReportInputs:
    """What the job reads of a programme of so many tandems, at its end."""
    rng = random.Random(13)
    ids = tuple(f"00000000-0000-5000-a000-{number:012d}" for number in range(tandems))
    criteria = Criteria()
    return ReportInputs(
        programme_id="city",
        title=Text(de="Stadt", en="City"),
        term=TERM,
        scheduled=True,
        final=True,
        as_of=dt.date(2027, 8, 1),
        floor=5,
        insiders=insiders,
        rules_version=1,
        criteria=criteria,
        criteria_seal="seal",
        criteria_versions=(CriteriaVersion(holds_from=TERM.starts, criteria=criteria, seal="seal"),),
        reports=0,
        released=(),
        asked={name: asked(name, tandems, rng) for name in TIMES},
        tandems=ids,
        completed=tandems,
        ended_early=0,
        meetings_held=MEETINGS * tandems,
        meetings_confirmed=MEETINGS * tandems,
        meetings_assumed=0,
        meetings_unknown=0,
        meetings=tuple(meeting for tandem in ids for meeting in meetings(tandem, rng)),
        goals=tuple(Goals(id=tandem, agreed=True, open=1, reached=2, dropped=0) for tandem in ids),
        signs=tuple(Signs(id=tandem, rules=("tandem-silent",)) for tandem in ids[::10]),
        exceptions=tandems // 20,
        kick_off=KickOff(id="city", invited=2 * tandems, can_come=tandems, dates=20),
        earlier=(),
    )


def run(step: str, file: Path, profile: bool) -> dict[str, float]:
    """Make a report of inputs as a line, for `page` its page of it too: answers, seconds, MiB.

    `seconds`: on the clock; `processor`: of this process's own work, which other work on the machine hardly changes.
    """
    made, model = load_work("services.evaluation.reporting.make:make")
    show = load_work("services.evaluation.page.made:page_of")[0]
    libraries = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = file.read_bytes()
    profiler = cProfile.Profile()
    start, worked = time.perf_counter(), time.process_time()
    if profile:
        profiler.enable()
    given = model.model_validate_json(line)
    assert isinstance(given, ReportInputs)
    pieces = made(given)
    assert isinstance(pieces, tuple)
    [report] = pieces
    assert isinstance(report, Made)
    if step == "page":
        start, worked = time.perf_counter(), time.process_time()
        show(Wanted(report=published(report, 1, final=True), language="de"))
    seconds, processor = time.perf_counter() - start, time.process_time() - worked
    if profile:
        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("cumulative").print_stats(45)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers = sum(len(each.answers) for each in given.asked.values())
    return {
        "answers": answers,
        "line": len(line) / MEBI**2,
        "seconds": seconds,
        "processor": processor,
        "libraries": libraries / MEBI,
        "peak": peak / MEBI,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tandems", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--insiders", type=int, default=1)
    parser.add_argument("--step", choices=STEPS, help="this one alone, in this process, as JSON")
    parser.add_argument("--given", type=Path, help="with --step: the file with the line")
    parser.add_argument("--profile", action="store_true", help="with --step: where the time goes")
    given = parser.parse_args(arguments)
    if given.step:
        sys.stdout.write(json.dumps(run(given.step, given.given, given.profile)))
        return 0
    before = load()
    body = []
    for tandems in given.tandems:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            file = Path(folder, "line")
            file.write_text(inputs(tandems, given.insiders).model_dump_json(), encoding="utf-8")
            for step in STEPS:
                command = [sys.executable, "-m", "tests.bench.reporting", "--step", step, "--given", str(file)]
                said = json.loads(alone(command, LIMIT).said)
                times = (duration(said["seconds"]), duration(said["processor"]))
                sizes = (f"{said[name]:.0f}" for name in ("line", "libraries", "peak"))
                body.append((f"{tandems:,}", f"{said['answers']:,}", step, *times, *sizes))
    head = (
        "tandems",
        "answers",
        "what",
        "seconds",
        "of the processor",
        "MiB handed over",
        "MiB of libraries",
        "MiB at most",
    )
    sys.stdout.write("\n".join([described(before), "", *rows(head, body), ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
