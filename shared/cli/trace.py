"""`tandem trace`: what became of a command, as a tree, from what each service remembers."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from shared.cli.addresses import Addresses, read_addresses
from shared.cli.client import ClientError
from shared.cli.views import answers, content_of
from shared.runtime.tls import verified

ALIKE = 5
"""More siblings of one type than this are told as a number."""


@dataclass
class Node:
    """One message or job: what each service did about it, in order, and what came of it."""

    id: str
    type: str
    times: list[dict[str, Any]] = field(default_factory=list)
    below: list["Node"] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The node with all below it."""
        return {"id": self.id, "type": self.type, "times": self.times, "below": [node.as_json() for node in self.below]}


def told(addresses: Addresses, correlation: str) -> list[dict[str, Any]]:
    """What every service remembers of a correlation id. Raises ClientError in one line."""
    headers = {"Authorization": f"Bearer {addresses['TANDEM_OPS_TOKEN']}"}
    found: list[dict[str, Any]] = []
    with httpx.Client(trust_env=False, timeout=30, headers=headers, verify=verified()) as client:
        for service, answer in answers(client, addresses.services, f"/trace/{quote(correlation, safe='')}"):
            found += content_of(service, answer, "TANDEM_OPS_TOKEN")
    return found


def tree_of(rows: Iterable[dict[str, Any]]) -> list[Node]:
    """Join by causation: who said a message is above it; what nobody here said is a root. Each list by time."""
    nodes: dict[str, Node] = {}
    above: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row["decided"], row["received"])):
        node = nodes.setdefault(row["id"], Node(row["id"], row["type"]))
        node.type = row["type"] if node.type == "unknown" else node.type
        node.times.append({key: value for key, value in row.items() if key not in ("id", "type", "causation", "said")})
        if row["causation"] and row["causation"] != row["id"]:
            above.setdefault(row["id"], row["causation"])
        for said in row["said"]:
            nodes.setdefault(said["id"], Node(said["id"], said["type"]))
            above[said["id"]] = row["id"]
    roots: list[Node] = []
    for id, node in nodes.items():
        parent = nodes.get(above.get(id, ""))
        (roots if parent is None or _above_itself(id, above) else parent.below).append(node)
    return roots


def _above_itself(id: str, above: dict[str, str]) -> bool:
    """Whether senders have named each other as their cause: what they say is theirs to answer for."""
    seen: set[str] = set()
    while id in above and id not in seen:
        seen.add(id)
        id = above[id]
    return id in above


def trace(
    correlation: Annotated[str, typer.Argument(help="the correlation id, as a command's answer carries it")],
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, everything in it")] = False,
    against: Annotated[Path | None, typer.Option(help="file with addresses; default .local/env")] = None,
) -> None:
    """Show what became of a command: its messages as a tree, with times, services, results and retries."""
    rows = told(read_addresses(against), correlation)
    if not rows:
        raise ClientError(
            f"no service remembers anything of {correlation!r}; it may be older than TANDEM_TRACE_DAYS, or private"
        )
    roots = tree_of(rows)
    if as_json:
        typer.echo(json.dumps([node.as_json() for node in roots], ensure_ascii=False))
        return
    picture = Tree(escape(correlation))
    _grow(picture, roots)
    Console().print(picture)


def _grow(tree: Tree, nodes: list[Node]) -> None:
    alike: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        alike[node.type].append(node)
    for type, group in alike.items():
        for node in group[:ALIKE]:
            _grow(tree.add(_line(node)), node.below)
        rest = group[ALIKE:]
        if rest:
            results = Counter(time["result"] for node in rest for time in node.times[-1:])
            words = ", ".join(f"{count} {result}" for result, count in sorted(results.items()))
            tree.add(f"[dim]and {len(rest)} more {escape(type)}{f' ({words})' if words else ''}; all with --json[/dim]")


def _line(node: Node) -> str:
    lines = [f"[bold]{escape(node.type)}[/bold] [dim]{escape(node.id)}[/dim]"]
    for time in node.times:
        well = time["result"] in ("handled", "done")
        result = time["result"] if well else f"[red]{time['result']}[/red]"
        attempt = f", attempt {time['attempts']}" if time["attempts"] > 1 else ""
        reason = f": {escape(time['reason'])}" if time["reason"] else ""
        unsaid = "" if time["published"] else " [red](not yet published)[/red]"
        clock = f"{time['received'][:19]} → {time['decided'][11:23]}"
        lines.append(f"  {time['service']} ({escape(time['replica'])}) {clock} {result}{attempt}{reason}{unsaid}")
    return "\n".join(lines)
