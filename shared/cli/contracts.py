"""`tandem contracts`: AsyncAPI, JSON Schemas, the record of processing and the table of settings, written into docs."""

import json
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.given import write_all
from shared.contracts.base import Command
from shared.local.system import ROOT
from shared.runtime import asyncapi, discovery
from shared.runtime.compatibility import broken
from shared.runtime.settings import settings_table


def contracts(
    out: Annotated[Path, typer.Option(help="folder to write to")] = ROOT / "docs" / "asyncapi",
    data_map: Annotated[
        bool, typer.Option("--data-map", help="print the record of processing (Art. 30 GDPR) instead")
    ] = False,
) -> None:
    """Write AsyncAPI 3 and JSON Schemas, generated from tables and contracts."""
    if data_map:
        typer.echo(asyncapi.data_map_table(discovery.load_all()), nl=False)
        return
    texts = generated(out)
    breaks = broken_by(texts)
    if breaks:
        raise typer.BadParameter(
            f"{breaks[0]}; give it a new version (v2), or delete its schema if it was never published"
        )
    write_all(texts, "--out")
    typer.echo(f"written to {out}")


def generated(out: Path) -> dict[Path, str]:
    """Every generated file with its text."""
    services = discovery.load_all()
    found = {
        out / "asyncapi.json": _json(asyncapi.document(services)),
        out / "envelope.json": _json(asyncapi.envelope_schema()),
        out / "data-map.md": asyncapi.data_map_table(services),
        out / "settings.md": settings_table(),
    }
    for name, contract in asyncapi.contracts(services).items():
        found[out / "schemas" / f"{name}.json"] = _json(asyncapi.schema(contract))
    return found


def broken_by(texts: dict[Path, str]) -> list[str]:
    """What would break readers or senders of the schemas that stand there now, a line for each contract."""
    commands = {c.name for c in asyncapi.contracts(discovery.load_all()).values() if issubclass(c, Command)}
    found = []
    for path, text in texts.items():
        if path.parent.name != "schemas" or not path.is_file():
            continue
        published = json.loads(path.read_text(encoding="utf-8"))
        differences = broken(published, json.loads(text), command=path.stem in commands)
        if differences:
            found.append(f"{path.stem} would break who relies on it ({'; '.join(differences)})")
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
