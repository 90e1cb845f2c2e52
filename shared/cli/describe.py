"""`tandem describe`: every service's table as it stands, without a broker."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from shared.contracts.base import Command
from shared.runtime import discovery
from shared.runtime.batch import Retries
from shared.runtime.engine import MARKS, SUSPICIOUS, Limits
from shared.runtime.jobs import ENDS
from shared.runtime.table import Ask, Due, Fact, Job, Piece, Row, Service


def describe(
    service: Annotated[str, typer.Argument(help="only this service")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Print message, state, decision, what it may say, and the retry and quarantine policy of every row."""
    services = (discovery.load(service),) if service else discovery.load_all()
    tables = {each.name: [row_of(row) for row in (*each.rows,)] for each in services}
    if as_json:
        typer.echo(json.dumps({"policy": policy(), "services": tables}, ensure_ascii=False))
        return
    console = Console(width=None if Console().is_terminal else 180)
    for each in services:
        console.print(_table(each, tables[each.name]))
    console.print("\n".join(policy()))


def row_of(row: Row) -> dict[str, Any]:
    """One row, in words."""
    if isinstance(row, Job):
        work = row.work if isinstance(row.work, str) else row.work.__name__
        return {
            "on": f"job {row.name}",
            "from": "itself",
            "state": row.inputs.__name__,
            "decision": work.rpartition(":")[2] + (" (own process)" if row.heavy else ""),
            "says": [],
            "starts": [],
            "hands": [piece.__name__ for piece in row.hands],
        }
    loader = row.loader if isinstance(row, Due) else row.load
    said: dict[str, Any] = {
        "state": loader.__name__ if not isinstance(row, Due) or row.load else row.aggregate.kind,
        "decision": row.decide.__name__,
        "says": [contract.name for contract in row.says],
        "starts": list(row.starts),
        "hands": [],
    }
    if isinstance(row, Due):
        return {"on": f"date of {row.aggregate.kind}", "from": "calendar", **said}
    if isinstance(row, Piece):
        return {"on": f"piece {row.on.__name__}", "from": "itself", **said}
    senders = ", ".join(sorted(row.on.senders)) if issubclass(row.on, Command) else row.on.owner
    return {"on": row.on.name, "from": senders, **said}


def policy() -> list[str]:
    """What happens to a message that fails, waits, or kills its process; the same for every row."""
    delays = ", ".join(f"{delay:g}" for delay in Retries().delays)
    return [
        f"fails: decided again after {delays} seconds, then quarantine",
        "waits for its cause: parked until the subject comes, never counted; waiting_long tells after three days",
        "cannot be read, unknown type or wrong shape: quarantine at once; a known command: rejected with reasons",
        f"delivered more than {SUSPICIOUS} times: marked and handled alone; {MARKS} marks: quarantine",
        f"a job that fails: {Limits().job_attempts} attempts, then quarantine; whose process ends: {ENDS} more",
    ]


def _table(service: Service, rows: list[dict[str, Any]]) -> Table:
    title = f"{service.name}: {sum(isinstance(r, Ask) for r in service.rows)} commands, "
    title += f"{sum(isinstance(r, Fact) for r in service.rows)} facts"
    table = Table("on", "from", "state", "decision", "may say, start, hand over", title=title, title_justify="left")
    for row in rows:
        says = [name.partition(".")[2].removesuffix(".v1") for name in row["says"]]
        more = [*says, *(f"job {job}" for job in row["starts"]), *(f"piece {piece}" for piece in row["hands"])]
        table.add_row(row["on"], row["from"], row["state"], row["decision"], ", ".join(more))
    return table
