"""Draws a picture for a terminal of 80 columns or more."""

import datetime as dt

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from shared.cli.top.picture import Picture, QueueRow, ServiceRow
from shared.runtime.topology import DEAD, UNROUTED

MOST_JOBS = 6
MOST_PROBLEMS = 12
BUSY = 1000
"""A queue with more messages is shown in yellow."""
OLD = 60.0
"""Seconds after which an age is shown in yellow."""


def screen(shown: Picture, hint: str = "") -> RenderableType:
    """Everything, with a hint beside the time."""
    parts: list[RenderableType] = [_head(shown, hint), _queues(shown), _services(shown)]
    if shown.jobs:
        parts.append(_jobs(shown))
    if shown.problems:
        parts.append(_problems(shown))
    return Group(*parts)


def _head(shown: Picture, hint: str) -> RenderableType:
    line = Text.assemble(("Tandem ", "bold"), f"{shown.at.astimezone():%Y-%m-%d %H:%M:%S}", (f"   {hint}", "dim"))
    return Group(line, *(Text(f"! {text}", style="bold red") for text in shown.trouble))


def _table(title: str, *columns: str, left: int = 1) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number < left else "right", no_wrap=True)
    return table


def _queues(shown: Picture) -> Table:
    names = ("queue", "depth", "in/s", "out/s", "age", "cons", "wait", "retry", "quar")
    table = _table("", *names)
    of = {row.name: row for row in shown.services}
    for row in shown.queues:
        service, _, kind = row.name.partition(".")
        if kind == "quarantine" or (row.name in (UNROUTED, DEAD) and not row.depth):
            continue
        owner = of.get(service)
        # A service keeps what waits, fails and is refused for both its queues: said once.
        kept = _kept(owner) if owner is not None and kind == "commands" else ("", "", "")
        table.add_row(*_queue(row, strange=row.name in (UNROUTED, DEAD)), *kept)
    return table


def _queue(row: QueueRow, *, strange: bool) -> tuple[str | Text, ...]:
    depth = "red" if strange else "yellow" if row.depth > BUSY else ""
    alone = "red" if not row.consumers and not strange else ""
    return (
        Text(row.name),
        Text(f"{row.depth:,}", style=depth),
        _rate(row.rate_in),
        _rate(row.rate_out),
        _age(row.age),
        Text("" if strange else str(row.consumers), style=alone),
    )


def _kept(row: ServiceRow) -> tuple[Text, Text, Text]:
    waiting, retry = ("?", "?") if row.trouble and not row.alive else (f"{row.waiting:,}", f"{row.retry:,}")
    return (
        Text(waiting),
        Text(retry, style="yellow" if row.retry else ""),
        Text(f"{row.quarantined:,}", style="bold red" if row.quarantined else ""),
    )


def _services(shown: Picture) -> Table:
    names = ("service", "ready", "handled/s", "batch", "ms", "outbox", "jobs", "day", "version")
    table = _table("", *names)
    table.columns[-1].overflow = "ellipsis"
    for row in shown.services:
        if not row.alive and row.trouble:
            state = Text("slow", style="yellow") if row.slow else Text("down", style="bold red")
            table.add_row(row.name, state, *[""] * 7)
            continue
        table.add_row(
            row.name,
            Text(f"{row.ready}/{row.alive}", style="green" if row.ready == row.alive else "bold red"),
            _rate(row.rate),
            "" if row.batch is None else f"{row.batch:g}",
            "" if row.seconds is None else f"{row.seconds * 1000:.0f}",
            Text(f"{row.outbox:,}", style="yellow" if row.outbox_age > OLD else ""),
            f"{row.jobs:,}",
            "" if row.day is None or row.day == dt.date.min else f"{row.day}",
            Text(row.version),
        )
    silent = [f"{row.name}: {row.silent} silent" for row in shown.services if row.silent]
    troubles = [f"{row.name} {row.trouble}" for row in shown.services if row.trouble]
    if silent or troubles:
        table.caption = Text("\n".join((*troubles, *silent)), style="red", overflow="fold")
        table.caption_justify = "left"
    return table


def _jobs(shown: Picture) -> Table:
    table = _table("", "job", "service", "who", "stage", "done", "since", "lease", left=4)
    for row in shown.jobs[:MOST_JOBS]:
        job = row.job
        total = f"/{job.total:,}" if job.total is not None else ""
        lease = (job.lease - shown.at).total_seconds() if job.lease else None
        table.add_row(
            job.job,
            row.service,
            Text(job.owner or "nobody"),
            Text(job.stage, style="bold red" if job.stage == "quarantine" else ""),
            f"{job.done:,}{total}" if job.done or total else "",
            _age((shown.at - job.since).total_seconds()),
            Text("" if lease is None else f"{lease:.0f}s", style="yellow" if lease is not None and lease < 0 else ""),
        )
    if len(shown.jobs) > MOST_JOBS:
        table.caption = Text(f"and {len(shown.jobs) - MOST_JOBS} more", style="dim")
        table.caption_justify = "left"
    return table


def _problems(shown: Picture) -> Table:
    table = _table("", "when", "service", "result", "type", "reason", left=5)
    for column in table.columns[-2:]:
        column.overflow, column.ratio = "ellipsis", 1
    for row in shown.problems[:MOST_PROBLEMS]:
        problem = row.problem
        style = "red" if problem.result in ("quarantined", "failed") else "yellow"
        when = f"{problem.at.astimezone():%H:%M:%S}"
        # Plain text: a reason may hold brackets.
        table.add_row(when, row.service, Text(problem.result, style=style), Text(problem.type), Text(problem.reason))
    return table


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 or rate == 0 else f"{rate:.1f}"


def _age(seconds: float | None) -> Text:
    if seconds is None:
        return Text("")
    style = "yellow" if seconds > OLD else ""
    if seconds < 100:
        return Text(f"{seconds:.1f}s" if seconds < 10 else f"{seconds:.0f}s", style=style)
    hours = seconds / 3600
    text = f"{seconds / 60:.0f}min" if hours < 2 else f"{hours:.0f}h" if hours < 72 else f"{hours / 24:.0f}d"
    return Text(text, style=style)
